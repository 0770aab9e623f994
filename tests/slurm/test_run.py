"""`search.run` on a real Slurm, by submitit's executor: jobs evaluate, report, are stopped, and may get lost."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import submitit

import siamnas
from tests.search.ask_tell import graphs, value

pytestmark = pytest.mark.slurm
SPACE = graphs()
EPOCHS = 9


@pytest.fixture
def executor(slurm: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, setting in slurm.items():
        monkeypatch.setenv(name, setting)
    made = submitit.AutoExecutor(tmp_path / "logs", cluster="slurm")
    made.update_parameters(timeout_min=5, cpus_per_task=1, mem_gb=1, slurm_partition="debug")
    return made


def train(arch: siamnas.Architecture, report: Any) -> float:
    for epoch in range(1, EPOCHS + 1):
        report(epoch, value(arch, SPACE) * epoch / EPOCHS)
    return value(arch, SPACE)


def test_jobs_report_and_are_stopped(executor: Any, tmp_path: Path) -> None:
    with siamnas.Search(SPACE, budget=6, journal=tmp_path / "journal") as search:
        best = search.run(train, executor, workers=3, stopping=siamnas.Halving(EPOCHS, eta=2))
        told = search.history()
    assert search.done and told["worker"].nunique() == 6, "a job each"
    whole = told["stopped"] == ""
    assert 0 < whole.sum() < 6 and not told["failed"].any()
    assert best.value == told["value"][whole].max()
    assert all(len(reports) == EPOCHS for reports in told["reports"][whole])
    assert all(1 <= len(reports) < EPOCHS for reports in told["reports"][~whole])


def cancelled(arch: siamnas.Architecture) -> float:
    """Some jobs are cancelled while they run, as by an administrator."""
    if arch % 2:
        subprocess.run(["scancel", os.environ["SLURM_JOB_ID"]], check=True, timeout=30)
        time.sleep(60)
    return value(arch, SPACE)


def test_a_job_that_is_lost_costs_one_evaluation(executor: Any, caplog: pytest.LogCaptureFixture) -> None:
    search = siamnas.Search(SPACE, "random", 4, overrides=["search=active", "acquisition=random"])
    search.run(cancelled, executor, workers=2, lease=25)
    told = search.history()
    lost = told["value"].isna()
    assert search.done and len(told) == 4 and (lost == told["index"] % 2).all() and 0 < lost.sum() < 4
    assert caplog.text.count("the evaluation failed") == lost.sum() and (told["failed"][lost] != "").all()
