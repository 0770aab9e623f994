"""Evaluations by the workers of any executor like those of `concurrent.futures`."""

import math
import pickle
import time
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures import wait as wait_for_futures
from contextlib import suppress
from typing import Any

from siamnas.errors import InputError, PartlyFailed, literal, reason
from siamnas.search.architecture import Architecture
from siamnas.search.desk import Desk
from siamnas.search.evaluating import Hear, Outcome, Times, Train, evaluate, reports

GLANCE = 0.02  # seconds between two looks at futures that can't be waited for
WORKERS = 8  # evaluations at once in an executor that does not say how many it takes
QUEUED = ("PENDING", "CONFIGURING", "REQUEUED")  # what submitit says of jobs that wait for Slurm
FUTURE = ("done", "result", "cancel")  # what is asked of a future
Ended = list[tuple[Architecture, Outcome]]


class Futures:
    """The workers of an executor; see `executor.Engine`.

    Where an evaluation outlives its lease its place stays taken until it ends.

    Args:
        train: see `executor.run`.
        executor: see `executor.run`.
        workers: at once; None for those of the executor.
        lease: seconds, from when it was submitted; from when it has left the queue, where the executor says that.
        hear: of intermediate values.
        times: how often an architecture was evaluated before.
    """

    def __init__(
        self, train: Train, executor: Any, workers: int | None, lease: float, hear: Hear, times: Times
    ) -> None:
        self._train = train
        self._times = times
        self._executor = executor
        near = isinstance(executor, ThreadPoolExecutor | ProcessPoolExecutor)
        own = getattr(executor, "_max_workers", None)
        self._at_once = own if near else None
        self._workers = workers or own or WORKERS
        self._lease = lease
        self._running: dict[Any, tuple[Architecture, float]] = {}
        self._lost: dict[Any, tuple[Architecture, float]] = {}
        self._desk = Desk(hear, near) if reports(train) else None

    @property
    def room(self) -> int:
        """See `Engine`."""
        return self._workers - len(self._running) - len(self._lost)

    @property
    def running(self) -> list[Architecture]:
        """See `Engine`."""
        return [arch for arch, _ in self._running.values()]

    def start(self, arch: Architecture) -> None:
        """See `Engine`."""
        line = self._desk.line(arch) if self._desk else _unheard
        try:
            future = self._executor.submit(evaluate, self._train, arch, line, self._times(arch))
        except Exception as error:  # the one of Dask has errors of its own
            _check_sent(error)
            raise PartlyFailed(f"executor: takes no more work ({reason(error)})") from error
        if not all(hasattr(future, name) for name in FUTURE) or future in self._running:
            raise InputError(f"executor: its `submit` must return a new future each time, not {literal(future)}")
        try:
            future.done()
        except Exception as error:  # of submitit, which collects jobs, for example
            raise InputError(f"executor: its futures say nothing yet ({reason(error)}); leave its batch") from error
        self._running[future] = arch, time.monotonic()

    def ended(self, seconds: float) -> Ended:
        """See `Engine`."""
        _wait({**self._running, **self._lost}, seconds)
        found = []
        for future, (arch, began) in list(self._running.items()):
            if self._waits(future):
                self._running[future] = arch, time.monotonic()
                continue
            lasted = time.monotonic() - began
            if future.done():
                try:
                    found.append((arch, _outcome(future, lasted)))
                except PartlyFailed:
                    if found:  # what has ended before counts first
                        return found
                    raise
            elif lasted > self._lease:
                if future.cancel() is False:  # that of submitit cancels, and says nothing
                    self._lost[future] = arch, began
                found.append((arch, Outcome(math.nan, lasted, "", f"no value within {self._lease:g} s")))
            else:
                continue
            del self._running[future]
        found += self._late()
        self._check_places()
        return found

    def _waits(self, future: Any) -> bool:
        """Whether a training waits for a free worker, as far as that is known; a pool takes the first come first."""
        if self._at_once is None:
            return getattr(future, "state", "") in QUEUED
        return not future.done() and future not in list(self._running)[: max(self._at_once - len(self._lost), 0)]

    def _check_places(self) -> None:
        """Wait for what has outlived its lease no longer than for another one.

        Raises:
            PartlyFailed: it holds all places, so that nothing else can begin.
        """
        long_ago = time.monotonic() - 2 * self._lease
        stuck = self._lost and self.room <= 0 and all(map(self._waits, self._running))
        if stuck and all(began < long_ago for _, began in self._lost.values()):
            raise PartlyFailed(
                f"executor: trainings that have outlived their lease of {self._lease:g} s hold all its workers; the "
                "next run goes on, with another executor"
            )

    def close(self) -> None:
        """See `Engine`; what has begun goes on in the executor."""
        for future in (*self._running, *self._lost):
            with suppress(Exception):  # its executor may be gone
                future.cancel()
        if self._desk:
            self._desk.close()

    def _late(self) -> Ended:
        """What ends after it was given up; its value counts."""
        ended = [(future, *own) for future, own in self._lost.items() if future.done()]
        for future, _, _ in ended:
            del self._lost[future]
        found = [(arch, _outcome(future, time.monotonic() - began)) for future, arch, began in ended]
        return [(arch, outcome) for arch, outcome in found if not (math.isnan(outcome.value) or outcome.stopped)]


def _unheard(epoch: int, value: float) -> str:
    """What a training is told that nobody listens to."""
    return ""


def _wait(futures: dict[Any, Any], seconds: float) -> None:
    """Wait for the first of some futures, at most some seconds."""
    if all(isinstance(future, Future) for future in futures):
        wait_for_futures(futures, seconds, FIRST_COMPLETED)
        return
    deadline = time.monotonic() + seconds
    while not any(future.done() for future in futures) and time.monotonic() < deadline:
        time.sleep(GLANCE)


def _outcome(future: Any, lasted: float) -> Outcome:
    """What a future says.

    Raises:
        InputError: what was to be done can't be sent to the workers.
        PartlyFailed: all workers are gone.
    """
    try:
        outcome: Outcome = future.result()
        return outcome
    except (BrokenExecutor, CancelledError) as error:
        # Nobody here has cancelled it: Dask does so where its scheduler is gone.
        said = "has cancelled what it was given" if isinstance(error, CancelledError) else "its workers are gone"
        raise PartlyFailed(f"executor: {said} ({reason(error)}); what is open is evaluated again") from error
    except Exception as error:
        _check_sent(error)
        return Outcome(math.nan, lasted, "", f"{type(error).__name__}: {reason(error)}")


def _check_sent(error: Exception) -> None:
    """Check that an error is none of what was to be done.

    Raises:
        InputError: it can't be sent to the workers.
    """
    cause: BaseException | None = error
    while cause is not None:
        # By its kind: the log of a job of submitit, which is told where it died, has the word, too.
        pickled = isinstance(cause, TypeError | AttributeError | InputError) and "pickle" in str(cause)
        if pickled or isinstance(cause, pickle.PicklingError):
            raise InputError(f"train: can't be sent to the workers of the executor ({reason(cause)})") from error
        cause = cause.__cause__
