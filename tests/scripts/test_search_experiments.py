"""The experiments on searches of one's own run, small, go on where they were, and write what they are for."""

import csv
from pathlib import Path

import pytest

from tests.scripts.running import run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_eight_pending(tmp_path: Path) -> None:
    ways = ["batches of 5", "8 pending"]
    words = ("--tasks", "nb_macro", "--ways", ",".join(ways), "--share", 0.02, "--out", ".")
    said = [
        run("experiments/asynchronous/measure.py", "--seeds", seeds, *words, folder=tmp_path).stdout
        for seeds in ("1:3", "1:3")
    ]
    assert said[0] == said[1] and len(rows(tmp_path / "runs.csv")) == 4, "what is done is not done again"
    table = rows(tmp_path / "table.csv")
    assert [(row["task"], row["way"]) for row in table] == [
        (task, way) for task in ("nb_macro", "mean") for way in ways
    ]
    assert all(row["seeds"] == "2" and float(row["regret_n_60"]) >= 0 for row in table)


@pytest.mark.slow
def test_halving(tmp_path: Path) -> None:
    words = ("--seeds", "0:1", "--budget", 5, "--epochs", 4, "--out", ".")
    said = [run("experiments/halving/measure.py", *words, folder=tmp_path).stdout for _ in range(2)]
    assert said[0] == said[1] and len(rows(tmp_path / "runs.csv")) == 3
    whole, later, early = rows(tmp_path / "table.csv")
    assert float(early["epochs"]) < float(whole["epochs"]) == 20 >= float(later["epochs"])
    assert float(early["stopped"]) > 0 == float(whole["stopped"]) and float(whole["best"]) < 2.5


def test_the_clock(tmp_path: Path) -> None:
    """More workers shorten what asks for several at once, to no less than their share; one at a time gains nothing."""
    words = ("--tasks", "nb201_c100", "--methods", "random;evolution", "--repeats", 2, "--out", ".")
    run("experiments/clock/measure.py", *words, folder=tmp_path)
    random1, random8, evolution1, evolution8 = rows(tmp_path / "table.csv")
    assert float(random1["hours"]) / 8 < float(random8["hours"]) < float(random1["hours"]) / 4
    assert float(evolution8["hours"]) == pytest.approx(float(evolution1["hours"]), rel=0.2)
    falling = [float(random8[f"regret_{hours}_h"]) for hours in (6, 12, 24, 48, 96)]
    assert falling == sorted(falling, reverse=True) and all(a >= 0 for a in falling)
