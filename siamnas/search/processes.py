"""Evaluations in processes of this machine."""

import math
import multiprocessing
import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_connections
from typing import Any

from siamnas.errors import InputError
from siamnas.runtime import parallel
from siamnas.search.architecture import Architecture
from siamnas.search.evaluating import Hear, Outcome, Times, Train, evaluate

Ended = list[tuple[Architecture, Outcome]]


class Processes:
    """A process for each evaluation, so that one that hangs or dies takes nothing with it; see `executor.Engine`.

    Args:
        train: see `executor.run`.
        workers: at once; None for the cores of this process.
        lease: seconds.
        hear: of intermediate values.
        times: how often an architecture was evaluated before.
    """

    def __init__(self, train: Train, workers: int | None, lease: float, hear: Hear, times: Times) -> None:
        if multiprocessing.current_process().daemon:
            raise InputError(
                "run: this process is a daemon of multiprocessing, which may start none; give an executor of threads"
            )
        self._train = train
        self._workers = parallel.cores() if workers is None else workers
        self._lease = lease
        self._hear = hear
        self._times = times
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
        ours, theirs = self._context.Pipe()
        args = (self._train, arch, self._times(arch), theirs, os.getpid())
        process = self._context.Process(target=_work, args=args, daemon=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which the child does not use
            process.start()
        theirs.close()
        self._running[ours] = arch, process, time.monotonic()

    def ended(self, seconds: float) -> Ended:
        """See `Engine`."""
        # A process that dies closes its end, too.
        ready = set(wait_for_connections(list(self._running), seconds))
        found = []
        for connection, (arch, process, began) in list(self._running.items()):
            lasted = time.monotonic() - began
            if connection in ready and (outcome := self._received(connection)):
                found.append((arch, outcome))
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

    def _received(self, connection: Connection) -> Outcome | None:
        """What has become of an evaluation; None where it has only reported, and goes on or not as it is answered."""
        arch, process, began = self._running[connection]
        try:
            said: Outcome | tuple[int, float] = connection.recv()
        except (EOFError, OSError):
            process.join(1)
            code = process.exitcode
            end = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
            lasted = time.monotonic() - began
            return Outcome(math.nan, lasted, f"process {process.pid}", f"its process ended by {end}")
        if isinstance(said, Outcome):
            return said
        answer = self._hear(arch, *said)
        with suppress(OSError):  # it has died since
            connection.send(answer)
        return None

    def _end(self, connection: Connection, process: Any) -> None:
        """Clear away a process that has ended, or has nothing more to say."""
        del self._running[connection]
        connection.close()
        process.join(1)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _work(train: Train, arch: Architecture, times: int, connection: Connection, parent: int) -> None:
    """What a process does."""
    # First: the parent's handlers are not meant for a worker.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    parallel.end_with_parent(parent)
    process = os.getpid()

    def say(epoch: int, value: float) -> str:
        connection.send((epoch, value))
        answer: str = connection.recv()
        return answer

    outcome = evaluate(train, arch, say, times)
    if os.getpid() == process:  # else a fork that the training has made and not ended
        connection.send(outcome)
    connection.close()
