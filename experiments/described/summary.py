"""The tables of the searches of transformers: gpt.csv, every run, and pairs.csv, means and differences over seeds.

Run as: python experiments/described/summary.py outputs/described/gpt.csv ...   (what gpt.py has written)
"""

import argparse
import csv
from pathlib import Path

import pandas as pd
from gpt import AT
from scipy import stats

HERE = Path(__file__).parent
# The search after so many evaluations, and what it is compared with.
PAIRS = [
    *((60, "evolution", number) for number in AT["evolution"]),
    *((60, "random", number) for number in AT["random"]),
    *((10, "largest", number) for number in AT["largest"]),
]


def runs(paths: list[Path]) -> pd.DataFrame:
    """One row per run and number of evaluations."""
    rows = {}
    for path in paths:
        for name, seed, *numbers in csv.reader(path.open()):
            size, method = name.split(", ")
            for at, number in zip(AT[method], numbers, strict=True):
                rows[size, method, int(seed), at] = round(float(number), 4)
    found = pd.DataFrame([(*key, value) for key, value in sorted(rows.items())])
    return found.set_axis(["size", "method", "seed", "evaluations", "perplexity"], axis=1)


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Mean of the other, of the search on the same seeds, and of the difference, with its 95 % t interval."""
    wide = table.pivot(index="seed", columns=["size", "method", "evaluations"], values="perplexity")
    rows = []
    for size in table["size"].unique():
        for at, other, number in PAIRS:
            if (size, other, number) not in wide:
                continue
            own, theirs = wide[[(size, "search", at), (size, other, number)]].dropna().to_numpy().T
            difference = own - theirs
            half = stats.t.ppf(0.975, len(own) - 1) * stats.sem(difference)
            told = [own.mean(), theirs.mean(), difference.mean(), difference.mean() - half, difference.mean() + half]
            rows.append([size, at, other, number, len(own), *told])
    names = [
        "size",
        "search_evaluations",
        "other",
        "evaluations",
        "seeds",
        "search",
        "value",
        "difference",
        "low",
        "high",
    ]
    return pd.DataFrame(rows, columns=names)


def main() -> None:
    """Write both files, and print the means and the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    table = runs(args.runs)
    table.to_csv(args.out / "gpt.csv", index=False)
    compared = pairs(table)
    compared.to_csv(args.out / "pairs.csv", index=False, float_format="%.4f")
    means = table.groupby(["size", "method", "evaluations"])["perplexity"].agg(["mean", "count"])
    print(means.round(3).to_string())
    print(compared.round(3).to_string())


if __name__ == "__main__":
    main()
