"""Secrets of the environment reach no path, configuration, log or page, however a configuration asks for them."""

from pathlib import Path

import pytest

import siamnas as door
from tests.support import QUICK, results

SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("WANDB_API_KEY", ["name=${oc.env:WANDB_API_KEY}"]),
        ("MY_DOOR", ["name=x${oc.env:MY_DOOR}"]),  # nothing in its name says what it is
        ("GITHUB_TOKEN", ["out=/tmp/${oc.env:GITHUB_TOKEN}"]),
        ("DB_PASSWORD", ["logger=wandb", "logger.mode=offline", "logger.project=${oc.env:DB_PASSWORD}"]),
        ("DB_URL", ["-m", "name=${oc.env:DB_URL}", "seed=0,1"]),
        ("A_SECRET", ["-m", "hydra.sweep.dir=x${oc.env:A_SECRET}", "seed=0,1"]),
        ("A_SECRET", ["name=${oc.decode:${oc.env:A_SECRET}}"]),
        ("A_SECRET", ["name=${oc.env:${oc.env:NAME}}"]),
    ],
)
def test_a_command(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, words: list[str]):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NAME", variable)
    monkeypatch.setenv(variable, SECRET)
    shown = siamnas(*QUICK, *words)
    assert shown.code == 2 and "oc.env" in shown.err, shown.err
    assert SECRET not in shown.out + shown.err
    assert not list(tmp_path.iterdir())


def test_the_python_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_DOOR", SECRET)
    with pytest.raises(door.InputError, match="MY_DOOR") as raised:
        door.run("tiny_nb201", "random", name="${oc.env:MY_DOOR}", logger="none", out=str(tmp_path))
    assert SECRET not in str(raised.value)


def test_what_is_no_secret(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SCRATCH", str(tmp_path))
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.delenv("NOT_THERE", raising=False)
    words = ("out=${oc.env:SCRATCH}", "name=x${oc.env:SLURM_JOB_ID}${oc.env:NOT_THERE,y}")
    shown = siamnas(*QUICK, *words)
    assert shown.code == 0, shown.err
    assert len(results(tmp_path / "x17y")) == 1
