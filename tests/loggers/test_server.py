"""No server of Weights & Biases can hold up a job or spoil it; and what a good one is told."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from siamnas.loggers import reach
from tests.loggers.server import KEY, MISBEHAVIOURS, Server
from tests.support import Outcome

JOB = ("predictor=random", "predictor._target_=plugins.Noted", "repeats=3")
Serve = Callable[[str], Server]
Call = Callable[..., Outcome]


@pytest.mark.parametrize(("behaviour", "said"), MISBEHAVIOURS.items())
def test_a_server_that_misbehaves_is_asked_once(
    serve: Serve, caplog: pytest.LogCaptureFixture, behaviour: str, said: str
):
    server, began = serve(behaviour), time.monotonic()
    assert [reach.reachable(0.5) for _ in range(3)] == [False] * 3
    assert time.monotonic() - began < 2
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("siamnas")]
    assert line.startswith(f"Weights & Biases: no connection to {server.url}: {said}")
    assert server.questions == 1
    assert KEY not in caplog.text


def test_one_that_refuses_or_is_none(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    for url, place, said in (
        ("http://someone:secret@127.0.0.1:9", "http://127.0.0.1:9", "connection refused"),
        ("http://no.such.host.invalid", "http://no.such.host.invalid", ""),
        ("127.0.0.1", "", "WANDB_BASE_URL is no address"),
    ):
        caplog.clear()
        monkeypatch.setenv("WANDB_BASE_URL", url)
        assert not reach.reachable(5)
        assert f"{place}: {said}" in caplog.text
        assert "secret" not in caplog.text


def test_one_that_works(serve: Serve, caplog: pytest.LogCaptureFixture):
    server = serve("works")
    assert reach.reachable(5)
    assert reach.reachable(5)
    assert server.questions == 1 and not caplog.records
    reach.give_up("a reason")
    assert not reach.reachable(5)


def test_a_sweep_waits_once_and_keeps_its_runs(siamnas: Call, serve: Serve, tmp_path: Path):
    server, began = serve("hangs"), time.monotonic()
    shown = siamnas(*JOB, "seed=0,3", "logger.init_timeout=1", f"out={tmp_path}", "-m")
    assert shown.code == 0, shown.err
    assert shown.err.count("timed out after 1 s; runs are kept offline") == 1
    assert server.questions == 1
    assert shown.err.count("offline run; to upload it: wandb sync") == 2
    assert len(list(tmp_path.rglob("result.npz"))) == len(list(tmp_path.rglob("*.wandb"))) == 2
    assert time.monotonic() - began < 60


@pytest.mark.slow
def test_a_job_of_its_own_ends_in_time(process: Call, tmp_path: Path):
    began = time.monotonic()
    shown = process(*JOB, WANDB_API_KEY=KEY, WANDB_BASE_URL="http://127.0.0.1:9")
    assert shown.code == 0 and "73.51" in shown.out
    assert shown.err.count("Weights & Biases: no connection to http://127.0.0.1:9: connection refused") == 1
    assert "offline run; to upload it: wandb sync" in shown.err
    assert list(tmp_path.glob("outputs/default/wandb/offline-run-*/*.wandb"))
    assert time.monotonic() - began < 60
