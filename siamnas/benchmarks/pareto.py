"""Pareto fronts: of a metric and a cost such as FLOPs, and of any number of objectives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray

MARGIN = 0.1  # of the range of an objective, beyond its worst value


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


def nondominated(worth: FloatArray) -> NDArray[np.bool_]:
    """(n,) which of (n, A) points none is better than, higher is better; of equal ones the first."""
    import moocore

    if not len(worth):
        return np.zeros(0, dtype=np.bool_)
    found: NDArray[np.bool_] = moocore.is_nondominated(worth, maximise=True)
    return found


def by_rank(worth: FloatArray) -> IntArray:
    """(n,) seats of (n, A) points, higher is better: those of the front, then of the front of the rest, and so on.

    Of one front those first that have the most room around them (Deb et al. 2002).
    """
    left, order = np.arange(len(worth)), list[int]()
    while len(left):
        best = nondominated(worth[left])
        seats = left[best]
        order += seats[np.argsort(-_room(worth[seats]), kind="stable")].tolist()
        left = left[~best]
    return np.array(order, dtype=np.int64)


def _room(worth: FloatArray) -> FloatArray:
    """(n,) crowding distances on a front (n, A): how far apart the neighbours of each are."""
    room = np.zeros(len(worth))
    for values in worth.T:
        order = np.argsort(values, kind="stable")
        own = values[order]
        room[order[1:-1]] += (own[2:] - own[:-2]) / (np.ptp(values) or 1.0)
        room[order[[0, -1]]] = np.inf
    return room


def growing_share(worth: FloatArray) -> FloatArray:
    """(n,) share of a box that the first 1 .. n of (n, A) points dominate, higher is better; NaN adds nothing.

    The box is that between the worst and the best value of each objective among all of them, and a tenth beyond the
    worst, so that neither units nor the choice of a reference point matter. An objective in which all are equal does
    not count.
    """
    import moocore

    known = worth[~np.isnan(worth).any(axis=1)]
    wide = known.min(axis=0) < known.max(axis=0) if len(known) else np.zeros(worth.shape[1], dtype=bool)
    share = np.zeros(len(worth))
    if not wide.any():
        return share
    known, worth = known[:, wide] / 2, worth[:, wide] / 2  # so that no difference is beyond all floats
    places = (worth - known.min(axis=0)) / np.ptp(known, axis=0) + MARGIN
    kept, ref = np.empty((0, places.shape[1])), np.zeros(places.shape[1])
    for seat, point in enumerate(places):
        share[seat] = share[seat - 1] if seat else 0.0
        if not np.isnan(point).any() and not (kept >= point).all(axis=1).any():
            kept = np.vstack([kept[~(point >= kept).all(axis=1)], point])
            share[seat] = moocore.hypervolume(kept, ref=ref, maximise=True) / (1 + MARGIN) ** len(point)
    return share


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
