"""How often a search that learns from another image task finds the optimum, on the whole of NAS-Bench-201.

Run as: OMP_NUM_THREADS=1 python experiments/transfer/images.py [--repeats 100] [--sources 20]

The sources are default searches of 60 evaluations on the other task, from seeds 5000 on; the repeats have seeds from
2000 on, and learn from one of them each, in turn. `nb201.csv`: the share of repeats that have found the optimum.
"""

import argparse
from pathlib import Path

import numpy as np
from gains import HERE, search, source_of, table

from siamnas.runtime import csv_rows

PAIRS = {("nb201_c10", "nb201_c100"): 10, ("nb201_c100", "nb201_img16"): 30}  # source, target: evaluations
AT = (3, 5, 10, 15, 20, 30)


def row(source: str, target: str, count: int, repeats: int, sources: int) -> dict[str, str]:
    """A line of the table."""
    (space, told), (own, values) = table(source), table(target)
    searches = search(space, told, range(5000, 5000 + sources))
    known = [source_of(space, told, order) for order in searches]
    evaluated = search(own, values, range(2000, 2000 + repeats), known, [f"search.n={count}"])
    best = np.maximum.accumulate(values[evaluated], axis=1) == values.max()
    shares = {f"optimum_{n}": f"{best[:, n - 1].mean():.2f}" if n <= count else "" for n in AT}
    return {"target": target, "source": source, "repeats": str(repeats), "sources": str(sources)} | shares


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="See the head of the file.")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the table")
    given = parser.parse_args()
    rows = [row(*pair, count, given.repeats, given.sources) for pair, count in PAIRS.items()]
    csv_rows.write(given.out / "nb201.csv", rows)


if __name__ == "__main__":
    main()
