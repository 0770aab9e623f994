"""`siamnas status`: what became of every job that was asked for, and the commands that finish the others."""

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from siamnas.cli import status
from siamnas.jobs import states, sweeps
from siamnas.jobs.lease import LEASE
from siamnas.jobs.record import RECORD
from siamnas.jobs.store import PARTS, RESULT
from tests.support import ROOT

SWEEP = ("-m", "predictor=random,column", "search.n=10,20", "repeats=2", "logger=none")


def states_of(folder: Path) -> dict[str, str]:
    return {job.name.replace("repeats=2,", "")[:-9] or job.name: job.state for job in states.find([folder])[0]}


def folder_of(root: Path, predictor: str, n: int) -> Path:
    (folder,) = root.glob(f"nb201_c100/{predictor}/n={n},*")
    return folder


def change(folder: Path, **values: object) -> None:
    """Alter the record of a job whose result is taken away."""
    (folder / RESULT).unlink()
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps(record | values))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep of four jobs."""
    out = tmp_path_factory.mktemp("finished")
    command = [sys.executable, "-m", "siamnas.run", *SWEEP, f"out={out}", "name=sweep"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out / "sweep"


@pytest.fixture
def root(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(finished, tmp_path / "outputs" / "sweep")


def test_all_done(siamnas, root: Path):
    shown = siamnas("status", str(root))
    assert shown.code == 0
    assert shown.out == "4 jobs: 4 done\n"
    assert "column/n=10" in "".join(siamnas("status", str(root), "--all").out.split())
    assert siamnas("status", str(root), "--commands").out == ""


def test_every_state_and_the_commands(siamnas, root: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(folder_of(root, "random", 10))
    change(folder_of(root, "random", 20), state="failed", error="RuntimeError: no luck [at all]")
    change(folder_of(root, "column", 10), state="running")  # and no lease: it was killed
    (folder_of(root, "column", 10) / PARTS).mkdir()
    (folder_of(root, "column", 10) / PARTS / "0-0.npz").touch()
    running = folder_of(root, "column", 20)
    change(running, state="running")
    owner = {"host": platform.node(), "pid": os.getpid(), "born": "", "since": "2026-01-01 10:00:00", "token": ""}
    (running / LEASE).write_text(json.dumps(owner))

    monkeypatch.chdir(root.parents[1])
    shown = siamnas("status", "outputs")
    assert shown.code == 0
    assert shown.out.startswith("4 jobs: 1 running, 1 failed, 1 interrupted, 1 missing\n")
    lines = shown.out.splitlines()
    for words in (
        ("running", "column/n=20", f"process {os.getpid()} on {platform.node()} since 2026-01-01 10:00:00"),
        ("failed", "random/n=20", "RuntimeError: no luck [at all]"),
        ("interrupted", "column/n=10", "1 of 2 repeats on disk"),
        ("missing", "predictor=random search.n=10"),
    ):
        assert any(all(word in line for word in words) for line in lines), words
    sweep = "predictor=random,column search.n=10,20 repeats=2 logger=none out=outputs name=sweep"
    assert f"siamnas -m {sweep}" in lines

    commands = siamnas("status", "outputs", "--commands").out.splitlines()
    assert len(commands) == 3 and set(commands) <= set(lines)
    for command in commands:
        assert siamnas(*shlex.split(command)[1:]).code == 0
    assert states_of(root) == {
        "nb201_c100/random/n=10,k=30,seed=0": "done",
        "nb201_c100/random/n=20,k=30,seed=0": "done",
        "nb201_c100/column/n=10,k=30,seed=0": "done",
        "nb201_c100/column/n=20,k=30,seed=0": "running",
    }


def test_jobs_done_in_other_words_are_not_missing(siamnas, root: Path):
    shutil.rmtree(root / sweeps.FOLDER)
    again = ("-m", "predictor=random,column", "search.n=10,20,40", "search.k=30", "repeats=2", "logger=none")
    sweeps_before = siamnas(*again, f"out={root.parent}", "name=sweep")
    assert sweeps_before.out.count("done before") == 4
    shutil.rmtree(folder_of(root, "random", 40))
    found, (sweep,) = states.find([root])
    assert [job.state for job in found].count("done") == 5
    (missing,) = status.unfinished(found)
    assert missing.name == "predictor=random search.n=40"
    assert status.sweep_command(sweep).startswith("siamnas -m predictor=random,column")


def test_a_job_asked_for_on_two_clusters_is_there_once(siamnas, root: Path, monkeypatch: pytest.MonkeyPatch):
    assert siamnas(*SWEEP, "cluster=joblib", f"out={root.parent}", "name=sweep").code == 0
    shutil.rmtree(folder_of(root, "random", 10))
    monkeypatch.delattr(states, "_path")  # composing is slow, and not needed to see that
    assert [job.state for job in states.find([root])[0]] == ["done"] * 3 + ["missing"]


def test_a_sweep_that_cannot_be_composed_leaves_no_jobs(siamnas, root: Path):
    wrong = siamnas("-m", "predictor=random,colum", "logger=none", f"out={root.parent}", "name=sweep")
    assert wrong.code == 2
    assert siamnas("status", str(root)).out == "4 jobs: 4 done\n"


def test_a_damaged_result(siamnas, root: Path):
    path = folder_of(root, "random", 10) / RESULT
    path.write_bytes(path.read_bytes()[:1000])
    assert "result.npz is damaged; delete it" in " ".join(siamnas("status", str(root)).out.split())


def test_only_the_result_of_the_job_itself_is_done(siamnas, root: Path):
    np.savez(folder_of(root, "random", 10) / RESULT, a=np.zeros(3))
    shutil.copy(folder_of(root, "column", 10) / RESULT, folder_of(root, "column", 20) / RESULT)
    shown = " ".join(siamnas("status", str(root)).out.split())
    assert shown.startswith("4 jobs: 2 done, 2 failed")
    assert "result.npz is damaged" in shown and "result.npz is that of another job; move it away" in shown


@pytest.mark.parametrize(
    "content",
    ['{"config": [], "overrides": 5}', '{"config": {}, "choices": []}', '{"overrides": [{}]}', "[" * 100_000],
)
def test_odd_records_and_files_do_not_end_it(siamnas, root: Path, content: str):
    odd = folder_of(root, "random", 10)
    (odd / RESULT).unlink()
    (odd / RECORD).write_text(content)
    (odd / PARTS).mkdir()
    (odd / PARTS / "my-notes.npz").touch()
    for name in (folder_of(root, "random", 20) / RECORD, root / sweeps.FOLDER / "pipe.json"):
        name.unlink(missing_ok=True)
        os.mkfifo(name)
    shown = siamnas("status", str(root))
    assert shown.code == 0
    assert shown.out.startswith("4 jobs: 3 done, 1 interrupted")


def test_nothing_there(siamnas, tmp_path: Path):
    (tmp_path / "file").touch()
    nothing = {"nowhere": "no such folder", "file": "is no folder", "": "no job has been started there"}
    for folder, message in ((tmp_path / name, message) for name, message in nothing.items()):
        shown = siamnas("status", str(folder))
        assert shown.code == 2
        assert message in shown.err


def test_outputs_are_meant_where_no_folder_is_given(siamnas, root: Path, monkeypatch):
    monkeypatch.chdir(root.parents[1])
    assert siamnas("status").out == siamnas("status", "outputs").out
    assert siamnas("report").code == 0 and Path("outputs/report/index.html").is_file()


def test_an_experiment_that_is_a_sweep_by_itself():
    job = states.JobState("missing", Path("/out/fig6"), "", ("search.n=30", "experiment=fig6", "out=/old", "name=x"))
    words = "search.n=30 experiment=fig6 out=/out name=fig6 hydra.mode=RUN"
    assert status.command(job) == f"siamnas {words}"


def test_as_a_module_without_heavy_imports(root: Path):
    code = (
        "import sys; from siamnas.cli import status; status.main(sys.argv[1:]);"
        "assert not {'torch', 'wandb', 'pandas', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(root)], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.slow
def test_options_in_a_folder_of_ones_own(process, tmp_path: Path):
    for group, option, base in (("space", "mine/foo", "nb201_c10"), ("predictor", "mine/deep/bar", "random")):
        path = tmp_path / "conf" / group / f"{option}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(f"defaults:\n  - /{group}/{base}@_here_\n")
    words = ("space=mine/foo", "predictor=mine/deep/bar", "repeats=2", "logger=none")
    shown = process("-m", "--config-dir", "conf", *words, "search.n=10,20", "out='my, outputs'", "name=own")
    assert shown.code == 0, shown.err
    root = tmp_path / "my, outputs" / "own"
    assert {path.parent.relative_to(root).parts[:2] for path in root.rglob(RESULT)} == {("mine.foo", "mine.deep.bar")}
    (lost, _) = sorted(root.glob("*/*/n=*"))
    shutil.rmtree(lost)
    found, (sweep,) = states.find([tmp_path])
    assert {job.root for job in found} == {sweep.root} == {root}
    assert sorted(job.state for job in found) == ["done", "missing"]

    (command,) = status.commands(found)
    assert process(*shlex.split(command)[1:]).code == 0
    assert lost.is_dir() and [job.state for job in states.find([tmp_path])[0]] == ["done", "done"]


def test_a_record_of_a_sweep_whose_words_are_no_texts_is_left_out(siamnas, root: Path):
    (path,) = (root / sweeps.FOLDER).iterdir()
    path.write_text(json.dumps({"words": [{}], "jobs": [[5, None]]}))
    assert siamnas("status", str(root)).out == "4 jobs: 4 done\n"


@pytest.mark.parametrize("word", ["search.n=" + "9" * 5000, "x" * 300 + "=1", "=0.5", "~trainer=0.5"])
def test_a_job_whose_words_cannot_be_composed_is_shown_as_failed(siamnas, root: Path, word: str):
    change(folder_of(root, "random", 10), overrides=[word])
    (path,) = (root / sweeps.FOLDER).iterdir()
    path.write_text(json.dumps({"words": [word], "jobs": [[word]]}))
    shown = siamnas("status", str(root))
    assert shown.code == 0
    assert shown.out.startswith("4 jobs: 3 done, 1 interrupted\n")
    record = json.loads((folder_of(root, "random", 20) / RECORD).read_text())
    path.write_text(json.dumps({"words": [word], "jobs": [[*record["overrides"], word]]}))
    assert "1 failed" in siamnas("status", str(root)).out


def test_the_record_of_an_older_sweep_is_read(root: Path):
    (path,) = (root / sweeps.FOLDER).iterdir()
    asked = json.loads(path.read_text())
    path.write_text(json.dumps({"words": asked["words"], "cells": asked["jobs"]}))
    (sweep,) = sweeps.read(root)
    assert len(sweep.jobs) == 4
