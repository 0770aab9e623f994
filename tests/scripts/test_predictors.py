"""Predictors compared as predictors, on as little as it takes, and what is said of it."""

from pathlib import Path

import pandas as pd
import pytest

from tests.scripts import claimed
from tests.scripts.running import run
from tests.support import ROOT

FOLDER = ROOT / "experiments/predictors"


@pytest.mark.slow
def test_predictors_are_compared(tmp_path: Path) -> None:
    words = "--tasks nano_pilot,tiny_nb201 --sizes 10,30 --seeds 2 --predictors gp,forest,boosting --out".split()
    for _ in range(2):  # the second time nothing is left to do
        run("experiments/predictors/run.py", *words, tmp_path, folder=tmp_path)
        found = pd.read_csv(tmp_path / "predictors.csv")
        assert len(found) == 2 * 2 * 2 * 3
    assert found["tau"].between(-1, 1).all() and (tmp_path / "tau.svg").exists()
    for predictor in ("gp", "forest"):
        own = found[found["predictor"] == predictor]
        assert (own["cover_50"] <= own["cover_80"]).all() and (own["crps"] != own["crps_plain"]).all()
    assert found.loc[found["predictor"] == "boosting", "crps"].isna().all()
    pairs = pd.read_csv(tmp_path / "pairs.csv").set_index(["measure", "n", "method"])
    means = found.groupby(["predictor", "n"])["tau"].mean()
    for n in (10, 30):
        difference = means["gp", n] - means["forest", n]
        assert pairs.loc[("tau", n, "forest"), "difference"] == pytest.approx(difference, abs=1e-4)


def test_what_is_said_of_predictors_is_in_their_table() -> None:
    assert not claimed.wrong(FOLDER)


def test_the_table_of_predictors_is_that_of_the_means() -> None:
    means = pd.read_csv(FOLDER / "means.csv").set_index(["predictor", "n"])
    lines = [line.strip("| \n").split(" | ") for line in (FOLDER / "README.md").read_text().splitlines()]
    rows = [cells for cells in lines if len(cells) == 8 and cells[1].isdigit()]
    assert len(rows) > 20
    for predictor, n, *cells in rows:
        row = means.loc[(predictor, int(n))]
        assert cells == [f"{row['tau']:.2f}", f"{row['recall']:.2f}", *spread(row, ""), *spread(row, "_plain")]


def spread(row: pd.Series, end: str) -> list[str]:
    """Coverages and CRPS as the table has them."""
    if pd.isna(row[f"crps{end}"]):
        return ["\N{EN DASH}"] * 2
    return [" / ".join(f"{row[f'cover_{level}{end}']:.2f}" for level in (50, 80, 95)), f"{row[f'crps{end}']:.3f}"]
