"""What a search has found for two objectives: points, and the true front that they are measured against."""

from typing import Any

import numpy as np

from siamnas.oracle.ground_truth import Judge
from siamnas.search.base import Search
from siamnas.spaces.benchmark import Benchmark
from siamnas.benchmarks.pareto import front

POINTS = ("cost", "value")


def points(search: Search, benchmark: Benchmark, column: str) -> dict[str, np.ndarray]:
    """Both objectives of everything that a search is credited with.

    Returns:
        `cost` (R, T) and `value` (R, T), the reported one, in the order of `looked`; see `siamnas.jobs.evaluation.judged`.
        Both are NaN where the evaluation failed, the cost also where it is not known.
    """
    looked, labels = search.account
    failed = np.isnan(labels)
    pair = benchmark.space.columns[column][looked], Judge(benchmark).reported(looked)
    return {name: np.where(failed, np.nan, values) for name, values in zip(POINTS, pair, strict=True)}


def truth(benchmark: Benchmark, column: str) -> dict[str, Any]:
    """The Pareto front of the whole space, and the largest cost there is, as JSON values.

    Returns:
        `column`; `cost` and `value` of the front in ascending order; `least` and `most`, the range of the column.
    """
    cost, report, metric = benchmark.space.columns[column], benchmark.measured.report, benchmark.measured.metric
    best = front(cost, metric.sign * report)
    return {
        "column": column,
        "cost": cost[best].tolist(),
        "value": report[best].tolist(),
        "least": float(np.nanmin(cost)),
        "most": float(np.nanmax(cost)),
    }
