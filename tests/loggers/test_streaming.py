"""What Weights & Biases shows of a job while it runs, when it fails, and when it goes on."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siamnas.jobs import provenance
from siamnas.jobs.store import Result
from siamnas.loggers import streaming
from siamnas.loggers.wandb_logger import RESULT
from siamnas.runner import report
from tests.loggers import wandb_file
from tests.loggers.server import KEY, Server
from tests.loggers.steady import EPOCHS
from tests.support import Outcome

# Two chunks of one repeat, one after the other.
JOB = ("predictor=random", "predictor._target_=tests.loggers.steady.Steady", "repeats=2", "trainer.chunk=1")
ONE_BY_ONE = "trainer.threads=1"
Serve = Callable[[str], Server]
Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at every report, as if time had passed."""
    look = streaming.Feed.look

    def look_and_wait(feed: streaming.Feed, share: float) -> None:
        look(feed, share)
        feed.wait()

    monkeypatch.setattr(streaming, "EVERY", 0.0)
    monkeypatch.setattr(streaming.Feed, "look", look_and_wait)


@pytest.fixture
def call(siamnas: Call, tmp_path: Path) -> Call:
    return lambda *more: siamnas(*JOB, ONE_BY_ONE, f"out={tmp_path}", *more)


def check_result(rows: list[dict[str, Any]]) -> None:
    """The whole result is there, and once."""
    assert [row["evaluations"] for row in rows if "curve/best_acc_mean" in row] == list(range(1, 331))
    assert [row["epoch"] for row in rows if "train/loss" in row] == list(range(1, EPOCHS + 1))
    steps = [row["_step"] for row in rows if row["_step"] >= RESULT]
    assert steps == sorted(set(steps))


def rows_of(server: Server) -> list[dict[str, Any]]:
    (lines,) = server.history.values()
    return [lines[i] for i in sorted(lines)]


def test_progress_and_losses_come_while_it_runs(call: Call, serve: Serve, tmp_path: Path):
    server = serve("works")
    shown = call()
    assert shown.code == 0 and "Weights & Biases: http" in shown.err, shown.err
    rows = rows_of(server)
    before = [row for row in rows if row["_step"] < RESULT]
    percent = [row["progress"] for row in before]
    assert len(percent) > EPOCHS and percent == sorted(percent) and percent[0] == 0 and percent[-1] > 90
    losses = [(row["epoch"], row["live/loss"]) for row in before if "live/loss" in row]
    assert len(losses) > EPOCHS / 2
    assert all(loss == pytest.approx(1 / epoch) for epoch, loss in losses)
    assert [epoch for epoch, _ in losses] == sorted({epoch for epoch, _ in losses}), "the next chunk does not go back"
    assert [row["evaluations"] for row in before if "live/best" in row][0] == 30
    check_result(rows)
    (run,) = server.runs.values()
    config = {key: entry["value"] for key, entry in json.loads(run["config"]).items()}
    (path,) = tmp_path.rglob("result.npz")
    meta = Result.load(path).meta
    for key in ("versions", "commit", "machine", "device"):
        assert config[key] == meta[key]
    assert config["versions"] == provenance.versions()
    assert run["groupName"] == "default"
    assert list(server.exit_codes.values()) == [[0]]


@pytest.mark.parametrize(("stop", "code"), [pytest.param("failed", 1, marks=pytest.mark.slow), ("killed", 255)])
def test_a_job_that_goes_on_goes_on_in_its_run(
    call: Call, serve: Serve, monkeypatch: pytest.MonkeyPatch, stop: str, code: int
):
    server = serve("works")
    with monkeypatch.context() as patch:
        patch.setenv("STOP_AT", "5")
        patch.setenv("STOP_BY", stop)
        assert call().code
    seen = len(rows_of(server))
    assert seen > EPOCHS
    assert call().code == 0
    check_result(rows_of(server))
    assert len(rows_of(server)) > 330 + seen
    assert list(server.exit_codes.values()) == [[code, 0]], "and W&B shows what became of it"


def test_one_that_fails_at_once_has_a_run_that_failed(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("siamnas.runner.search_all", lambda *_: 1 / 0)
    shown = call()
    assert shown.code == 1 and "ZeroDivisionError" in shown.err
    (path,) = wandb_file.offline_runs(tmp_path / "default")
    assert wandb_file.exit_codes(path) == [1]


def test_axes_are_no_panels(call: Call, tmp_path: Path):
    assert call().code == 0
    (path,) = wandb_file.offline_runs(tmp_path / "default")
    metrics = {metric.name or metric.glob_name: metric for metric in wandb_file.of_kind(path, "metric")}
    assert {name for name, metric in metrics.items() if metric.options.hidden} == {"evaluations", "epoch", "curve/k"}
    over = {name: metric.step_metric for name, metric in metrics.items() if metric.step_metric}
    assert over["curve/*"] == over["live/best"] == over["best_acc/N=30"] == "evaluations"
    assert over["train/*"] == over["live/loss"] == "epoch"


def test_offline_runs_are_uploaded_by_the_printed_command(
    call: Call, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with monkeypatch.context() as patch:
        patch.setenv("STOP_AT", "5")
        patch.setenv("STOP_BY", "failed")
        first = call()
    second = call()
    server = serve("works")
    for shown in (first, second):
        (command,) = (line.partition("to upload it: ")[2] for line in shown.err.splitlines() if "to upload it" in line)
        done = subprocess.run(
            f"{Path(sys.executable).parent}/{command}", shell=True, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
    (run,) = server.runs.values()
    assert run["groupName"] == "default"
    check_result(rows_of(server))
    assert list(server.exit_codes.values()) == [[1, 0]]


@pytest.mark.slow
def test_a_server_that_stops_at_the_end_costs_a_warning(
    call: Call, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    server = serve("works")

    def stopping(*arguments: Any) -> None:
        server.behaviour = "hangs"
        report(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("siamnas.runner.report", stopping)
        shown = call("logger.finish_timeout=1")
    assert shown.code == 0 and "73.51" in shown.out
    warnings = [line for line in shown.err.splitlines() if "Weights & Biases: " in line]
    assert all(line.endswith("; the same command tries again") for line in warnings), warnings
    assert 1 <= len(warnings) <= 2
    server.behaviour = "works"
    again = call()
    assert "done before" in again.out and "Weights & Biases: http" in again.err
    check_result(rows_of(server))


@pytest.mark.parametrize("behaviour", ["works", "500"])
def test_keys_are_in_no_file_and_on_no_screen(
    call: Call, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, behaviour: str
):
    server = serve(behaviour)
    monkeypatch.setenv("WANDB_BASE_URL", server.url.replace("//", "//someone:secret-password@"))
    monkeypatch.setenv("STOP_AT", "5")
    monkeypatch.setenv("STOP_BY", "failed")
    failed = call()
    monkeypatch.delenv("STOP_AT")
    shown = call()
    assert (failed.code, shown.code) == (1, 0)
    said = [text.encode() for text in (failed.out, failed.err, shown.out, shown.err)]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10 and any(b"Weights & Biases" in text for text in said)
    assert not any(secret in text for text in said + files for secret in (KEY.encode(), b"secret-password"))
