"""What the graph data sets could say of each other at most: their whole tables, in the order of another one.

Run as: python experiments/transfer/overlap.py [--out overlap.csv]

For each pair the rank correlation of all values, and how many architectures of the target stand before the first one
within a regret of .2 points, if they are taken from the best of the source down: `place`; `at_random` is its
expectation in random order.
"""

import argparse
from pathlib import Path

import numpy as np
from gains import GRAPH, HERE, REGRET, table
from scipy.stats import spearmanr

from siamnas.runtime import csv_rows


def row(source: str, target: str) -> dict[str, str]:
    """A line of the table."""
    told, values = table(source)[1], table(target)[1]
    good = values >= values.max() - REGRET
    place = int(good[np.argsort(-told, kind="stable")].argmax()) + 1
    found = {"source": source, "target": target, "correlation": f"{spearmanr(told, values)[0]:.2f}"}
    return found | {"place": str(place), "at_random": f"{(len(good) + 1) / (good.sum() + 1):.0f}"}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="See the head of the file.")
    parser.add_argument("--out", type=Path, default=HERE / "overlap.csv", help="CSV to write")
    csv_rows.write(parser.parse_args().out, [row(one, other) for other in GRAPH for one in GRAPH if one != other])


if __name__ == "__main__":
    main()
