"""Initial designs: the architectures that are evaluated before anything is known."""

import numpy as np

from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray, IntArray, unique_rows
from siamnas.seeding import streams


def maximin(state: State, count: int) -> IntArray:
    """(R, count) architectures far from each other: each the farthest from all before it, the first one at random.

    The distance is that of the features that the predictor reads. Of equally far ones the first in the random order of
    the repeat is taken.
    """
    # Of architectures with equal features, of which there are many, one stands for all.
    rows, kind = unique_rows(state.predictor.features)
    chosen = []
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

    Architectures without a value stand at the end, equal values in random order.
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
