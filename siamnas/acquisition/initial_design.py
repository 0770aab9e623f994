"""What is evaluated before anything is known."""

import numpy as np

from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.seeding import streams


def maximin(state: State, count: int) -> IntArray:
    """(R, count) architectures that are far from each other: each the farthest from all before, the first at random.

    Far is what differs in the features that the predictor reads. Of equally far ones the first in the random order of
    the repeat is taken.
    """
    # Without those that differ from another in nothing: there are many, and one stands for all.
    rows, kind = np.unique(state.predictor.features, axis=0, return_inverse=True)
    kind, chosen = kind.ravel(), []
    for (first,), free, order in zip(state.at_random(1), state.free, state.orders, strict=True):
        line = order[free[order]]
        picked, nearest = [int(first)], _distances(rows, kind[first])
        while len(picked) < count:
            others = line[~np.isin(line, picked)]
            picked.append(int(others[nearest[kind[others]].argmax()]))
            nearest = np.minimum(nearest, _distances(rows, kind[picked[-1]]))
        chosen.append(picked)
    return np.array(chosen)


def stratified(state: State, count: int, column: str) -> IntArray:
    """(R, count) architectures, one at random of each of `count` equal parts of the space in the order of a column.

    What has no value stands at the end, equal values in random order.
    """
    values, chosen = state.space.columns[column], []
    for order, free, rng in zip(state.orders, state.free, streams(state.seeds, "start"), strict=True):
        line = order[free[order]]
        parts = np.array_split(line[np.argsort(values[line], kind="stable")], count)
        chosen.append([int(rng.choice(part)) for part in parts])
    return np.array(chosen)


def _distances(rows: FloatArray, kind: int) -> FloatArray:
    """(U,) squared distances of all rows from one."""
    return np.square(rows - rows[kind]).sum(axis=1)
