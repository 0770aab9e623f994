"""Weights & Biases, CSV and plain logs; and that none of them can spoil a job."""

import csv
import json
import logging
import multiprocessing
import os
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers import modes, reach
from siamnas.loggers.wandb_logger import run_id
from siamnas.runtime import terminal
from siamnas.runtime.progress import part_of
from tests.loggers.server import KEY
from tests.loggers.wandb_file import exit_codes, history, items, of_kind, offline_runs
from tests.support import ROOT

QUICK = ("predictor=random", "repeats=3", "predictor._target_=plugins.Noted")


def result_of(folder: Path) -> Result:
    (path,) = folder.rglob("result.npz")
    return Result.load(path)


def test_the_offline_run_holds_the_numbers(process, make_job, tmp_path: Path):
    shown = process(*QUICK)
    assert shown.code == 0, shown.err
    assert "offline run; to upload it: wandb sync" in shown.err
    result = result_of(tmp_path)
    best = result.arrays["best"]
    (path,) = offline_runs(tmp_path / "outputs" / "default")

    assert path.name == f"run-{run_id(make_job(*QUICK))}.wandb"
    (run,) = of_kind(path, "run")
    assert run.project == "siamnas" and run.run_group == "default"
    assert set(run.tags) == {"nb201_c100", "random", "paper"}
    columns = items(run.config.update)
    assert (columns["n"], columns["k"], columns["predictor"], columns["space"]) == (30, 30, "random", "nb201_c100")
    assert columns["config"] == result.meta["config"]

    rows = history(path)
    curve = {row["evaluations"]: row for row in rows if "evaluations" in row}
    assert list(curve) == list(range(1, 331))
    assert curve[60]["curve/k"] == 30 and "curve/k" not in curve[30]
    assert curve[60]["curve/best_acc_mean"] == pytest.approx(best[:, 59].mean())
    assert curve[60]["best_acc/N=30"] == curve[60]["curve/best_acc_mean"]
    assert curve[60]["curve/best_acc_std"] == pytest.approx(best[:, 59].std(ddof=1))
    assert curve[60]["curve/topk_mean"] == pytest.approx(result.arrays["topk"][:, 29].mean())
    assert [row["train/loss"] for row in rows if "epoch" in row] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])

    final: dict[str, Any] = {}
    for record in of_kind(path, "summary"):
        final |= items(record.update)
    for k in (10, 30, 170):
        assert final[f"best_acc/K={k}"] == pytest.approx(best[:, 30 + k - 1].mean())
        assert final[f"topk/K={k}"] == pytest.approx(result.arrays["topk"][:, k - 1].mean())
    assert "best_acc/N=30" not in final
    assert final["optimum"] == pytest.approx(0.73513, abs=1e-5)
    assert final["spearman"] is None, "random search ranks nothing"
    assert exit_codes(path) == [0]

    (table,) = path.parent.glob("files/media/table/*.json")
    content = json.loads(table.read_text())
    assert [dict(zip(content["columns"], row, strict=True)) for row in content["data"]] == result.meta["found"]


def test_the_id_of_a_run_is_that_of_its_cell(make_job):
    assert run_id(make_job("logger=none", "out=/a")) == run_id(make_job("out=/b", "trainer.threads=1"))
    assert run_id(make_job()) != run_id(make_job("seed=1"))
    assert run_id(make_job()) != run_id(make_job("name=other"))


def test_an_unwritable_folder_costs_a_warning(siamnas, tmp_path: Path):
    blocked = tmp_path / "default" / "wandb"
    blocked.parent.mkdir()
    blocked.touch()
    job = (*QUICK, f"out={tmp_path}")
    shown = siamnas(*job)
    assert shown.code == 0
    assert len(re.findall("Weights & Biases: not logged: .*wandb", shown.err)) == 1
    assert result_of(tmp_path).repeats == 3
    blocked.unlink()
    again = siamnas(*job)
    assert "done before" in again.out
    assert offline_runs(blocked.parent), "what could not be logged is logged by the next run"
    assert "Weights & Biases" not in siamnas(*job).err, "and not once more"


def test_a_broken_installation_costs_a_warning(process, tmp_path: Path):
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/wandb.py").write_text("raise ImportError('broken')")
    shown = process(*QUICK, PYTHONPATH=os.pathsep.join(map(str, (tmp_path / "installed", ROOT, ROOT / "tests"))))
    assert shown.code == 0
    assert "Weights & Biases: not logged: ImportError: broken" in shown.err


def test_the_mode_that_the_user_sets_wins(siamnas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    shown = siamnas(*QUICK, f"out={tmp_path}")
    assert shown.code == 0
    assert "Weights & Biases" not in shown.err
    assert not (tmp_path / "default" / "wandb").exists()


def test_modes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(reach, "reachable", lambda patience: patience == 5)
    assert not modes.has_login()
    assert modes.wanted_mode("auto", 5) == "offline"
    assert not caplog.records
    assert modes.wanted_mode("online", 5) == "offline"  # W&B would ask for a key
    assert "not logged in" in caplog.text
    monkeypatch.setenv("WANDB_MODE", "dryrun")
    assert modes.wanted_mode("auto", 5) == "offline"
    monkeypatch.delenv("WANDB_MODE")

    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {KEY}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert modes.wanted_mode("auto", 5) == "online"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert modes.wanted_mode("auto", 5) == "offline"
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    assert modes.wanted_mode("auto", 5) == "online"
    assert modes.wanted_mode("auto", 1) == "offline", "no server"
    assert modes.wanted_mode("offline", 5) == "offline"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert modes.wanted_mode("auto", 5) == "offline"


@pytest.mark.parametrize("project", ["a/b", "a:b", "x" * 129, "' '", "what?"])
def test_a_name_that_the_server_refuses_shows_before_the_search(siamnas, tmp_path: Path, project: str):
    shown = siamnas("predictor=random", "repeats=3", f"logger.project={project}", f"out={tmp_path / 'out'}")
    assert shown.code == 2
    assert "logger.project=" in shown.err and "at most 128 characters" in " ".join(shown.err.split())
    assert not (tmp_path / "out").exists()


def test_so_does_a_mode_that_there_is_not(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WANDB_MODE", "ofline")
    shown = siamnas("predictor=random", "repeats=3", f"out={tmp_path / 'out'}")
    assert shown.code == 2
    assert "WANDB_MODE=ofline: must be online, offline, disabled" in shown.err
    assert not (tmp_path / "out").exists()


def test_csv_logger(siamnas, tmp_path: Path):
    assert siamnas(*QUICK, "logger=csv", f"out={tmp_path}").code == 0
    (path,) = tmp_path.rglob("training.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert float(rows[4]["loss"]) == pytest.approx(0.2)
    assert not list(tmp_path.rglob("wandb"))


def test_curves_of_different_length(tmp_path: Path):
    result = Result({"curve/a": np.array([[1.0, 2.0], [3.0, 4.0]]), "curve/b": np.array([[5.0], [6.0]])}, {})
    rows = summary.training_rows(result)
    assert rows == [{"epoch": 1, "a": 2.0, "b": 5.5}, {"epoch": 2, "a": 3.0}]
    summary.write_csv(tmp_path / "t.csv", rows)
    assert (tmp_path / "t.csv").read_text().split() == ["epoch,a,b", "1,2,5.5", "2,3,"]


def test_progress_lines_without_a_terminal(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    clock = iter([0.0, 5.0, 30.0, 31.0])
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: next(clock)))  # not that of other libraries
    caplog.set_level(logging.INFO, "siamnas")
    bar = terminal.Bar("a job", 0.5)
    report = part_of(bar.update, 0.5, 1.0)
    for share in (0.1, 0.5, 0.6):
        report(share)
    assert [record.getMessage() for record in caplog.records] == ["a job: 75 %, about 30 s left"]


def test_the_first_sample_makes_no_estimate(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    clock = iter([0.0, 25.0, 46.0, 47.0, 68.0])
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: next(clock)))  # not that of other libraries
    caplog.set_level(logging.INFO, "siamnas")
    bar = terminal.Bar("a job")
    for share in (0.001, 0.001, 0.5, 0.5):
        bar.update(share)
    said = [record.getMessage() for record in caplog.records]
    assert said == ["a job: 0 %, 25 s so far", "a job: 0 %, 46 s so far", "a job: 50 %, about 68 s left"]


def spoken(caplog: pytest.LogCaptureFixture, least: int) -> list[str]:
    """What is said until there are so many lines; the test ends by itself where nobody speaks."""
    until = time.monotonic() + 10
    while len(caplog.records) < least and time.monotonic() < until:
        time.sleep(0.005)
    return [record.getMessage() for record in caplog.records]


def test_a_job_that_reports_nothing_speaks_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(terminal, "PLAIN_EVERY", 0.02)
    caplog.set_level(logging.INFO, "siamnas")
    with terminal.Bar("a job", 0.25):
        assert spoken(caplog, 3)[:3] == ["a job: 25 %, 0 s so far"] * 3
    before = len(caplog.records)
    time.sleep(0.1)
    assert len(caplog.records) == before, "it speaks no more when it is done"


def test_work_of_unknown_length_speaks_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(terminal, "PLAIN_EVERY", 0.02)
    caplog.set_level(logging.INFO, "siamnas")
    with terminal.doing("drawing figures"):
        assert spoken(caplog, 2)[:2] == ["drawing figures: 0 s so far"] * 2


def test_a_process_that_is_forked_while_a_job_speaks_may_speak(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(terminal, "PLAIN_EVERY", 0.0001)
    context = multiprocessing.get_context("fork")
    with terminal.Bar("a job"):
        for _ in range(20):
            child = context.Process(target=terminal.log.info, args=("a child",))
            child.start()
            child.join(20)
            assert child.exitcode == 0
