"""Chunks in worker processes: same results, progress, errors, and no worker outlives its parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from siamnas.errors import InputError
from siamnas.runner import split
from siamnas.runtime import interrupt, parallel


def work(chunk: range, report: Callable[[float], None]) -> tuple[range, int]:
    report(0.5)
    time.sleep(0.3)
    report(1.0)
    return chunk, os.getpid()


def threads(chunk: range, report: Callable[[float], None]) -> int:
    import sklearn.ensemble  # noqa: F401  (with OpenMP and BLAS of its own)

    return max(library["num_threads"] for library in threadpool_info())


def fail(chunk: range, report: Callable[[float], None]) -> None:
    if chunk.start:
        raise InputError(f"repeat {chunk.start}")
    time.sleep(60)


def report_on(chunk: range, report: Callable[[float], None]) -> None:
    """Report without an end; the first chunk is killed meanwhile, as where memory runs out."""
    began = time.monotonic()
    while not (chunk.start == 0 and time.monotonic() - began > 0.3):
        report(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_can_be_killed_while_it_reports() -> None:
    """It kept a lock that all others, and the parent, waited for without an end."""
    for _ in range(3):
        with pytest.raises(RuntimeError, match="a worker was killed"):
            list(parallel.run(report_on, [range(1), range(1, 2)], 2, lambda share: None))


def test_a_worker_keeps_to_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two threads each on two cores took seventy times as long with the histograms of scikit-learn.
    monkeypatch.delenv("OMP_NUM_THREADS")
    with threadpool_limits(2):
        assert threads(range(1), lambda share: None) == 2
        assert list(parallel.run(threads, [range(1), range(1, 2)], 2, lambda share: None)) == [1, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_all_chunks_are_done_and_progress_grows(workers: int) -> None:
    chunks, shares = [range(0, 2), range(2, 4), range(4, 5)], []
    results = list(parallel.run(work, chunks, workers, shares.append))
    assert sorted((chunk for chunk, _ in results), key=lambda c: c.start) == chunks
    assert len({process for _, process in results}) == workers
    assert (os.getpid() in {process for _, process in results}) == (workers == 1)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_the_first_error_ends_the_others() -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="repeat 1"):
        list(parallel.run(fail, [range(0, 1), range(1, 2)], 2, lambda _: None))
    assert time.monotonic() - began < 20


def test_a_worker_can_be_ended_while_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(threads: int) -> None:
        with suppress(BaseException):  # as the callbacks do by which threadpoolctl looks for libraries
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    monkeypatch.setattr(parallel, "threadpool_limits", limited)
    with interrupt.ended_by_signal(), pytest.raises(RuntimeError, match="a worker was killed"):
        list(parallel.run(work, [range(1), range(1, 2)], 2, lambda _: None))


def test_no_chunks_no_work() -> None:
    assert list(parallel.run(work, [], 0, lambda _: None)) == []


def test_split_gives_consecutive_runs() -> None:
    assert split([0, 1, 2, 5, 6, 7, 8], 3) == [range(0, 3), range(5, 8), range(8, 9)]
    assert split([], 3) == []


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)]
)
def test_workers_end_with_their_parent(tmp_path: Path, number: int, status: int) -> None:
    script = f"""
        import os, pathlib, time
        from siamnas.runtime import interrupt, parallel

        def work(chunk, report):
            (pathlib.Path({str(tmp_path)!r}) / str(os.getpid())).touch()
            time.sleep(60)

        if __name__ == "__main__":
            with interrupt.ended_by_signal():
                list(parallel.run(work, [range(1), range(1, 2)], 2, lambda _: None))
    """
    path = tmp_path / "job.py"
    path.write_text(textwrap.dedent(script))
    # In a group of its own, which a terminal's Ctrl-C reaches as a whole.
    job = subprocess.Popen([sys.executable, str(path)], start_new_session=True, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while len(pids := [int(p.name) for p in tmp_path.iterdir() if p.name.isdigit()]) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (os.killpg if number == signal.SIGINT else os.kill)(job.pid, number)
        _, said = job.communicate(timeout=60)
        assert job.returncode == status
        assert "ForkProcess" not in said, "a worker has its traceback for itself"
        while any(map(_alive, pids)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        job.kill()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_is_swallowed_ends_the_work_a_moment_later(number: int) -> None:
    """As Python swallows it in the callbacks of a fork."""
    with pytest.raises((KeyboardInterrupt, interrupt.Terminated)), interrupt.ended_by_signal():
        with suppress(BaseException):
            os.kill(os.getpid(), number)
            time.sleep(1)
        list(parallel.run(work, [range(1), range(1, 2)], 2, lambda _: None))
    interrupt.check()
