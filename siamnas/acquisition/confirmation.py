"""A second and a third look at what sources expect, where the first one was worth it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.acquisition.base import Acquisition, Round
from siamnas.acquisition.ranking import rank
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray, IntArray

LOOKS = 2  # further evaluations of the top of the sources


@dataclass
class Confirmation(Acquisition):
    """An acquisition function that takes the top of the sources first, where this was the best of the initial design.

    Two evaluations are too few for the evidence to say that the sources are right, and a source that is right is best
    at its top. One that is not loses a comparison with a random architecture every second time.

    Attributes:
        inner: chooses all others.
        design: evaluations of the initial design.
        top: how many of them, the first ones, were the top of the sources.
    """

    inner: Acquisition
    design: int
    top: int

    @property
    def name(self) -> str:
        """See `Acquisition`."""
        return self.inner.name

    def rounds(self, n: int, least: int) -> list[Round]:
        """See `Acquisition`."""
        return self.inner.rounds(n, least)

    def value(self, state: State) -> FloatArray:
        """See `Acquisition`."""
        return self.inner.value(state)

    def best_first(self, labels: FloatArray, columns: Mapping[str, FloatArray]) -> IntArray:
        """See `Acquisition`."""
        return self.inner.best_first(labels, columns)

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """See `Acquisition`."""
        chosen = self.inner.choose(state, count, index)
        if state.archs.shape[1] + state.pending.shape[1] >= self.design + LOOKS:
            return chosen
        return np.where(self._right(state)[:, None], expected_first(state, count), chosen)

    def _right(self, state: State) -> NDArray[np.bool_]:
        """(R,) whether the best of the initial design was of the top, and something else is known."""
        labels = np.nan_to_num(state.labels[:, : self.design], nan=-np.inf)
        first, others = (part.max(axis=1, initial=-np.inf) for part in np.split(labels, [self.top], axis=1))
        return np.isfinite(others) & (first > others)


def expected_first(state: State, count: int) -> IntArray:
    """(R, count) the free architectures of which the sources expect most."""
    return state.first(rank(state.predictor.expected(np.arange(len(state.space))), state.ties), count)
