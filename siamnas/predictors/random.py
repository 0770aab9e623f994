"""Random search: the baseline below which no method may fall."""

from typing import Any

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.base import Predictor
from siamnas.seeding import random_orders
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet


class Random(Predictor):
    """A random order of the space, which no label changes; random training sets are drawn by the same order."""

    parallel = False
    learns = False
    pure_fit = True

    def __init__(self, space: Space, seeds: range, trainer: dict[str, Any]) -> None:
        super().__init__(space, seeds, trainer)
        self.move(space)

    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space = space
        self._score = -np.argsort(random_orders(self.seeds, len(space)), axis=1).astype(np.float64)

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Nothing to learn."""

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) minus the place of each architecture in the order of its repeat."""
        return np.take_along_axis(self._score, self.rows(archs), axis=1)
