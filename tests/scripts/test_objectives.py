"""The experiment on two measured objectives, as a process, on as little as it takes."""

import csv
from pathlib import Path

import pytest

from tests.scripts.running import run


@pytest.mark.slow
def test_two_measured_objectives(tmp_path: Path) -> None:
    words = ("--methods", "told,known", "--seeds", "0:2", "--budget", 8, "--out", tmp_path / "shares.csv")
    shown = [run("experiments/objectives/measure.py", *words, folder=tmp_path).stdout for _ in range(2)]
    assert shown[0] == shown[1], "what is done is not done again"
    rows = list(csv.reader((tmp_path / "shares.csv").read_text().splitlines()))
    assert [row[1:3] for row in rows] == [["told", "0"], ["known", "0"], ["told", "1"], ["known", "1"]]
    assert all(0 < float(share) < 1 for row in rows for share in row[3:])
    assert "known      2 seeds" in shown[0] and "told - it" in shown[0]
