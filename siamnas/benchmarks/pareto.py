"""What nothing else beats in two objectives: a metric, and what is paid for it."""

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray


def front(cost: FloatArray, worth: FloatArray) -> IntArray:
    """Indices of the Pareto front, in ascending order of the cost, and so of the worth.

    Of points that are equal in both the first is taken; one whose cost or worth is not known (NaN) is never on it.

    Args:
        cost: (M,) lower is better.
        worth: (M,) higher is better.
    """
    order = np.lexsort([-worth, cost])
    order = order[~np.isnan(cost + worth)[order]]
    record = np.concatenate([[-np.inf], np.maximum.accumulate(worth[order])])[:-1]
    return order[worth[order] > record]
