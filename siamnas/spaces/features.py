"""Features of architectures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siamnas.spaces.space import FloatArray, IntArray, Space


@dataclass(frozen=True)
class Table:
    """Features of all architectures.

    Attributes:
        values: (M, D) float64, standardised.
        names: (D,) of them.
        groups: (D,) number of the group that each belongs to.
    """

    values: FloatArray
    names: tuple[str, ...]
    groups: IntArray


def build(space: Space, sets: Sequence[str], columns: Sequence[str] = ()) -> Table:
    """The features of some named sets."""
    one_hot = np.eye(len(space.node_types))[space.types].reshape(len(space), -1)
    if space.adjacency.ndim == 3:
        one_hot = np.concatenate([one_hot, space.adjacency.reshape(len(space), -1)], axis=1)
    groups = np.zeros(one_hot.shape[1], dtype=np.int64)
    known = [np.nan_to_num(space.columns[name])[:, None] for name in columns]
    values = np.concatenate([one_hot, *known], axis=1)
    groups = np.concatenate([groups, np.arange(1, len(known) + 1)])
    spread = values.std(axis=0)
    kept = spread > 1e-12
    values = ((values - values.mean(axis=0)) / np.where(kept, spread, 1))[:, kept]
    return Table(values, tuple(f"feature {i}" for i in np.flatnonzero(kept)), groups[kept])
