"""Standard streams that can't be written, a folder that is gone: a result is computed, said elsewhere, and status 0."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from siamnas.cli import main
from siamnas.runtime import interrupt
from tests.support import QUICK, ROOT, results

JOB = (*QUICK, "space=tiny_nb201", "search.n=10", "search.k=2")


def full() -> io.TextIOWrapper:
    return open("/dev/full", "w")  # noqa: PTH123 (it ends with the process)


def unread() -> io.TextIOWrapper:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w")


def closed() -> io.TextIOWrapper:
    stream = open(os.devnull, "w")  # noqa: PTH123
    stream.close()
    return stream


def ascii_only() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "ascii", "strict")


STREAMS: dict[str, Callable[[], io.TextIOWrapper]] = {
    "full": full,
    "unread": unread,
    "closed": closed,
    "ascii": ascii_only,
}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., tuple[int, str]]]:
    """A command line whose stdout or stderr is another stream; its status, and the words on the other of the two."""
    given: list[io.TextIOWrapper] = []

    def call(which: str, stream: io.TextIOWrapper, *words: str) -> tuple[int, str]:
        other = io.StringIO()
        given.append(stream)
        monkeypatch.setattr(sys, "stdout", stream if which == "stdout" else other)
        monkeypatch.setattr(sys, "stderr", stream if which == "stderr" else other)
        monkeypatch.setattr(sys, "argv", ["siamnas", *words])
        monkeypatch.chdir(tmp_path)
        try:
            main.main()
        except SystemExit as end:
            return int(end.code or 0), other.getvalue()
        return 0, other.getvalue()

    yield call
    monkeypatch.undo()
    for stream in given:
        stream.close()


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("which", ["stdout", "stderr"])
def test_a_job_is_done_and_its_result_is_said(called, tmp_path: Path, which: str, kind: str):
    stream = STREAMS[kind]()
    code, said = called(which, stream, *JOB, 'name="ä"')  # a name that ASCII lacks
    assert code == 0
    path = results(tmp_path)[0].relative_to(tmp_path)
    if which == "stderr" or kind != "ascii":
        assert str(path) in said.replace("\n", "")
    else:
        shown = stream.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
        assert "90." in shown and " ? " in shown and str(path).replace("ä", "?") in shown.replace("\n", "")


def test_a_hang_up_that_is_ignored_stays_so():
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupt.ended_by_signal():
            os.kill(os.getpid(), signal.SIGHUP)
        interrupt.by_default()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_sweep_is_done(called, tmp_path: Path):
    code, _ = called("stderr", full(), "-m", *JOB, "seed=0,1")
    assert code == 0 and len(results(tmp_path)) == 2


@pytest.mark.parametrize("words", [("--help",), ("--cfg", "job"), ("--version",), ("status", ".")], ids=str)
@pytest.mark.parametrize(("kind", "status"), [("full", 1), ("unread", 141), ("ascii", 0)])
def test_what_only_prints_says_that_it_could_not(called, words: tuple[str, ...], kind: str, status: int, tmp_path):
    (tmp_path / "results").mkdir()
    code, said = called("stdout", STREAMS[kind](), *words)
    if words[0] == "status" and code == 2:  # there is nothing to show
        return
    assert code == status
    assert ("stdout: No space left on device" in said) == (kind == "full")


def test_what_fails_is_said_by_its_status_alone(called):
    assert called("stderr", full(), "predictr=gp")[0] == 2
    assert called("stderr", closed(), "status", "nowhere")[0] == 2


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def call(shell: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", shell, sys.executable, "-m", "siamnas.run", *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return call


def test_streams_that_are_closed_from_the_start(run, tmp_path: Path):
    """And no file of the job gets their numbers: whatever others print there would be in it."""
    done = run('"$0" "$@" <&- >&- 2>err.txt', *JOB)
    assert done.returncode == 0
    (path,) = results(tmp_path)
    said = (tmp_path / "err.txt").read_text()
    assert (
        f"stdout: is closed; result: {path.relative_to(tmp_path)}" in said.replace("\n", "") and "Traceback" not in said
    )
    done = run('"$0" "$@" >&- 2>&-', *JOB, "seed=5")
    assert done.returncode == 0 and len(results(tmp_path)) == 2


def test_a_folder_that_was_deleted_is_one_sentence(run):
    done = run('mkdir gone; cd gone; rmdir ../gone; "$0" "$@"', *JOB)
    assert done.returncode == 2
    assert done.stderr == "error: the current folder does not exist any more; change to another one\n"
