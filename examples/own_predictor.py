"""A predictor of your own: the accuracy of a cell is that of the trained cells which share most operations with it.

Run as, in this folder: siamnas --config-dir conf predictor=neighbours
"""

from typing import Any

import numpy as np

from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray, Space


class Neighbours(Predictor):
    """Mean of the labels of the pool, with weights that grow with the number of equal operations.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: ignored.
        sharpness: how much more an equal operation weighs.
    """

    def __init__(self, space: Space, identities: range, trainer: dict[str, Any], sharpness: float) -> None:
        super().__init__(space, identities, trainer)
        self.sharpness = sharpness

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Pay for n labels: random ones here, others once you know which."""
        oracle.fill(n, streams(self.identities, "pool"))
        self.pool = oracle.pool  # (R, n)
        report(1.0)
        return FitLog()

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) scores, higher is better."""
        scores = []
        for pool in self.pool:
            equal = (self.space.types[cells][:, None] == self.space.types[pool]).sum(axis=2)  # (m, n)
            weight = np.exp(self.sharpness * equal)
            scores.append(weight @ self.space.label[pool] / weight.sum(axis=1))
        return np.stack(scores)
