"""How what we have measured of NAS-Bench-201 agrees with what others have: rank correlations, and a figure of budgets.

Run as: python experiments/measure/correlations.py [FOLDER_OF_TABLES]

A table is what `siamnas measure` writes, renamed: `proxy_losses*.csv`, `code*.csv` and `train*.csv` in the folder. All
are compared with the mean test accuracies; the first with the published losses of some epochs too, and these, of the
same architectures, with the accuracies. The shipped zero-cost scores are of all architectures. Writes correlations.csv
and, where there are trainings, budgets.png beside the tables.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from siamnas.spaces import own_tables, tables
from siamnas.spaces.nb201 import ARCH, OPERATIONS, ZERO_COST

HEAD = ("table", "column", "compared with", "architectures", "Spearman")
EPOCHS = (1, 2, 3, 10)  # of the published losses
LABELS = {"CIFAR-10": "c10", "CIFAR-100": "c100", "ImageNet16-120": "in16"}
Row = tuple[str, str, str, int, float]
Values = NDArray[np.float64]


def accuracies() -> dict[str, Values]:
    """Mean test accuracies of the benchmark by the name of their data set."""
    table = tables.load("nb201.npz")
    return {name: table[f"{prefix}.test_200_mean"] for name, prefix in LABELS.items()}


def compared(name: str, columns: dict[str, Values]) -> Iterator[Row]:
    """Rows of one table."""
    published = {}
    if name.startswith("proxy_losses"):
        losses = tables.load("nb201.npz")["proxy_losses"].T
        measured = np.isfinite(columns["loss_1"])
        published = {f"published loss {epoch}": np.where(measured, losses[epoch - 1], np.nan) for epoch in EPOCHS}
    for column, values in (columns | published).items():
        for other, theirs in (accuracies() | (published if column in columns else {})).items():
            both = np.isfinite(values) & np.isfinite(theirs)
            if both.sum() > 2:
                yield name, column, other, int(both.sum()), float(spearmanr(values[both], theirs[both]).statistic)


def draw(rows: list[Row], seconds: dict[str, float], path: Path) -> None:
    """Rank correlation of trainings and codes with the CIFAR-10 accuracy against what they take per architecture."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, column, other, count, value in rows:
        if other == "CIFAR-10" and name in seconds and not column.startswith("published"):
            low_is_good = "loss" in column
            axes.scatter(seconds[name], -value if low_is_good else value, label=f"{name}: {column} ({count})")
    axes.axhline(0, color="grey", linewidth=0.5)
    axes.set(xscale="log", xlabel="seconds per architecture", ylabel="Spearman, CIFAR-10 (of losses: minus)")
    axes.legend(fontsize="x-small")
    figure.savefig(path, dpi=150)


def main(folder: Path) -> None:
    """Compare everything."""
    archs = np.array([ARCH.format(*(OPERATIONS[i] for i in row)) for row in tables.load("nb201.npz")["operations"]])
    scores = {name: values for name, values in tables.load(ZERO_COST).items() if not name.endswith("_seconds")}
    rows, seconds = list(compared("shipped", scores)), {}
    for path in sorted(path for stem in ("proxy_losses", "code", "train") for path in folder.glob(f"{stem}*.csv")):
        (table,) = own_tables.read([str(path)], archs, ())
        rows += compared(path.stem, table.columns)
        seconds[path.stem] = float(np.nanmedian(table.seconds))
    with (folder / "correlations.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(HEAD)
        lines.writerows((*row[:-1], f"{row[-1]:.3f}") for row in rows)
    for row in rows:
        print("{:16} {:18} {:20} {:6} {:7.3f}".format(*row))
    if seconds:
        draw(rows, seconds, folder / "budgets.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
