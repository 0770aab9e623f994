"""Draw figures of the experiments again from their committed tables, where the results behind these are not kept.

Run as: python experiments/redraw.py [FOLDER]

FOLDER holds folders of experiments, with `budgets.csv` (regret), `table.csv` (N grows at some K), or `fronts.csv`
and `hypervolume.csv` (Pareto fronts). Regret is known at the budgets only, of a front what half of the repeats attain.
Each figure has a version for a column of a paper, `*-80mm.svg`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from siamnas.benchmarks import shipped
from siamnas.benchmarks.metric import Metric
from siamnas.report.compare.pareto import MEDIAN, TRUE, Front
from siamnas.report.compare.protocols import PROTOCOLS
from siamnas.report.draw.curves import SIZES, over_n
from siamnas.report.draw.figure import ReportFigure
from siamnas.report.draw.pareto import pareto_figure
from siamnas.report.draw.regret import regret_figure
from siamnas.report.draw.style import looks
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Benchmark
from siamnas.runtime import files
from siamnas.runtime.drawing import narrow, narrow_file

REGRET = {"leaderboard": "", "held_out": "cells"}  # folder -> the only benchmark that is drawn, if there is one
GROWING = ("figure6", "figure6_paper", "figure7", "figure7_pilot")
CELLS = "NAS-Bench-201 without names, ImageNet16-120"
COUNTS = SIZES | {"nb_macro": 6_561, "nano_pilot": 200}  # architectures
RECIPE = "gp_2026"  # what was called a Gaussian process
KINDS = {method.name: kind for kind, method in catalogue.METHODS.items()} | {"FLOPs order": "column"}
COLUMNS = {
    "budget": "evaluations", "regret": "mean", "regret_low": "low", "regret_high": "high", "regret_worst": "worst",
}  # fmt: skip


def main(root: Path) -> None:
    """Write the figures beside their tables.

    Args:
        root: folder of the folders of experiments; those that are not there are left out.
    """
    for folder in filter(Path.is_dir, (root / name for name in (*REGRET, *GROWING, "pareto"))):
        for figure in figures(folder):
            figure.save(folder)
        with narrow():
            for figure in figures(folder):
                files.write(folder / narrow_file(figure.stem), figure.svg)


def figures(folder: Path) -> Iterator[ReportFigure]:
    """Those of one experiment."""
    if folder.name in REGRET:
        return regrets(read(folder / "budgets.csv"), REGRET[folder.name])
    if folder.name in GROWING:
        return growing(pd.read_csv(folder / "table.csv"))
    return fronts(read(folder / "fronts.csv"), read(folder / "hypervolume.csv"))


def read(path: Path) -> pd.DataFrame:
    """A table, the recipe of its Gaussian process by its own name."""
    table, former = pd.read_csv(path), catalogue.METHODS["gp"].name
    return table.assign(method=table["method"].str.replace(former, catalogue.METHODS[RECIPE].name))


def benchmark(name: str, optimum: float, label: str = "test_200_mean") -> Benchmark:
    """What a figure says of a benchmark."""
    space = next((space for space, title in catalogue.SPACES.items() if name == title), "cells")
    light = space in catalogue.LIGHT_SPACES
    ks = catalogue.LIGHT_KS if light else catalogue.KS
    return Benchmark(name, space, Metric(label), optimum, COUNTS.get(space), light, ks)


def kinds(methods: pd.Series) -> pd.DataFrame:
    """What `looks` needs, of methods by their names."""
    kind = {name: KINDS[name.partition(" (")[0]] for name in sorted(set(methods) - {TRUE})}
    names = sorted(kind, key=lambda name: catalogue.seat(kind[name]))
    return pd.DataFrame({"method": names, "kind": [kind[name] for name in names]})


def regrets(table: pd.DataFrame, only: str) -> Iterator[ReportFigure]:
    """Regret at the budgets of a table; of a method that ends with a ranking nothing is known between them."""
    look = looks(kinds(table["method"]))
    for name, own in table[table["benchmark"].eq(only) | (only == "")].groupby("benchmark"):
        shown = CELLS if only else str(name)
        curves = own.drop(columns="evaluations").rename(columns=COLUMNS)
        curves = curves.assign(benchmark=shown, anytime=own["evaluations"].notna())
        about = benchmark(shown, float((own["best"] + own["regret"]).iloc[0]))
        if made := regret_figure(about, curves, look, about.space):
            yield made


def growing(table: pd.DataFrame) -> Iterator[ReportFigure]:
    """Both protocols at the K of a table, of the methods that have several N."""
    table = table.rename(columns={"best": "best_mean", "topk": "topk_mean"})
    table = table[table.groupby(["benchmark", "method"])["n"].transform("nunique") > 1]
    look = looks(table.drop_duplicates("method")[["method", "option"]].rename(columns={"option": "kind"}))
    for name, own in table.groupby("benchmark"):
        about = benchmark(str(name), own["optimum"].iloc[0], own["label"].iloc[0])
        for protocol in PROTOCOLS:
            yield over_n(about, protocol, own[own["k"].isin(about.ks)], look, True, about.space)


def fronts(surfaces: pd.DataFrame, hypervolumes: pd.DataFrame) -> Iterator[ReportFigure]:
    """The front and its hypervolume of every second objective."""
    median = float(np.median(shipped.load("nb201.npz")["c100.test_200_mean"])) / 100
    look = looks(kinds(surfaces["method"]))
    for (name, column), own in surfaces.groupby(["benchmark", "column"]):
        objective = catalogue.OBJECTIVES[column].partition(",")[0]
        about = benchmark(f"{name.partition(', against')[0]}, against {objective}", own["value"].max())
        own = own.assign(attained=np.where(own["method"] == TRUE, 100, MEDIAN))
        most = (2 * float(own["cost"].max()), median)  # beyond the axis, on which the staircases end
        found = Front(about.name, str(column), catalogue.BUDGETS, most, pd.DataFrame(), own)
        table = hypervolumes[hypervolumes["benchmark"] == name]
        yield pareto_figure(about, found, table, look, str(column))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
