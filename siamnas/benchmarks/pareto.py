"""Pareto fronts of two objectives: a metric, and a cost such as FLOPs."""

from typing import Any

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray


def front(cost: FloatArray, worth: FloatArray) -> IntArray:
    """Indices of the Pareto front, in ascending order of the cost, and so of the worth.

    Of points that are equal in both the first is taken. A point whose cost or worth is unknown (NaN) is never on it.

    Args:
        cost: (M,) lower is better.
        worth: (M,) higher is better.
    """
    order = np.lexsort([-worth, cost])
    order = order[~np.isnan(cost + worth)[order]]
    record = np.concatenate([[-np.inf], np.maximum.accumulate(worth[order])])[:-1]
    return order[worth[order] > record]


def truth(column: str, cost: FloatArray, report: FloatArray, sign: int) -> dict[str, Any]:
    """The Pareto front of a whole space, and the range of the cost, as JSON values.

    Args:
        column: name of the cost.
        cost: (M,) lower is better; NaN where it is unknown.
        report: (M,) reported values; NaN where they are unknown.
        sign: of the metric: 1 where a higher value is better, else -1.

    Returns:
        `column`; `cost` and `value` of the front, in ascending order of the cost; `least` and `most`, the range of the
        cost.
    """
    best = front(cost, sign * report)
    return {
        "column": column,
        "cost": cost[best].tolist(),
        "value": report[best].tolist(),
        "least": float(np.nanmin(cost)),
        "most": float(np.nanmax(cost)),
    }
