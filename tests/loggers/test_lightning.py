"""`logger=tensorboard` and `logger=mlflow` report what the result says: files and a real server read back."""

import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

import siamnas
from siamnas.jobs.record import logged

QUICK = {"predictor": "random", "repeats": 3}


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a real MLflow server, in an environment of its own, because it needs other versions of pandas."""
    home = tmp_path_factory.mktemp("mlflow")
    venv.create(home / "venv", with_pip=True)
    subprocess.run([home / "venv/bin/python", "-m", "pip", "install", "--quiet", "mlflow"], check=True, timeout=900)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    backend = ["--backend-store-uri", f"sqlite:///{home}/mlflow.db", "--artifacts-destination", str(home / "artifacts")]
    server = subprocess.Popen(
        [home / "venv/bin/mlflow", *words, *backend], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, "the server has ended"
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


@pytest.mark.extras
def test_tensorboard_files_hold_the_curve(tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    result = siamnas.run("nb201_c10", out=str(tmp_path), logger="tensorboard", **QUICK)
    assert result.path is not None
    events = EventAccumulator(str(result.path.parent / "tensorboard")).Reload()
    curve = {event.step: event.value for event in events.Scalars("curve/best_acc_mean")}
    mean = result.arrays["best"].mean(axis=0)
    assert list(curve) == list(range(1, len(mean) + 1))
    assert [curve[i + 1] for i in range(len(mean))] == pytest.approx(mean.tolist(), rel=1e-6)
    assert logged(result.path.parent)


@pytest.mark.extras
@pytest.mark.slow
def test_a_server_of_mlflow_has_the_run(tmp_path: Path, tracking: str, monkeypatch: pytest.MonkeyPatch):
    from mlflow import MlflowClient

    batches = []
    send = MlflowClient.log_batch
    monkeypatch.setattr(MlflowClient, "log_batch", lambda self, *a, **k: batches.append(k) or send(self, *a, **k))
    words = [f"logger.uri={tracking}", "logger.project=mine"]
    result = siamnas.run("nb201_c10", out=str(tmp_path), logger="mlflow", overrides=words, **QUICK)
    sizes = [len(batch["metrics"]) for batch in batches if batch.get("metrics")]
    assert len(sizes) == -(-sum(sizes) // 1000), "a request per row took a minute with a server far away"
    client = MlflowClient(tracking)
    experiment = client.get_experiment_by_name("mine")
    (run,) = client.search_runs([experiment.experiment_id])
    history = client.get_metric_history(run.info.run_id, "curve/best_acc_mean")
    mean = result.arrays["best"].mean(axis=0)
    assert {one.step: one.value for one in history} == pytest.approx(dict(enumerate(mean.tolist(), 1)))
    assert run.info.status == "FINISHED" and run.data.params["space"] == "nb201_c10"


@pytest.mark.extras
def test_a_server_that_does_not_answer_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    words = ["logger.uri=http://127.0.0.1:9"]
    result = siamnas.run("nb201_c10", out=str(tmp_path), logger="mlflow", overrides=words, **QUICK)
    assert result.path is not None and "MLflow: not logged" in caplog.text
    assert not logged(result.path.parent), "the same command tries again"


def test_what_is_not_installed_is_named_before_any_work(tmp_path: Path):
    """In a process that can't import it, as where it is not installed."""
    code = (
        "import importlib.util, siamnas\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'tensorboard' else find(name, *rest)\n"
        f"siamnas.run('nb201_c10', 'random', logger='tensorboard', out={str(tmp_path)!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode and "logger=tensorboard: needs TensorBoard: pip install 'tensorboard>=2.15'" in done.stderr
    assert not list(tmp_path.iterdir())
