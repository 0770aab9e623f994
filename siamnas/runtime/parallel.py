"""Chunks of repeats in worker processes, one core each.

Repeats are independent, so processes scale where the threads of one tensor operation do not: the operations of a chunk
are too small to split, and each core keeps the weights of its chunk in its own cache.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from threadpoolctl import threadpool_limits

from siamnas.runtime import interrupt, terminal
from siamnas.runtime.progress import Report, part_of

Work = Callable[[range, Report], Any]
"""(chunk of seeds, report of the finished share) -> result of the chunk; picklable."""

WATCH = "end with the parent"  # name of the thread that ends a worker
POLL = 0.2  # seconds between two readings of the progress of the workers
KILLED = "a worker was killed, as the system does where memory runs out; trainer.threads=1 needs less of it"

_progress: "ctypes.Array[ctypes.c_double] | None" = None  # of a worker: the finished share of every chunk


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(work: Work, chunks: list[range], workers: int, report: Report) -> Iterator[Any]:
    """Do `work` for every chunk, in this process or in several workers of one thread each.

    Args:
        work: done once per chunk.
        chunks: of seeds.
        workers: number of processes; this one alone for 1.
        report: called with the share of all repeats that is finished.

    Yields:
        The result of each chunk when it is finished.

    Raises:
        Exception: the first that `work` has raised; the other chunks are cut off.
        KeyboardInterrupt, Terminated: see `interrupt.check`.
    """
    sizes = [len(chunk) for chunk in chunks]
    total = sum(sizes)
    pool, progress = _pool(workers, len(chunks)) if workers > 1 else (None, ())
    if pool is None:
        for i, chunk in enumerate(chunks):
            interrupt.check()
            yield work(chunk, part_of(report, sum(sizes[:i]) / total, sum(sizes[: i + 1]) / total))
        return

    try:
        waiting = {pool.submit(_work_on, work, i, chunk) for i, chunk in enumerate(chunks)}
        while waiting:
            interrupt.check()
            finished, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
            report(sum(progress[i] * size for i, size in enumerate(sizes)) / total)
            for future in finished:
                waiting.remove(future)
                yield future.result()
    except BaseException as error:
        for process in list(pool._processes.values()):
            process.terminate()
        pool.shutdown(cancel_futures=True)  # waits for its thread, which must not outlive the pipes at the exit
        if isinstance(error, BrokenProcessPool):
            raise RuntimeError(KILLED) from error
        raise
    pool.shutdown()


def _pool(workers: int, chunks: int) -> tuple[ProcessPoolExecutor | None, Sequence[float]]:
    """Workers, and the finished share of each chunk; none where this process may have none, or no memory to share."""
    # A fork keeps all imports; other systems do not fork safely.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    if multiprocessing.current_process().daemon:
        terminal.warn(f"one process instead of {workers}: a daemon of multiprocessing may start none")
        return None, ()
    try:
        progress = context.RawArray("d", chunks)  # no lock, which who is killed or ended by a signal would keep
        return ProcessPoolExecutor(workers, context, _set_up, (progress, os.getpid())), progress
    except OSError as error:
        terminal.warn(f"one process instead of {workers}: no memory to share, /dev/shm: {error.strerror}")
        return None, ()


def _set_up(progress: "ctypes.Array[ctypes.c_double]", parent: int) -> None:
    """Prepare a worker: one thread, an array for its progress, and an end with its parent, even if that is killed."""
    global _progress
    _progress = progress
    # First: the parent's handler is not meant for a worker, and its exception would get lost in the callbacks below.
    interrupt.by_default()
    os.environ["OMP_NUM_THREADS"] = "1"  # for libraries that are loaded later; the next line is for the others
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    end_with_parent(parent)


def end_with_parent(parent: int | None = None) -> None:
    """End this process, a worker, a second after its parent, even if that is killed; further calls do nothing.

    Args:
        parent: process id of the parent; None for the current one.
    """
    if WATCH not in {thread.name for thread in threading.enumerate()}:
        watched = os.getppid() if parent is None else parent
        threading.Thread(target=_end_with, args=(watched,), name=WATCH, daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work_on(work: Work, index: int, chunk: range) -> Any:
    shares = _progress
    assert shares is not None

    def report(share: float) -> None:
        shares[index] = share

    return work(chunk, report)
