"""The tables of experiments/described/README.md are those of its files."""

import re

import pandas as pd
import pytest

from tests.support import ROOT

FOLDER = ROOT / "experiments/described"
ROWS = re.findall(r"^\| ([SML]) \| (.+) \|$", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
OTHERS = {
    3: None,
    5: [("evolution", 60), ("evolution", 200), ("evolution", 1000), ("random", 60), ("random", 1000)],
    2: [("largest", 10), ("largest", 40)],
}


@pytest.mark.parametrize(("size", "cells"), ROWS)
def test_a_row(size: str, cells: str):
    told = cells.split(" | ")
    others = OTHERS[len(told)]
    if others is None:
        runs = pd.read_csv(FOLDER / "gpt.csv").query(f"size == '{size.lower()}' and method == 'search'")
        assert told == [f"{mean:.3f}" for mean in runs.groupby("evaluations")["perplexity"].mean()]
        return
    pairs = pd.read_csv(FOLDER / "pairs.csv").set_index(["size", "other", "evaluations"])
    for cell, other in zip(told, others, strict=True):
        row = pairs.loc[(size.lower(), *other)]
        assert cell == f"{row.value:.3f}, {row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
