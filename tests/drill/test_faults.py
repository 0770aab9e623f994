"""What goes wrong around a job: nothing that was done is lost, and what is said names the file or the way on."""

import errno
import os
import pickle
import pty
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.jobs import record, states
from siamnas.jobs.lease import LEASE
from siamnas.jobs.record import RECORD
from siamnas.jobs.store import RESULT, Result
from siamnas.search.journal import FILE
from tests.drill.kills import PATIENCE, command, ended, start
from tests.drill.results import arrays, results, same
from tests.support import ROOT

JOB = ("predictor=random", "search.n=20", "repeats=3", "trainer.chunk=1", "logger=none")
SWEEP = ("-m", "predictor=random,column", "search.n=10,20", "repeats=2", "logger=none")


def files(folder: Path, pattern: str) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob(pattern)}


def test_a_disk_that_is_full_at_any_write(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every file of a job is brought to the disk at its end; each time another one of these finds no space."""
    sync, left = os.fsync, [0]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    assert siamnas(*JOB, f"out={tmp_path}", "name=plain").code == 0
    writes, whole = -left[0], arrays(tmp_path / "plain")
    assert writes == 7, "the record twice, three chunks, the result and its curves"
    for at in range(1, writes + 1):
        folder, left[0] = tmp_path / f"write{at}", at
        job = (*JOB, f"out={tmp_path}", f"name={folder.name}")
        shown = siamnas(*job)
        assert shown.code == 2 and re.search("cannot be written: No space left", " ".join(shown.err.split()))
        before = files(folder, "*.npz")
        assert len(before) == (0, 0, 1, 2, 3, 1, 1)[at - 1], "what was written before is there"
        assert not list(folder.rglob(LEASE)) and not list(folder.rglob(".*.npz.*")), "no half of a file stays"
        again = siamnas(*job)
        assert again.code == 0, again.err
        same(arrays(folder), whole)


class Harmful:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, ("it was run",)


def older(result: Result, path: Path) -> None:
    result.meta["identity"].pop("trainer")  # a version without a key of today
    result.save(path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda result, path: path.write_bytes(path.read_bytes()[:-100]), "not a readable result file"),
        (lambda result, path: path.write_bytes(pickle.dumps(Harmful())), "not a readable result file"),
        (lambda result, path: np.savez(path, meta=np.array(Harmful(), dtype=object)), "not a readable result file"),
        (older, "holds the result of another configuration; move it away"),
    ],
    ids=["truncated", "pickle", "pickled array", "another version"],
)
def test_a_result_that_is_not_ours_is_named_and_left_alone(siamnas, tmp_path: Path, monkeypatch, damage, said: str):
    monkeypatch.chdir(tmp_path)
    assert siamnas(*JOB).code == 0
    (path,) = Path("outputs").rglob(RESULT)
    damage(Result.load(path), path)
    before = path.read_bytes()
    shown = siamnas(*JOB)
    assert shown.code == 2 and str(path) in shown.err.replace("\n", "") and said in " ".join(shown.err.split())
    assert path.read_bytes() == before and not Path("it was run").exists()


@pytest.mark.parametrize(
    "killed", [pytest.param(False, marks=pytest.mark.slow), True], ids=["MemoryError", "killed by the system"]
)
def test_one_job_of_a_sweep_runs_out_of_memory(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool):
    monkeypatch.syspath_prepend(ROOT / "tests")
    monkeypatch.setenv("FAIL_AT", "20")
    if killed:
        monkeypatch.setenv("SIGKILL", "1")
    sweep = ("-m", "predictor=random", "predictor._target_=plugins.Hungry", "search.n=10,20,30", "repeats=2")
    words = (*sweep, "trainer.threads=2", "trainer.chunk=1", "logger=none", f"out={tmp_path}")
    shown = siamnas(*words)
    assert shown.code == 1 and "1 of 3 jobs failed" in shown.err and "memory" in shown.err.lower()
    before = results(tmp_path)
    assert len(before) == 2, "the others are done"
    (failed,) = [path.parent for path in tmp_path.rglob(RECORD) if record.read(path.parent)["state"] == "failed"]
    assert "n=20" in failed.name and states.look(failed).state == "failed"
    monkeypatch.delenv("FAIL_AT")
    assert siamnas(*words).code == 0
    assert len(results(tmp_path)) == 3 and results(tmp_path).items() >= before.items()


def test_two_processes_on_one_sweep(tmp_path: Path):
    both = [start(command(*SWEEP, f"out={tmp_path}/outputs"), tmp_path / name) for name in ("one", "other")]
    assert [ended(pid, PATIENCE) for pid in both] == [0, 0]
    assert len(results(tmp_path / "outputs")) == 4 and not list(tmp_path.rglob(LEASE))
    said = [(tmp_path / name / "said.txt").read_text() for name in ("one", "other")]
    done = [int(count) for text in said for count in re.findall(r"^4 jobs: (\d+) done", text, re.MULTILINE)]
    assert sum(done) == 4, "each was computed once"


def test_a_file_that_is_no_journal_is_left_as_it_is(siamnas, tmp_path: Path):
    (tmp_path / FILE).write_text("notes\nof somebody, without an end of line")
    shown = siamnas("search", "status", str(tmp_path))
    assert shown.code == 2 and "line 1: is damaged" in " ".join(shown.err.split())
    assert (tmp_path / FILE).read_text() == "notes\nof somebody, without an end of line"


def test_a_name_does_not_command_the_terminal(siamnas, tmp_path: Path):
    (tmp_path / "a\x1b[2J.json").write_text("{")
    shown = siamnas("space=json", f"space.path={tmp_path}", "predictor=random", "logger=none", f"out={tmp_path}/o")
    assert shown.code == 2 and "\x1b" not in shown.err and "a\\x1b[2J.json" in shown.err.replace("\n", "")


def test_ctrl_c_leaves_the_terminal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """On a terminal, with its bar and two workers: status 130, no worker left, the cursor and the modes are back."""
    monkeypatch.syspath_prepend(ROOT / "tests")
    monkeypatch.setattr("plugins.Waiting.parallel", True)
    monkeypatch.setenv("TERM", "xterm")
    job = ("predictor=random", "predictor._target_=plugins.Waiting", "search.n=20", "repeats=2", "logger=none")
    job += ("trainer.chunk=1", "trainer.threads=2")
    pid, terminal = pty.fork()
    if not pid:
        code = 1
        try:
            os.chdir(tmp_path)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: PTH123 (the terminal)
            command(*job)()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            os._exit(code)
    shown, modes, sent, deadline = b"", termios.tcgetattr(terminal), False, time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    shown += os.read(terminal, 1 << 16)
                except OSError:  # it has ended
                    break
            if not sent and (tmp_path / "fitting").exists() and b"\x1b[?25l" in shown:
                os.write(terminal, b"\x03")  # as the key does: for all of its processes
                sent = True
        assert termios.tcgetattr(terminal) == modes
    finally:
        code = ended(pid, 60)
    assert sent and code == 130, shown.decode()
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l"), "the cursor is shown again"
    assert b"interrupted; the same command goes on" in shown and b"Traceback" not in shown
    assert not list(tmp_path.rglob(LEASE))
    deadline = time.monotonic() + 30
    while members(pid):
        assert time.monotonic() < deadline, "a worker goes on"
        time.sleep(0.05)


def members(session: int) -> list[int]:
    """The processes of a session that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, own = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(own) == session and state not in "ZX":
            found.append(int(path.parent.name))
    return found
