"""How what we have measured of NAS-Bench-201 agrees with what others have: rank correlations, and a figure of budgets.

Run as: python experiments/measure/correlations.py [FOLDER_OF_TABLES] [--resamples 2000]

A table is what `siamnas measure` writes, renamed: `proxy_losses*.csv`, `code*.csv` and `train*.csv` in the folder. Its
columns are compared with the mean test accuracies, and so is, for the same architectures, what needs no measuring:
FLOPs and SynFlow. `proxy_losses` are compared with the published losses too, and these with the accuracies. The table
`shipped` is of all architectures. Beside the tables it writes correlations.csv, budgets.png and differences.csv: what
a measured column is worth more than FLOPs and SynFlow of the same architectures, with a 95 % bootstrap interval over
them.
"""

import argparse
import csv
import itertools
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import bootstrap, spearmanr

from siamnas.benchmarks import shipped, user_tables
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.figure import COLOURS
from siamnas.report.read.catalogue import COLUMNS
from siamnas.runtime import drawing
from siamnas.spaces.nb201 import ARCH, OPERATIONS, ZERO_COST

HEAD = ("table", "column", "compared with", "architectures", "Spearman")
DIFFERENCE_HEAD = ("table", "column", "minus", "compared with", "architectures", "difference", "low", "high")
EPOCHS = (1, 2, 3, 10)  # of the published losses
MARKERS = "osD^vPX*<>"  # of a figure, one for each table
FREE = {"flops": "--", "synflow": ":"}  # lines of the figure
MEASURED = ("loss_1", "loss_3", "loss_10", "accuracy")  # its points
LABELS = {"CIFAR-10": "c10", "CIFAR-100": "c100", "ImageNet16-120": "in16"}
Row = tuple[str, str, str, int, float]
Difference = tuple[str, str, str, str, int, float, float, float]


@cache
def accuracies() -> dict[str, FloatArray]:
    """Mean test accuracies of the benchmark by the name of their data set."""
    table = shipped.load("nb201.npz")
    return {name: table[f"{prefix}.test_200_mean"] for name, prefix in LABELS.items()}


@cache
def free() -> dict[str, FloatArray]:
    """What is known of all architectures without a training."""
    scores = shipped.load(ZERO_COST)
    flops = shipped.load("nb201.npz")["c10.flops"]
    return {"flops": flops, "synflow": scores["synflow"], "synflow_code": scores["synflow_code"]}


@cache
def published() -> dict[str, FloatArray]:
    """Losses of others."""
    losses = shipped.load("nb201.npz")["proxy_losses"]
    return {f"published loss {epoch}": losses[:, epoch - 1] for epoch in EPOCHS}


def compared(name: str, columns: dict[str, FloatArray], others: dict[str, FloatArray]) -> Iterator[Row]:
    """Rows of one table: each column with each of the others that has values where the column has some."""
    for column, values in columns.items():
        for other, theirs in others.items():
            both = np.isfinite(values) & np.isfinite(theirs)
            if both.sum() > 2:
                yield name, column, other, int(both.sum()), float(spearmanr(values[both], theirs[both]).statistic)


def of_table(name: str, columns: dict[str, FloatArray]) -> Iterator[Row]:
    """Rows of a table that we have measured."""
    losses = published() if name.startswith("proxy_losses") else {}
    missing = np.isnan(next(iter(columns.values())))
    beside = {column: np.where(missing, np.nan, values) for column, values in (losses | free()).items()}
    yield from compared(name, columns, accuracies() | losses)
    yield from compared(name, beside, accuracies())


def sign(column: str) -> int:
    """-1 where low is good."""
    return -1 if "loss" in column else 1


def differences(name: str, columns: dict[str, FloatArray], resamples: int) -> Iterator[Difference]:
    """How much larger Spearman, of losses minus Spearman, is for a measured column than for one that costs nothing."""

    def larger(ours: FloatArray, theirs: FloatArray, accuracy: FloatArray) -> float:
        return float(spearmanr(ours, accuracy).statistic - spearmanr(theirs, accuracy).statistic)

    for column in filter(columns.__contains__, MEASURED):
        known = np.isfinite(columns[column])
        for costless in FREE:
            for other, accuracy in accuracies().items():
                sample = [values[known] for values in (sign(column) * columns[column], free()[costless], accuracy)]
                spread = bootstrap(
                    sample,
                    larger,
                    paired=True,
                    vectorized=False,
                    n_resamples=resamples,
                    method="percentile",
                    rng=np.random.default_rng(0),
                ).confidence_interval
                yield name, column, costless, other, int(known.sum()), larger(*sample), spread.low, spread.high


def draw(rows: list[Row], seconds: dict[str, float], path: Path) -> None:
    """Rank correlation of trainings and codes with the CIFAR-10 accuracy against what they take per architecture."""
    marker = dict(zip(seconds, itertools.cycle(MARKERS), strict=False))  # there are more points than colours
    with drawing.panels(1, 1, (7.4, 4.1)) as figure:
        (axes,) = figure.axes
        for name, column, other, count, value in rows:
            if other != "CIFAR-10":
                continue
            if name == "shipped" and column in FREE:
                said = f"{COLUMNS.get(column, 'SynFlow')} ({count:,})"
                axes.axhline(value, linestyle=FREE[column], color=drawing.MUTED, linewidth=1, label=said)
            elif column in MEASURED:
                colour = COLOURS[MEASURED.index(column)]
                said = f"{name.replace('_', ' ')}: {column.replace('_', ' ')} ({count:,})"
                axes.plot(seconds[name], sign(column) * value, marker[name], color=colour, linestyle="", label=said)
        axes.axhline(0, color=drawing.INK, linewidth=0.5)
        axes.set(xscale="log", xlabel="seconds per architecture", ylabel="Spearman, CIFAR-10 (of losses: minus)")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_title("what is measured (architectures)")
        figure.legend(loc="outside right center")
        path.write_bytes(drawing.render(figure)[1])


def write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[str | float, ...]]) -> None:
    """A table whose fractions have three digits."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        lines.writerows([f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row] for row in rows)


def main(folder: Path, resamples: int) -> None:
    """Compare everything."""
    archs = np.array([ARCH.format(*(OPERATIONS[i] for i in row)) for row in shipped.load("nb201.npz")["operations"]])
    rows = list(compared("shipped", free(), accuracies()))
    gains: list[Difference] = []
    seconds: dict[str, float] = {}
    for path in sorted(path for stem in ("proxy_losses", "code", "train") for path in folder.glob(f"{stem}*.csv")):
        (table,) = user_tables.read([str(path)], archs, ())
        rows += of_table(path.stem, table.columns)
        gains += differences(path.stem, table.columns, resamples)
        seconds[path.stem] = float(np.nanmedian(table.seconds))
    write(folder / "correlations.csv", HEAD, rows)
    write(folder / "differences.csv", DIFFERENCE_HEAD, gains)
    for row in rows:
        print("{:16} {:18} {:20} {:6} {:7.3f}".format(*row))
    if seconds:
        draw(rows, seconds, folder / "budgets.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent, help="of the tables")
    parser.add_argument("--resamples", type=int, default=2000, help="of the bootstrap")
    given = parser.parse_args()
    main(given.folder, given.resamples)
