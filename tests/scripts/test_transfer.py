"""The experiments on what is known beforehand and on noisy labels run, small, and write what they are for."""

from pathlib import Path

import pytest

from tests.scripts.running import run
from tests.scripts.test_experiments import rows


@pytest.mark.slow
def test_what_sources_are_worth(tmp_path: Path) -> None:
    words = ("cora:citeseer", "random:cora", "--seeds", 2, "--share", 0.01, "--out", "new.csv")
    run("experiments/transfer/measure.py", *words, folder=tmp_path)
    found = rows(tmp_path / "new.csv")
    assert [(row["source"], row["target"]) for row in found] == [("cora", "citeseer"), ("random", "cora")]
    assert all(1 <= float(row["evaluations"]) <= 60 and float(row["with_60"]) < 5 for row in found)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "lines"), [("columns", 30), ("cells", 30)])
def test_guards_against_what_misleads(kind: str, lines: int, tmp_path: Path) -> None:
    run("experiments/transfer/guards.py", kind, "--seeds", 2, "--out", "new.csv", folder=tmp_path)
    found = rows(tmp_path / "new.csv")
    assert len(found) == lines and all(float(row["error"]) >= 0 for row in found)


@pytest.mark.slow
def test_rules_of_recommendation(tmp_path: Path) -> None:
    run("experiments/noise/measure.py", "nb_macro test runs", "--seeds", 2, "--out", "new.csv", folder=tmp_path)
    found = rows(tmp_path / "new.csv")
    assert [row["n"] for row in found] == ["30", "60", "100"] * 2
    assert all(90 < float(row["posterior"]) < 94 for row in found[:3])
