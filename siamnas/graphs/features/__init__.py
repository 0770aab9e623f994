"""Graphs as numbers, for predictors that are no networks: named sets of features."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet
from siamnas.graphs.features.columns import KEY
from siamnas.graphs.features.columns import columns as named_columns
from siamnas.graphs.features.encoding import encoding
from siamnas.graphs.features.graph import graph
from siamnas.graphs.features.onehot import onehot
from siamnas.graphs.features.paths import paths
from siamnas.graphs.features.wl import wl

OF_GRAPHS: Mapping[str, Callable[[GraphBatch], FeatureSet]] = {
    "encoding": encoding,
    "onehot": onehot,
    "graph": graph,
    "paths": paths,
    "wl": wl,
}
SETS = (*OF_GRAPHS, "columns")


@dataclass(frozen=True)
class Features:
    """D features of M graphs, standardised.

    Attributes:
        values: (M, D) of mean 0, and of variance 1 on average over the features of a group; a value that is unknown is
            the mean.
        names: (D,) for people.
        groups: (D,) from 0, ascending: features of one group share a length scale.
        sets: (D,) the set that each is from.
    """

    values: FloatArray
    names: tuple[str, ...]
    groups: IntArray
    sets: tuple[str, ...]


def build(graphs: GraphBatch, sets: Sequence[str], columns: Sequence[str] = ()) -> Features:
    """Features of all graphs of a batch; those that tell none of them apart, or nothing new, are dropped.

    Args:
        graphs: the batch.
        sets: names from SETS, at least one.
        columns: names of free columns, for the set `columns`.

    Raises:
        InputError: there is no such set or column, or a column is not free.
    """
    check(sets)
    if columns and "columns" not in sets:
        raise InputError(f"{KEY}={','.join(columns)}: has no effect without the features `columns`")
    parts = [named_columns(graphs, columns) if name == "columns" else OF_GRAPHS[name](graphs) for name in sets]
    values = np.concatenate([part.values for part in parts], axis=1)
    owner = np.repeat(np.arange(len(parts)), [len(part.names) for part in parts])
    names = np.concatenate([part.names for part in parts])
    # A column that is nowhere known compares as False.
    lowest, highest = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    kept = np.flatnonzero(highest > lowest)
    # Sets count their groups from 0, each for itself.
    groups = _numbered(np.stack([owner, np.concatenate([part.groups for part in parts])])[:, kept])
    values = _standardised(values[:, kept], groups)
    first = _first(values, groups)
    own = owner[kept[first]]
    return Features(
        values[:, first],
        tuple(names[kept[first]].tolist()),
        _numbered(groups[None, first]),
        tuple(sets[number] for number in own),
    )


def check(sets: Sequence[str], key: str = "predictor.features") -> None:
    """Check the names of sets.

    Args:
        sets: names from SETS.
        key: how the user has named them, for messages.

    Raises:
        InputError: there is none, one is unknown, or one is named twice.
    """
    for name in sets:
        if name not in SETS:
            raise InputError(f"{key}: no set {name}{near(name, list(SETS))}; choose some of {', '.join(SETS)}")
    if not sets or len(set(sets)) < len(sets):
        raise InputError(f"{key}={','.join(sets)}: must be one or more different ones of {', '.join(SETS)}")


def _numbered(keys: IntArray) -> IntArray:
    """(D,) the columns of `keys` (n, D) as numbers from 0 in their order."""
    return np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1)


def _first(values: FloatArray, groups: IntArray) -> IntArray:
    """Indices of the features that are not, but for the sign, the same as an earlier one; only of those on their own.

    On a chain, most and fewest operations on a path are their number.
    """
    alone = np.bincount(groups, minlength=1)[groups] == 1
    seen: set[bytes] = set()
    kept = []
    for index, feature in enumerate(values.T):
        if alone[index]:
            # A set of bytes: `np.unique` sorts the features, which takes seconds where there are many graphs.
            feature = np.round(feature, 9)
            sign = np.sign(feature[(feature != 0).argmax()])
            content = (sign * feature + 0.0).tobytes()  # + 0.0 makes 0 of -0
            if content in seen:
                continue
            seen.add(content)
        kept.append(index)
    return np.array(kept, dtype=np.int64)


def _standardised(values: FloatArray, groups: IntArray) -> FloatArray:
    """Features (M, D) of mean 0 and, on average over a group, variance 1."""
    if not groups.size:
        return values
    values = values - np.nanmean(values, axis=0)
    # One unit for a group: on a scale of its own, an operation that is nearly never on a node would weigh most.
    variance = np.bincount(groups, np.nanvar(values, axis=0)) / np.bincount(groups)
    return np.nan_to_num(values / np.sqrt(variance)[groups])
