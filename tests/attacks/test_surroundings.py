"""Variables of the environment that say nonsense: nothing is lost, and no command ends in a traceback."""

import functools
import logging
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.runtime import terminal
from tests.support import ROOT

HELPS = """
import contextlib, io, sys
from siamnas.cli import export, leaderboard, main
from siamnas.runtime import terminal

assert not __debug__ and __doc__ is None and leaderboard.__doc__ is None
assert terminal.out.width > 0 < terminal.err.width
terminal.complain("a message")
commands = ("", "search", "measure", "report", "status", "rerun", "figure", "leaderboard", "measure export")
for command in commands:
    sys.argv = ["siamnas", *command.split(), "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            main.main()
        except SystemExit as end:
            assert not end.code, command
    assert len(said.getvalue()) > 200, command
"""


@pytest.mark.parametrize("columns", ["0", pytest.param("1", marks=pytest.mark.slow)])
def test_help_without_docstrings_on_a_terminal_of_no_width(tmp_path: Path, columns: str):
    said = {"PYTHONOPTIMIZE": "2", "COLUMNS": columns, "TERM": "odd", "TZ": "Nowhere/Odd", "LC_ALL": "C"}
    odd = {
        "OMP_NUM_THREADS": "nonsense",
        "PYTHONWARNINGS": "error",
        "HOME": "/proc/nowhere",
        "TMPDIR": "/proc/nowhere",
        "PATH": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", HELPS], cwd=tmp_path, env={**os.environ, **said, **odd, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0 and "a message" in done.stderr, done.stderr


def test_figures_of_a_user_of_matplotlib(tmp_path: Path):
    """A backend that there is not, and a style that needs LaTeX, ended reports with a traceback."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: true\nlines.linewidth: 30\n")
    done = siamnas.run("nb_macro", "random", repeats=2, logger="none", out=str(tmp_path / "outputs"))
    made = []
    for backend, folder in (("odd", tmp_path), ("", tmp_path / "plain")):
        folder.mkdir(exist_ok=True)
        said = subprocess.run(
            [sys.executable, "-m", "siamnas", "report", str(done.path), "--out", str(folder / "report")], cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": backend}, capture_output=True, text=True,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        made.append({path.name: path.read_bytes() for path in (folder / "report").rglob("*.svg")})
    assert made[0] == made[1] and made[0]


@pytest.mark.parametrize("own", [True, False])
def test_a_program_without_logging_sees_the_warnings_of_a_job(
    tmp_path: Path, own: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A log file is a handler, beside which Python shows nothing of its own accord."""
    file = logging.FileHandler(tmp_path / "mine.log")
    monkeypatch.setattr(logging.getLogger(), "handlers", [file] if own else [])
    with terminal.log_to(tmp_path / "run.log"):
        logging.getLogger("siamnas.loggers").warning("not logged")
        logging.getLogger("siamnas.loggers").debug("no warning")
    file.close()
    assert capsys.readouterr().err == ("" if own else "not logged\n")
    assert "not logged" in (tmp_path / "run.log").read_text()
    assert logging.getLogger().handlers == ([file] if own else [])


def test_the_python_door_in_a_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    doors: list[Callable[[], object]] = [
        lambda: siamnas.run("tiny_nb201", "random", out=str(tmp_path)),
        lambda: siamnas.Search("tiny_nb201", "random", budget=4),
        lambda: siamnas.compare(["random"], "tiny_nb201", budgets=[4], seeds=2, out=tmp_path),
    ]
    for door in doors:
        with pytest.raises(InputError, match="the current folder does not exist any more"):
            door()


def in_a_daemon(work: Callable[[], object]) -> str:
    """What comes of it in a process like those of multiprocessing.Pool, which may start none."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()

    def do() -> None:
        try:
            theirs.send(str(work()))
        except BaseException as error:
            theirs.send(f"{type(error).__name__}: {error}")

    process = fork.Process(target=do, daemon=True)
    process.start()
    assert ours.poll(60)
    said = ours.recv()
    process.join()
    return said


def test_a_daemon_of_multiprocessing(tmp_path: Path):
    words = ["search.n=4", "trainer.threads=2"]
    job = functools.partial(siamnas.run, "tiny_nb201", "forest", repeats=2, overrides=words)
    alone = job(out=str(tmp_path / "alone")).arrays["best"].tolist()
    assert in_a_daemon(lambda: job(out=str(tmp_path / "daemon")).arrays["best"].tolist()) == str(alone)
    space = siamnas.Space.of_choices({"width": [1, 2, 3]})
    said = in_a_daemon(lambda: siamnas.Search(space, "random", budget=2).run(lambda arch: 1.0))
    assert "InputError: run: this process is a daemon" in said
