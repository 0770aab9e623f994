"""Chunks of repeats in worker processes, one core each.

Repeats are independent, so processes scale where the threads of one tensor operation do not: the operations of a chunk
are too small to be split, and each core keeps its chunk's weights in its own cache.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import SynchronizedArray
from typing import Any

from threadpoolctl import threadpool_limits

from siamnas.runtime.progress import Report, part_of

Work = Callable[[range, Report], Any]
"""(chunk of seeds, report of the finished share) -> result of the chunk; must be picklable."""

WATCH = "end with the parent"  # name of the thread that does
POLL = 0.2  # seconds between two looks at the workers' progress
KILLED = "a worker was killed, as the system does where memory runs out; trainer.threads=1 needs less of it"

_progress: "SynchronizedArray[float] | None" = None  # of a worker: the finished share of every chunk


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(work: Work, chunks: list[range], workers: int, report: Report) -> Iterator[Any]:
    """Do `work` for every chunk, with one thread in each of `workers` processes; here, if that is one.

    Args:
        work: done once per chunk.
        chunks: of seeds.
        workers: number of processes.
        report: called with the share of all repeats that is finished.

    Yields:
        The results, as they are finished.

    Raises:
        Exception: what `work` raised first; the other chunks are cut off.
    """
    sizes = [len(chunk) for chunk in chunks]
    total = sum(sizes)
    if workers <= 1:
        for i, chunk in enumerate(chunks):
            yield work(chunk, part_of(report, sum(sizes[:i]) / total, sum(sizes[: i + 1]) / total))
        return

    # Forking keeps what is imported; other systems don't do it safely.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    progress = context.Array("d", len(chunks))
    pool = ProcessPoolExecutor(workers, context, _set_up, (progress, os.getpid()))
    try:
        waiting = {pool.submit(_work_on, work, i, chunk) for i, chunk in enumerate(chunks)}
        while waiting:
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


def _set_up(progress: "SynchronizedArray[float]", parent: int) -> None:
    """Prepare a worker: one thread, where to report, and to end with its parent, even if that is killed."""
    global _progress
    _progress = progress
    os.environ["OMP_NUM_THREADS"] = "1"  # for the libraries that it will load; the line below, for those it has
    threadpool_limits(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's handler is not meant for a worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    end_with_parent(parent)


def end_with_parent(parent: int | None = None) -> None:
    """Let this process, a worker, end a second after its parent, even if that is killed; once is enough.

    Args:
        parent: its process id; None for that of now.
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
