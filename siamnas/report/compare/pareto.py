"""Pareto fronts of the metric and a second objective: how much of the true one a method has found.

- Points are all evaluated architectures of a method with their reported values; the label of the search selects none.
- They are normalised so that the reference point is (1, 1) and smaller is better in both: the cost goes from the
  smallest of the space, 0, to the largest, 1; the value from the optimum of the space, 0, to its median, 1.
- The hypervolume is the area that the points dominate up to there, as moocore computes it, also for pymoo; what is
  reported is its share of that of the true front of the whole space.
- A front that is attained by half of the repeats is their median (the 50 % attainment surface, Fonseca and Fleming
  1996); those attained by a quarter and by three quarters are their quartiles.
- Of each method the run with the most evaluations counts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.benchmarks.pareto import front
from siamnas.graphs.arrays import FloatArray
from siamnas.report.compare.regret import QUARTILES, longest
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Benchmark
from siamnas.report.read.runs import Run

if TYPE_CHECKING:
    import pandas as pd

SHARE = Metric("share of the true front's hypervolume", True, PERCENT)
REFERENCE = (1.0, 1.0)
TRUE = "true front"
MEDIAN = 50
ATTAINED = (25, MEDIAN, 75)  # percent of the repeats
ROUNDING = 1e-9  # of a hypervolume


@dataclass(frozen=True)
class Front:
    """What the runs of a benchmark have found.

    Attributes:
        benchmark: its name.
        column: the second objective.
        budgets: numbers of evaluations at which methods are compared.
        most: the largest cost of the space, and the median value: the reference point in the units of the results.
        repeats: one row per method, repeat and number of `evaluations`: the `share` of the hypervolume, and whether it
            is `whole`.
        surfaces: one row per point of a front: `method` (or TRUE), `cost` and `value`, in ascending order of the cost,
            and the percentage of the repeats that have `attained` it, one of ATTAINED; of the true one all.
    """

    benchmark: str
    column: str
    budgets: Sequence[int]
    most: tuple[float, float]
    repeats: "pd.DataFrame"
    surfaces: "pd.DataFrame"


def compare(runs: Mapping[str, Sequence[Run]], budgets: Sequence[int], notes: list[str]) -> list[Front]:
    """Benchmark -> its runs; the fronts of those benchmarks that have a second objective.

    Args:
        runs: all of a report.
        budgets: numbers of evaluations at which methods are compared, as far as they go.
        notes: gets why the fronts of a benchmark can't be compared.
    """
    return [found for benchmark, own in runs.items() if (found := _compare(benchmark, own, budgets, notes))]


def _compare(benchmark: str, runs: Sequence[Run], budgets: Sequence[int], notes: list[str]) -> Front | None:
    import pandas as pd

    record = runs[0].records[0]
    if (true := record.meta.get("front")) is None or math.isnan(record.optimum):
        return None
    scale = Scale(true["least"], true["most"], record.optimum, record.median)
    whole = hypervolume(scale.normalised(np.array(true["cost"]), np.array(true["value"])))
    if not whole > 0:  # all architectures cost the same, for example
        notes.append(
            f"{benchmark}: fronts are not compared: nothing is better than the median and costs less than the most"
        )
        return None
    repeats, surfaces = [], [{"method": TRUE, "cost": true["cost"], "value": true["value"], "attained": 100}]
    counting = {run.name: run for run in longest(runs)}
    for run in (run for run in runs if counting[run.name] is run):
        points = scale.normalised(run.arrays["cost"], run.arrays["value"])
        for seed, own in zip(run.arrays["seed"].tolist(), points, strict=True):
            share = growing(own) / whole
            columns = {"evaluations": np.arange(1, len(own) + 1), "share": share, "whole": share >= 1 - ROUNDING}
            repeats.append({"method": run.name, "seed": seed} | columns)
        for percent in ATTAINED:
            cost, value = scale.of(attainment(points, percent))
            surfaces.append({"method": run.name, "cost": cost, "value": value, "attained": percent})
    return Front(
        benchmark,
        true["column"],
        budgets,
        (scale.most, scale.median),
        pd.concat(map(pd.DataFrame, repeats), ignore_index=True),
        pd.concat(map(pd.DataFrame, surfaces), ignore_index=True),
    )


@dataclass(frozen=True)
class Scale:
    """From the units of the results to [0, 1], where smaller is better in both objectives."""

    least: float
    most: float
    optimum: float
    median: float

    def normalised(self, cost: FloatArray, value: FloatArray) -> FloatArray:
        """(..., 2) of costs and values (...)."""
        y = (self.optimum - value) / ((self.optimum - self.median) or 1.0)
        return np.stack([(cost - self.least) / ((self.most - self.least) or 1.0), y], axis=-1)

    def of(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Costs and values of (P, 2) normalised points."""
        cost = self.least + points[:, 0] * (self.most - self.least)
        return cost, self.optimum - points[:, 1] * (self.optimum - self.median)


def hypervolume(points: FloatArray) -> float:
    """The area that (P, 2) points dominate up to REFERENCE; smaller is better in both."""
    import moocore

    return float(moocore.hypervolume(points, ref=REFERENCE)) if len(points) else 0.0


def growing(points: FloatArray) -> FloatArray:
    """(T,) the hypervolume of the first 1 .. T of (T, 2) points; NaN adds nothing."""
    volumes, kept = np.zeros(len(points)), np.empty((0, 2))
    for t, point in enumerate(points):
        volumes[t] = volumes[t - 1] if t else 0.0
        if (point < REFERENCE).all() and not (kept <= point).all(axis=1).any():
            kept = np.vstack([kept[~(point <= kept).all(axis=1)], point])
            volumes[t] = hypervolume(kept)
    return volumes


def attainment(points: FloatArray, percent: int = MEDIAN) -> FloatArray:
    """(P, 2) the front that is attained by a percentage of the repeats, in ascending order of the cost.

    Args:
        points: (R, T, 2), smaller is better in both; NaN is no point.
        percent: of the repeats.
    """
    import moocore

    fronts = [own[front(own[:, 0], -own[:, 1])] for own in points]
    sets = np.repeat(np.arange(len(fronts)), [len(own) for own in fronts])
    if not len(sets):
        return np.empty((0, 2))
    surface = moocore.eaf(np.concatenate(fronts), sets + 1, percentiles=[percent])[:, :2]
    return surface[front(surface[:, 0], -surface[:, 1])]


def tidy(found: Sequence[Front]) -> dict[str, "pd.DataFrame"]:
    """What is written as CSV: name -> the curves of the hypervolume, and the fronts; nothing where there are none."""
    import pandas as pd

    if not found:
        return {}
    surfaces = [own.surfaces.assign(benchmark=own.benchmark, column=own.column) for own in found]
    return {"hypervolume": pd.concat(map(curves, found)), "fronts": pd.concat(surfaces)}


def curves(found: Front) -> "pd.DataFrame":
    """The share over the repeats, one row per method and number of evaluations: `mean`, `std`, and quartiles."""
    grouped = found.repeats.groupby(["method", "evaluations"], sort=False)["share"]
    low, high = (grouped.quantile(quartile) for quartile in QUARTILES)
    table = grouped.agg(mean="mean", std="std", repeats="size").assign(low=low, high=high).reset_index()
    table.insert(0, "benchmark", found.benchmark)
    return table.fillna({"std": 0.0})


def objective_text(found: Front) -> str:
    """The second objective for people."""
    return catalogue.OBJECTIVES.get(found.column, found.column)


def reference_text(benchmark: Benchmark, found: Front) -> str:
    """The reference point, in a sentence."""
    metric = benchmark.metric
    value = f"{metric.text(found.most[1])} {metric.unit}".rstrip()
    cost = f"the largest cost of the space, {found.most[0]:.4g}"
    return f"the reference point is {cost}, and its median {metric.noun}, {value}."
