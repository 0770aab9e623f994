"""What the published code does otherwise, one change at a time: the difference in the top-K height, paired by seed.

Run as: python experiments/figure6_single_run/changes.py outputs/figure6_single_run outputs/changes
after siamnas experiment=fig6_single_run, and with name=options and each of +search.closing=first,
+acquisition.candidates=whole, +trainer.epsilon=published

A row of changes.csv: siams + NSAM + BTS with the change minus without, in points at K = 30, and two standard errors.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from siamnas.jobs.store import RESULT, Result

K, METHOD = 30, "siams_nsam_bts"
CHANGES = {"closing": "search", "candidates": "acquisition", "epsilon": "trainer"}  # option -> its group


def heights(folder: Path) -> dict[tuple[int, str], pd.Series]:
    """(N, change) -> the height of each seed, in points."""
    found: dict[tuple[int, str], list[pd.Series]] = {}
    for path in sorted(folder.glob(f"*/{METHOD}/*/{RESULT}")):
        result = Result.load(path)
        config = result.meta["config"]
        words = [f"{group}.{name}={config[group][name]}" for name, group in CHANGES.items() if name in config[group]]
        own = pd.Series(100 * result.arrays["topk"][:, K - 1], result.arrays["seed"])
        found.setdefault((result.n, " ".join(words)), []).append(own)
    return {key: pd.concat(parts) for key, parts in found.items()}


def main() -> None:
    """Read, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("unchanged", type=Path, help="folder of results without a change")
    parser.add_argument("changed", type=Path, help="folder of results with one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "changes.csv")
    given = parser.parse_args()
    before, rows = heights(given.unchanged), []
    for (n, words), own in heights(given.changed).items():
        difference = (own - before[n, ""]).dropna()  # of the seeds that both have
        numbers = {
            "difference": difference.mean(),
            "two standard errors": 2 * difference.std() / np.sqrt(len(difference)),
        }
        rows.append({"N": n, "change": words, "pairs": len(difference)} | {k: f"{v:+.2f}" for k, v in numbers.items()})
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    table.to_csv(given.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
