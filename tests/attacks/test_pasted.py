"""Records of strangers: what `siamnas status` prints to be pasted holds no option and no place that they chose."""

import json
import os
import shlex
from pathlib import Path

import pytest

from siamnas.config import overrides
from siamnas.jobs import record
from siamnas.jobs.record import RECORD

EVIL = [
    ["--config-dir=/tmp/evil", "predictor=random"],
    ["--config-dir", "/tmp/evil", "predictor=random"],
    ["-cd=/tmp/evil", "predictor=random"],
    ["-m", "predictor=random", "--config-path=/tmp/evil"],
    ["predictor=random", "--experimental-rerun=/tmp/evil"],
    ["/tmp/evil"],
]


def written(folder: Path, words: list[str]) -> Path:
    job = folder / "outputs" / "default" / "nb201_c100" / "random" / "n=30,k=30,seed=0,repeats=3,01234567"
    job.mkdir(parents=True)
    (job / RECORD).write_text(json.dumps({"state": "failed", "overrides": words, "error": "x"}))
    return job


@pytest.mark.parametrize("words", EVIL, ids=" ".join)
def test_no_option_of_a_stranger(siamnas, tmp_path: Path, words: list[str]):
    job = written(tmp_path, words)
    sweeps = job.parents[2] / "sweeps"
    sweeps.mkdir()
    (sweeps / "01234567.json").write_text(json.dumps({"words": words, "jobs": [words]}))
    shown = siamnas("status", "--commands", str(tmp_path))
    assert shown.code == 0 and shown.out == ""
    shown = siamnas("status", str(tmp_path))
    assert shown.code == 0 and "/tmp/evil" not in shown.out and "failed" in shown.out


def test_a_place_of_configs_only_where_the_record_is_ones_own(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written(tmp_path, ["predictor=mine", overrides.search_path(["file:///home/me/conf"])])
    assert "/home/me/conf" in siamnas("status", "--commands", str(tmp_path)).out
    uid = os.getuid()
    monkeypatch.setattr(record.os, "getuid", lambda: uid + 1)
    assert siamnas("status", "--commands", str(tmp_path)).out == ""


def test_what_is_printed_is_one_command_in_the_words_of_the_record(siamnas, tmp_path: Path):
    words = ["predictor=random", "label='$(touch ran); `touch ran` \"'"]
    written(tmp_path, words)
    (line,) = siamnas("status", "--commands", str(tmp_path)).out.splitlines()
    pasted = shlex.split(line)
    assert pasted[-4:-2] == words
    assert all(word.startswith(("out=", "name=")) for word in pasted[-2:])
