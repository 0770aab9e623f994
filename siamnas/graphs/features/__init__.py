"""Graphs as numbers, for predictors that are no networks: named sets of features."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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
SETS = (*OF_GRAPHS, "columns", "choices")


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
    """Features of all graphs of a batch, computed once.

    Those of a list are fitted on all of it: which there are, and in which unit. Those of a batch that stands for no
    more than itself are fitted on its `reference`.

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
    reference = graphs.reference
    key = _Key(reference.sets(tuple(sets)), tuple(columns))
    if key not in reference.derived:
        reference.derived[key] = Encoder(reference, *key)
    encoder: Encoder = reference.derived[key]
    if graphs is reference:
        return encoder.features
    if key not in graphs.derived:
        graphs.derived[key] = encoder.of(graphs)
    found: Features = graphs.derived[key]
    return found


class _Key(NamedTuple):
    """Of features among what is derived from graphs; see `build`."""

    sets: tuple[str, ...]
    columns: tuple[str, ...]


def join(one: GraphBatch, other: GraphBatch, both: GraphBatch) -> None:
    """Let the batch of the graphs of two others, all of one reference, have the features that the first one has."""
    if one is one.reference:
        return
    for key, known in one.derived.items():
        if isinstance(key, _Key):
            both.derived[key] = replace(known, values=np.concatenate([known.values, build(other, *key).values]))


class Encoder:
    """Features that are fitted on a reference: those that tell none of its graphs apart, or nothing new, are dropped.

    Args:
        reference: a batch of graphs.
        sets: see `build`.
        columns: see `build`.

    Attributes:
        features: of the reference.
    """

    def __init__(self, reference: GraphBatch, sets: Sequence[str], columns: Sequence[str]) -> None:
        self._sets, self._columns = sets, columns
        name = " ".join(["features", *sets, *columns])
        fitted = reference.kept(name, lambda: _fitted([_of(one, reference, columns) for one in sets]))
        owner, names, kept = fitted["owner"], fitted["names"], fitted["kept"]
        self._names = [tuple(names[owner == number].tolist()) for number in range(len(sets))]
        self._kept, self._mean, self._unit = kept, fitted["mean"], fitted["unit"]
        self.features = Features(
            fitted["values"],
            tuple(names[kept].tolist()),
            fitted["groups"],
            tuple(sets[number] for number in owner[kept]),
        )

    def of(self, graphs: GraphBatch) -> Features:
        """The same features of other graphs."""
        parts = [_of(name, graphs, self._columns) for name in self._sets]
        values = np.concatenate([_aligned(*part) for part in zip(parts, self._names, strict=True)], axis=1)
        return replace(self.features, values=_standardised(values[:, self._kept], self._mean, self._unit))


def _fitted(parts: list[FeatureSet]) -> dict[str, Any]:
    """The features of sets (of M graphs, S features in all), and how they are made of these.

    Returns:
        `values` (M, D) and `groups` (D,) as `Features` has them, `names` (S,) and `owner` (S,), the number of the set;
        `kept` (D,) which of the S there are, `mean` and `unit` (D,) of these.
    """
    names, owner = (
        np.concatenate([part.names for part in parts]),
        np.repeat(np.arange(len(parts)), [len(part.names) for part in parts]),
    )
    inner, values = (
        np.concatenate([part.groups for part in parts]),
        np.concatenate([part.values for part in parts], axis=1),
    )
    parts.clear()  # a list may have half a million graphs
    # A column that is nowhere known compares as False.
    lowest, highest = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    kept = np.flatnonzero(highest > lowest)
    values = values[:, kept]
    # Sets count their groups from 0, each for itself.
    groups = _numbered(np.stack([owner, inner])[:, kept])
    mean, unit = _moments(values, groups)
    values = _standardised(values, mean, unit)
    first = _first(values, groups)
    return {
        "values": values[:, first],
        "groups": _numbered(groups[None, first]),
        "names": names,
        "owner": owner,
        "kept": kept[first],
        "mean": mean[first],
        "unit": unit[first],
    }


def _of(name: str, graphs: GraphBatch, columns: Sequence[str]) -> FeatureSet:
    """A set of features."""
    if name == "columns":
        return named_columns(graphs, columns)
    if name != "choices":
        return OF_GRAPHS[name](graphs)
    if (choices := graphs.choices) is None:
        raise InputError("predictor.features: the set choices is for described spaces; a list has none")
    return choices


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


def _aligned(part: FeatureSet, names: tuple[str, ...]) -> FloatArray:
    """(M, len(names)) the named features; what a set does not find among its graphs, such as an operation, is 0."""
    if part.names == names:
        return part.values
    place = {name: seat for seat, name in enumerate(part.names)}
    found = [(number, place[name]) for number, name in enumerate(names) if name in place]
    values = np.zeros((len(part.values), len(names)))
    for number, seat in found:
        values[:, number] = part.values[:, seat]
    return values


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


def _moments(values: FloatArray, groups: IntArray) -> tuple[FloatArray, FloatArray]:
    """(D,) the mean of features (M, D), and the unit in which their variance is 1 on average over a group."""
    if not groups.size:
        return np.empty(0), np.empty(0)
    mean = np.nanmean(values, axis=0)
    # One unit for a group: on a scale of its own, an operation that is nearly never on a node would weigh most.
    variance = np.bincount(groups, np.nanvar(values - mean, axis=0)) / np.bincount(groups)
    return mean, np.sqrt(variance)[groups]


def _standardised(values: FloatArray, mean: FloatArray, unit: FloatArray) -> FloatArray:
    """Features (M, D) in other units, in their place; what is unknown is the mean."""
    values -= mean
    values /= unit
    return np.nan_to_num(values, copy=False)
