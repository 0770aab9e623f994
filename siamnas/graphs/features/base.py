"""One set of features, before it is standardised."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class FeatureSet:
    """D features of M graphs.

    Attributes:
        values: (M, D) as they are; NaN where unknown.
        names: (D,) for people.
        groups: (D,) from 0: features of one group have one unit.
    """

    values: FloatArray
    names: tuple[str, ...]
    groups: IntArray

    @classmethod
    def alone(cls, values: Sequence[FloatArray], names: Sequence[str]) -> "FeatureSet":
        """Features (D, M), each a group of its own."""
        return cls(np.stack(values, axis=1).astype(np.float64), tuple(names), np.arange(len(names)))

    @classmethod
    def together(cls, values: FloatArray, names: Sequence[str]) -> "FeatureSet":
        """Features (M, D) of one group."""
        return cls(np.asarray(values, dtype=np.float64), tuple(names), np.zeros(len(names), dtype=np.int64))
