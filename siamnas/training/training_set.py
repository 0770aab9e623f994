"""What a predictor learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.batch import GraphBatch


@dataclass(frozen=True)
class TrainingSet:
    """Architectures that have been evaluated, of R repeats.

    Attributes:
        archs: (R, n) in the order of their queries.
        codes: (R, n, L) their Estimation Codes, NaN where there is none; L = 0 for a predictor that reads none.
    """

    archs: IntArray
    codes: FloatArray

    def usable(self, labels: FloatArray) -> NDArray[np.bool_]:
        """(R, n) True where an architecture can be learnt from: its evaluation did not fail, and its code is there."""
        return ~np.isnan(labels) & ~np.isnan(self.codes).any(axis=2)


@dataclass(frozen=True, eq=False)
class Source:
    """Architectures of the same space that were evaluated on another task.

    Attributes:
        graphs: architectures of the space.
        archs: (n,) those of them that were evaluated, at least one.
        labels: (n,) of them, higher is better, none of them NaN.
    """

    graphs: GraphBatch
    archs: IntArray
    labels: FloatArray
