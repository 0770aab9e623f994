"""Where loggers write to and what they say: through no link, no password, and never longer than a while."""

import os
import socket
from pathlib import Path

import pytest

import siamnas
from siamnas.jobs.record import logged
from siamnas.loggers.csv_logger import FOLLOWED, CsvLogger
from siamnas.loggers.lightning_logger import FOLDER, IMPATIENT
from siamnas.loggers.reach import without_password

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
