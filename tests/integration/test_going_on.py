"""A job that was cut off, wherever: the same command goes on, and ends as if nothing had happened."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from siamnas.jobs.lease import LEASE
from siamnas.jobs.store import Result, Store
from tests.support import QUICK, ROOT, results


def test_what_comes_after_the_result_is_made_up_for(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A job that is cut off once its result is there, and one that is to be logged only afterwards."""
    job = (*QUICK, "predictor._target_=plugins.Noted", f"out={tmp_path}")
    monkeypatch.syspath_prepend(ROOT / "tests")
    with monkeypatch.context() as patch:
        patch.setattr("siamnas.jobs.summary.curve_rows", lambda *_: sys.exit(9))
        assert siamnas(*job).code == 9
    (path,) = results(tmp_path)
    computed = path.stat().st_mtime_ns
    monkeypatch.setattr("siamnas.runner.search_all", lambda *_: pytest.fail("computed again"))
    assert "done before" in siamnas(*job).out
    assert len((path.parent / "curves.csv").read_text().splitlines()) == 331
    assert not (path.parent / "training.csv").exists()
    for _ in range(2):
        shown = siamnas(*job, "logger=csv")
        assert shown.code == 0 and "done before" in shown.out
        assert (path.parent / "training.csv").exists()
        with monkeypatch.context() as patch:
            patch.setattr("siamnas.loggers.csv_logger.CsvLogger.log", lambda *_: pytest.fail("logged twice"))
            assert siamnas(*job, "logger=csv").code == 0
    assert path.stat().st_mtime_ns == computed
    assert not list(tmp_path.rglob(LEASE))


def test_a_full_disk(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk):
    job = (*QUICK, "trainer.chunk=2", f"out={tmp_path}")
    save = Store.save

    def full(store: Store, result: Result) -> None:
        with full_disk():
            save(store, result)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "save", full)
        shown = siamnas(*job)
    assert shown.code == 2
    assert "result.npz: cannot be written: " in shown.err.replace("\n", "") and "Traceback" not in shown.err
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "0-1.npz",
        "2-2.npz",
        "job.json",
        "run.log",
    }
    again = siamnas(*job)
    assert again.code == 0 and "3 of 3 repeats are already on disk" in again.err


@pytest.mark.parametrize("interrupted", ["hydra", "rich", "numpy"])
def test_ctrl_c_while_it_starts_is_one_line(process, tmp_path: Path, interrupted: str):
    first = tmp_path / "first"
    first.mkdir()
    (first / f"{interrupted}.py").write_text("import os, signal, time; os.kill(os.getpid(), 2); time.sleep(60)")
    shown = process(*QUICK, PYTHONPATH=f"{first}{os.pathsep}{ROOT}")
    assert shown.code == 130
    assert shown.err == "error: interrupted\n"
    assert shown.out == ""


def test_a_killed_job_resumes_and_ends_as_if_nothing_had_happened(process, tmp_path: Path):
    job = (*QUICK, "repeats=7", "trainer.chunk=2", "predictor._target_=plugins.Dying")
    assert process(*job, DIE_AT="5").code == -9
    parts = {path.name: path.read_bytes() for path in tmp_path.rglob("parts/*.npz")}
    assert set(parts) == {"0-1.npz", "2-3.npz"}
    resumed = process(*job)
    assert resumed.code == 0, resumed.err
    assert "4 of 7 repeats are already on disk" in resumed.err
    assert process(*job, "name=uninterrupted").code == 0

    one, other = (Result.load(*results(tmp_path / "outputs" / name)) for name in ("default", "uninterrupted"))
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])
    assert one.meta["found"] == other.meta["found"]
    assert not list(tmp_path.rglob("parts"))


def test_a_job_that_was_killed_just_before_its_end(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr("siamnas.jobs.store.Store.save", lambda *_: sys.exit(9))
        assert siamnas(*QUICK, f"out={tmp_path}").code == 9
    shown = siamnas(*QUICK, f"out={tmp_path}")
    assert shown.code == 0, shown.err
    assert Result.load(*results(tmp_path)).repeats == 3


@pytest.mark.slow
def test_a_killed_training_resumes(process, tmp_path: Path):
    job = ["predictor=siams", "trainer=debug", "space=tiny_nb201", "space.constraints=[flops<=15]", "trainer.epochs=2"]
    job += ["search.n=8", "search.k=5", "repeats=6", "trainer.chunk=1", "logger=none"]
    assert process(*job, "name=uninterrupted").code == 0

    command = [sys.executable, "-m", "siamnas.run", *job]
    running = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    while not list(tmp_path.glob("outputs/default/**/parts/[0-9]*.npz")) and running.poll() is None:
        time.sleep(0.02)
    running.kill()
    assert running.wait() == -9
    assert not results(tmp_path / "outputs" / "default")

    resumed = process(*job)
    assert resumed.code == 0, resumed.err
    assert "of 6 repeats are already on disk" in resumed.err
    one, other = (Result.load(*results(tmp_path / "outputs" / name)) for name in ("default", "uninterrupted"))
    for name, array in one.arrays.items():
        np.testing.assert_allclose(array, other.arrays[name], rtol=1e-4, err_msg=name)
