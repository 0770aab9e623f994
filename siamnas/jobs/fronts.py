"""What a search has found for two objectives: points, and the true front that they are measured against."""

from typing import Any

import numpy as np

from siamnas.benchmarks.pareto import front
from siamnas.oracle.ground_truth import GroundTruth
from siamnas.search.base import Search
from siamnas.spaces.benchmark import Benchmark

POINTS = ("cost", "value")


def points(search: Search, benchmark: Benchmark, column: str) -> dict[str, np.ndarray]:
    """Both objectives of everything that a search is credited with.

    Returns:
        `cost` (R, T) and `value` (R, T), the reported one, in the order of `evaluations`; see `siamnas.jobs.evaluation.evaluate`.
        Both are NaN where the evaluation failed, the cost also where it is not known.
    """
    evaluations, labels = search.evaluated
    failed = np.isnan(labels)
    pair = benchmark.space.columns[column][evaluations], GroundTruth(benchmark).reported(evaluations)
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
