"""The tables of experiments/described/README.md are those of its files."""

import re

import pandas as pd
import pytest

from tests.support import ROOT

FOLDER = ROOT / "experiments/described"
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([SML]) \| (.+) \|$", TEXT, re.MULTILINE)
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


CELLS = {"CIFAR-10": "nb201_c10", "CIFAR-100": "nb201_c100", "ImageNet16-120": "nb201_img16"}
SHARES = re.findall(rf"^\| ({'|'.join(CELLS)}) \| (.+) \| (.+) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("name", "described", "listed"), SHARES)
def test_shares_of_cells(name: str, described: str, listed: str):
    table = pd.read_csv(FOLDER / "nb201.csv").query(f"space == '{CELLS[name]}'").set_index("way")["found"]
    for told, way in ((described, "described"), (listed, "list without columns")):
        assert told == " / ".join(f"{share:.2f}".removeprefix("0") for share in table[way])
