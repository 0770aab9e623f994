"""The loop of a search on any engine: processes of this machine, or any executor like those of `concurrent.futures`."""

import logging
import math
import multiprocessing
import os
import pickle
import platform
import signal
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_connections
from typing import TYPE_CHECKING, Any, Protocol

from siamnas.errors import InputError, PartlyFailed, reason, shown
from siamnas.runtime import interrupt, parallel, terminal
from siamnas.search import arguments, evaluations
from siamnas.search.architecture import Architecture

if TYPE_CHECKING:
    from siamnas.search.ask_tell import Best, Search

log = logging.getLogger(__name__)
Train = Callable[[Architecture], Any]

POLL = 0.2  # seconds between two looks at what runs
GLANCE = 0.02  # the same for executors that can't be waited for
WORKERS = 8  # evaluations at once in an executor that does not say how many it takes


@dataclass(frozen=True)
class Outcome:
    """What has become of an evaluation.

    Attributes:
        value: NaN where it failed.
        seconds: that it took.
        worker: who did it.
        failed: why it failed; empty where it did not, or nothing is known but that.
    """

    value: float
    seconds: float
    worker: str
    failed: str = ""


class Engine(Protocol):
    """Evaluates several architectures at once."""

    @property
    def room(self) -> int:
        """How many more evaluations can begin now."""

    @property
    def running(self) -> list[Architecture]:
        """What is being evaluated."""

    def start(self, arch: Architecture) -> None:
        """Begin to evaluate an architecture."""

    def ended(self, seconds: float) -> list[tuple[Architecture, Outcome]]:
        """What has ended; waits some seconds for the first."""

    def close(self) -> None:
        """End what is running."""


def run(
    search: "Search",
    train: Train,
    executor: Any = None,
    workers: int | None = None,
    *,
    target: float | None = None,
    lease: float | None = None,
) -> "Best | None":
    """Evaluate architectures until the budget is spent, several at once.

        search.run(train, workers=8)                     # processes of this machine
        search.run(train, dask_client.get_executor())    # Dask; so for submitit's executors, and for threads

    An evaluation that raises, returns NaN, outlives its lease, or whose worker dies costs one evaluation: it is told as
    failed, and named in a message. Ctrl-C and SIGTERM end the processes, and leave a search that goes on: what was open
    is evaluated first by the next run.

    Args:
        search: whose budget is spent.
        train: called with an `Architecture`, in a worker; returns its value.
        executor: anything with `submit(function, argument)`; stays open. None: a process for each evaluation.
        workers: evaluations at once; as many as the executor has if None, or as this process has cores.
        target: end when the best value is as good as this.
        lease: seconds that an evaluation may take; None for any time.

    Returns:
        The best architecture, see `Search.best`.

    Raises:
        InputError: an argument is not allowed, or `train` can't be sent to the workers of the executor.
        PartlyFailed: the workers of the executor are gone.
    """
    if not callable(train):
        raise InputError(f"train={shown(repr(train))}: must be a function of an architecture that returns its value")
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(f"executor={shown(repr(executor))}: must have a method `submit`, as concurrent.futures has it")
    limit = math.inf if lease is None else arguments.number("lease", lease, 0)
    goal = None if target is None else arguments.number("target", target)
    most = None if workers is None else arguments.whole("workers", workers, 1)
    engine: Engine = Processes(train, most, limit) if executor is None else Futures(train, executor, most, limit)
    with interrupt.ended_by_signal() as check:
        try:
            _loop(search, engine, goal, check)
        finally:
            left = engine.running
            engine.close()
            search.give_back(left)
    return search.best()


def _loop(search: "Search", engine: Engine, target: float | None, check: Callable[[], None]) -> None:
    """Keep the engine full until there is nothing more to evaluate; `check` raises where a signal has ended it."""
    bar = Bar(search)
    with bar:
        while not _is_reached(search, target):
            check()
            for arch in search.ask(engine.room) if engine.room > 0 else ():
                engine.start(arch)
            if not engine.running:
                return
            for arch, outcome in engine.ended(POLL):
                search.take(arch, outcome)
            bar.show(search)


def _is_reached(search: "Search", target: float | None) -> bool:
    """Whether the best value is as good as is wanted."""
    told = [value for value in search.values.values() if not math.isnan(value)]
    if target is None or not told:
        return False
    return max(told) >= target if search.setting.maximise else min(told) <= target


class Bar(terminal.Bar):
    """Progress of a search: the best so far, what it waits for, and the time left.

    Args:
        search: of which it is.
    """

    def __init__(self, search: "Search") -> None:
        super().__init__(search.catalog.title, len(search.values) / search.setting.budget)

    def show(self, search: "Search") -> None:
        """Show how far the search is."""
        best, waiting = search.incumbent, search.waiting
        parts = [search.catalog.title, f"best {best.value:.6g}" if best else "", waiting]
        self.title = ", ".join(part for part in parts if part)
        self._progress.update(self._task, description=self.title)
        self.update(min(len(search.values) / search.setting.budget, 1.0))


class Processes:
    """A process of this machine for each evaluation, so that one that hangs or dies takes nothing with it.

    Args:
        train: see `run`.
        workers: at once; None for the cores of this process.
        lease: seconds.
    """

    def __init__(self, train: Train, workers: int | None, lease: float) -> None:
        self._train = train
        self._workers = parallel.cores() if workers is None else workers
        self._lease = lease
        # A fork keeps what is defined in a notebook; other systems do not fork safely.
        self._context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._running: dict[Connection, tuple[Architecture, Any, float]] = {}

    @property
    def room(self) -> int:
        """See `Engine`."""
        return self._workers - len(self._running)

    @property
    def running(self) -> list[Architecture]:
        """See `Engine`."""
        return [arch for arch, _, _ in self._running.values()]

    def start(self, arch: Architecture) -> None:
        """See `Engine`."""
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(self._train, arch, theirs, os.getpid()), daemon=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which the child does not use
            process.start()
        theirs.close()
        self._running[ours] = arch, process, time.monotonic()

    def ended(self, seconds: float) -> list[tuple[Architecture, Outcome]]:
        """See `Engine`."""
        # A process that dies closes its end, too.
        ready = set(wait_for_connections(list(self._running), seconds))
        found = []
        for connection, (arch, process, began) in list(self._running.items()):
            lasted = time.monotonic() - began
            if connection in ready:
                found.append((arch, _received(connection, process, lasted)))
            elif lasted > self._lease:
                process.kill()
                failed = f"no value within {self._lease:g} s"
                found.append((arch, Outcome(math.nan, lasted, f"process {process.pid}", failed)))
            else:
                continue
            self._end(connection, process)
        return found

    def close(self) -> None:
        """See `Engine`."""
        for connection, (_, process, _) in list(self._running.items()):
            process.kill()
            self._end(connection, process)

    def _end(self, connection: Connection, process: Any) -> None:
        """Clear away a process that has ended, or has nothing more to say."""
        del self._running[connection]
        connection.close()
        process.join(1)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


class Futures:
    """The workers of an executor. Where one outlives its lease its place stays taken until it ends.

    Args:
        train: see `run`.
        executor: see `run`.
        workers: at once; None for those of the executor.
        lease: seconds, from when it was submitted.
    """

    def __init__(self, train: Train, executor: Any, workers: int | None, lease: float) -> None:
        self._train = train
        self._executor = executor
        self._workers = workers or getattr(executor, "_max_workers", None) or WORKERS
        self._lease = lease
        self._running: dict[Any, tuple[Architecture, float]] = {}
        self._lost: dict[Any, tuple[Architecture, float]] = {}

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
        try:
            self._running[self._executor.submit(evaluate, self._train, arch)] = arch, time.monotonic()
        except (BrokenExecutor, RuntimeError) as error:
            raise PartlyFailed(f"executor: takes no more work ({reason(error)})") from error

    def ended(self, seconds: float) -> list[tuple[Architecture, Outcome]]:
        """See `Engine`."""
        _wait({**self._running, **self._lost}, seconds)
        found = []
        for future, (arch, began) in list(self._running.items()):
            lasted = time.monotonic() - began
            if future.done():
                found.append((arch, _outcome(future, lasted)))
            elif lasted > self._lease:
                if not future.cancel():
                    self._lost[future] = arch, began
                found.append((arch, Outcome(math.nan, lasted, "", f"no value within {self._lease:g} s")))
            else:
                continue
            del self._running[future]
        return found + self._late()

    def close(self) -> None:
        """See `Engine`; what has begun goes on in the executor."""
        for future in (*self._running, *self._lost):
            future.cancel()

    def _late(self) -> list[tuple[Architecture, Outcome]]:
        """What ends after it was given up; its value counts."""
        ended = [(future, *own) for future, own in self._lost.items() if future.done()]
        for future, _, _ in ended:
            del self._lost[future]
        found = [(arch, _outcome(future, time.monotonic() - began)) for future, arch, began in ended]
        return [(arch, outcome) for arch, outcome in found if not math.isnan(outcome.value)]


def evaluate(train: Train, arch: Architecture) -> Outcome:
    """Evaluate an architecture; whatever goes wrong is said in the outcome."""
    began = time.monotonic()
    worker = f"{platform.node()}:{os.getpid()}"
    try:
        value = evaluations.value(train(arch), "it returned")
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = f"{type(error).__name__}: {shown(' '.join(str(error).split()))}"
        return Outcome(math.nan, time.monotonic() - began, worker, text)
    failed = "it returned no finite number" if math.isnan(value) else ""
    return Outcome(value, time.monotonic() - began, worker, failed)


def _work(train: Train, arch: Architecture, connection: Connection, parent: int) -> None:
    """What a process does."""
    # First: the parent's handlers are not meant for a worker.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    parallel.end_with_parent(parent)
    connection.send(evaluate(train, arch))
    connection.close()


def _received(connection: Connection, process: Any, lasted: float) -> Outcome:
    """What a process has sent before it ended."""
    try:
        outcome: Outcome = connection.recv()
        return outcome
    except (EOFError, OSError):
        process.join(1)
        code = process.exitcode
        end = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
        return Outcome(math.nan, lasted, f"process {process.pid}", f"its process ended by {end}")


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
    except BrokenExecutor as error:
        raise PartlyFailed(
            f"executor: its workers are gone ({reason(error)}); what is open is evaluated again"
        ) from error
    except CancelledError:
        return Outcome(math.nan, lasted, "", "it was cancelled")
    except Exception as error:
        if isinstance(error, pickle.PicklingError) or "pickle" in str(error):
            raise InputError(f"train: can't be sent to the workers of the executor ({reason(error)})") from error
        return Outcome(math.nan, lasted, "", f"{type(error).__name__}: {reason(error)}")
