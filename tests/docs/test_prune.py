"""docs/prune.md: its table is that of the file beside it."""

import re

import pandas as pd

from tests.support import ROOT

TABLE = pd.read_csv(ROOT / "experiments/prune_transformer/prune_transformer.csv")
TEXT = (ROOT / "docs/prune.md").read_text(encoding="utf-8")
OURS = "siamnas.Search"


def test_the_table_is_that_of_the_file():
    rows = {name: cells.split(" | ") for name, cells in re.findall(r"^\| (\S+) \| (\d.*) \|$", TEXT, re.MULTILINE)}
    assert set(rows) == set(TABLE["method"]) and set(TABLE["seed"]) == set(range(10))
    for method, own in TABLE.groupby("method"):
        means = own.groupby("evaluations")[["perplexity", "test"]].mean()
        for cell, column in zip(rows[method], means.columns, strict=False):
            assert cell == " / ".join(f"{means[column][at]:.3f}" for at in (10, 30))
        if method != OURS:
            pairs = TABLE.pivot(index=["evaluations", "seed"], columns="method", values="perplexity")
            wins = (pairs[OURS] < pairs[method]).groupby("evaluations").sum()
            assert rows[method][2] == f"{wins[10]} / {wins[30]} of 10"


def test_all_keep_the_limit():
    (limit,) = map(int, re.findall(r"params<=(\d+)", TEXT))
    assert TABLE["params"].max() <= limit
