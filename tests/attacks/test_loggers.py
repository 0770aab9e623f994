"""Where loggers write to and what they say: through no link, no password, and never longer than a while."""

import os
import socket
from pathlib import Path

import pytest

import siamnas
from siamnas.jobs.record import logged
from siamnas.loggers.csv_logger import FOLLOWED, CsvLogger
from siamnas.loggers.lightning_logger import FOLDER, IMPATIENT, MLflow
from siamnas.loggers.reach import without_password
from tests.loggers.wandb_file import exit_codes, history, offline_runs

NOWHERE = "http://127.0.0.1:9"
JOB = {"predictor": "random", "repeats": 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("to http://me:s3cret@host:5000/api?x=1 failed", "to http://host:5000/api?x=1 failed"),
        ("postgresql://me:p@ss@host/db, http://a@b", "postgresql://host/db, http://b"),
        ("a@b.org and http://host/a@b", "a@b.org and http://host/a@b"),
    ],
)
def test_no_password_is_said(text: str, said: str):
    assert without_password(text) == said


def test_a_name_that_a_spreadsheet_would_compute(tmp_path: Path):
    with CsvLogger().follow(tmp_path, {}) as tell:
        tell({"architecture": "=HYPERLINK(1)", "value": -0.5})
    assert (tmp_path / FOLLOWED).read_text() == "architecture,value\n'=HYPERLINK(1),-0.5\n"


@pytest.mark.extras
def test_tensorboard_writes_through_no_link(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    done = siamnas.run("nb201_c10", out=str(tmp_path / "out"), logger="none", **JOB)
    victim = tmp_path / "victim"
    victim.mkdir()
    (done.path.parent / FOLDER).symlink_to(victim)
    siamnas.run("nb201_c10", out=str(tmp_path / "out"), logger="tensorboard", **JOB)
    assert list(victim.iterdir()) == [] and "TensorBoard: not logged" in caplog.text
    assert "tensorboard" not in logged(done.path.parent), "the next run tries again"


@pytest.mark.extras
def test_tensorboard_says_what_is_in_its_way(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    done = siamnas.run("nb201_c10", out=str(tmp_path), logger="none", **JOB)
    (done.path.parent / FOLDER).write_text("a file")
    siamnas.run("nb201_c10", out=str(tmp_path), logger="tensorboard", **JOB)
    assert "TensorBoard: not logged" in caplog.text and FOLDER in caplog.text and "log -1" not in caplog.text


@pytest.mark.extras
def test_a_server_of_mlflow_that_never_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    for name in IMPATIENT:
        monkeypatch.setenv(name, "1")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        words = [f"logger.uri='http://me:s3cret@127.0.0.1:{silent.getsockname()[1]}'"]
        result = siamnas.run("nb201_c10", out=str(tmp_path), logger="mlflow", overrides=words, **JOB)
    assert result.repeats == 2 and "MLflow: not logged" in caplog.text and "s3cret" not in caplog.text


@pytest.mark.extras
def test_mlflow_waits_as_long_as_its_user_says(monkeypatch: pytest.MonkeyPatch):
    assert int(IMPATIENT["MLFLOW_HTTP_REQUEST_TIMEOUT"]) * (1 + int(IMPATIENT["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])) < 60
    assert not IMPATIENT.keys() & os.environ.keys()


@pytest.mark.extras
@pytest.mark.parametrize("told", ["by the environment", "by a call", "by nobody"])
def test_mlflow_logs_where_the_user_has_said(make_job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str):
    import mlflow

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mlflow.tracking._tracking_service.utils, "_tracking_uri", None)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if told == "by the environment":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", NOWHERE)
    elif told == "by a call":
        mlflow.set_tracking_uri(NOWHERE)
    before = dict(os.environ), mlflow.get_tracking_uri()
    seen = []
    made = MLflow.made
    monkeypatch.setattr(MLflow, "made", lambda self, job: seen.append(made(self, job)._tracking_uri) or 1 / 0)
    assert not MLflow(None, "mine").log(make_job(), None)
    assert seen == ([] if told == "by nobody" else [NOWHERE]), "nobody: MLflow's own default, a database"
    assert not list(tmp_path.glob("mlruns")), "the folder that Lightning takes"
    assert (dict(os.environ), mlflow.get_tracking_uri()) == before


def test_a_run_of_the_user_goes_on_beside_that_of_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """W&B would return the run that is active, and the job would fill and finish it."""
    import wandb

    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    mine = wandb.init(project="mine", dir=tmp_path, settings=wandb.Settings(x_disable_stats=True, console="off"))
    try:
        before = dict(os.environ)
        done = siamnas.run("nb201_c10", out=str(tmp_path / "out"), logger="wandb", **JOB)
        assert logged(done.path.parent) and len(offline_runs(tmp_path / "out" / "default")) == 1
        assert dict(os.environ) == before, "its variables are for its own runs"
        assert wandb.run is mine and "predictor" not in dict(mine.config)
        mine.log({"loss": 0.5})
    finally:
        mine.finish()
    (path,) = offline_runs(tmp_path)
    assert [row["loss"] for row in history(path)] == [0.5] and exit_codes(path) == [0]
