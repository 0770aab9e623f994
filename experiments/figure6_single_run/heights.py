"""The heights of the paper's Figure 6 beside ours, where a label is one simulated training run.

Run as: python experiments/figure6_single_run/heights.py outputs/figure6_single_run
after siamnas experiment=fig6_single_run

A row of heights.csv: the mean over the repeats of the best among the top K = 30 of the ranking, in percent, two
standard errors of it, and what the paper's figure shows at N + K. Its own spread is not known: the errors are ours.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from siamnas.report.draw.curves import paper_curves
from siamnas.report.read.collect import collect

K = 30


def heights(places: list[Path]) -> pd.DataFrame:
    """One row per N and method."""
    found = collect(places, [K])
    (benchmark,) = found.benchmarks
    own = found.repeats[found.repeats["k"] == K].groupby(["n", "option", "method"], sort=False)["topk"]
    table = own.agg(["mean", "std", "count"]).reset_index()
    paper = paper_curves(benchmark, k=K).assign(n=lambda rows: rows["n_plus_k"] - K)
    table = table.merge(paper[["n", "option", "best"]], on=["n", "option"])
    table["two_errors"] = 2 * table["std"] / np.sqrt(table["count"])
    table["within"] = np.where(abs(table["mean"] - table["best"]) <= table["two_errors"], "yes", "no")
    for name in ("mean", "two_errors", "best"):
        table[name] = (100 * table[name]).map("{:.2f}".format)
    columns = {"n": "N", "method": "method", "count": "repeats", "mean": "ours", "two_errors": "two standard errors"}
    return table.rename(columns=columns | {"best": "paper"})[[*columns.values(), "paper", "within"]]


def main() -> None:
    """Read, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("places", nargs="+", type=Path, help="folders of results")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "heights.csv")
    given = parser.parse_args()
    table = heights(given.places)
    print(table.to_string(index=False))
    table.to_csv(given.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
