"""What a predictor learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray


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
