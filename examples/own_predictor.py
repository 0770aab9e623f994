"""A predictor: the value of an architecture is that of the evaluated ones which share most operations with it."""

from typing import Any

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.base import Predictor
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet


class Neighbours(Predictor):
    """Mean of the labels of the training set, with weights that grow with the number of equal operations."""

    def __init__(self, space: Space, seeds: range, trainer: dict[str, Any], sharpness: float) -> None:
        super().__init__(space, seeds, trainer)
        self.sharpness = sharpness  # how much more an equal operation weighs

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Remember the training set of every repeat, without the evaluations that have failed."""
        rows = zip(training_set.archs, labels, training_set.usable(labels), strict=True)
        self.known = [(archs[usable], values[usable]) for archs, values, usable in rows]

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) scores, higher is better."""
        scores, types = [], self.space.types
        for row, (known, values) in zip(self.rows(archs), self.known, strict=True):
            equal = (types[row][:, None] == types[known]).sum(axis=2)  # (m, n)
            weight = np.exp(self.sharpness * equal)
            scores.append(weight @ values / weight.sum(axis=1))
        return np.stack(scores)
