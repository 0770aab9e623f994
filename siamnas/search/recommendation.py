"""Which of the evaluated architectures a search recommends."""

from abc import ABC, abstractmethod
from typing import Literal

import numpy as np

from siamnas.acquisition.state import State
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray

Kind = Literal["label", "posterior"]


class Recommendation(ABC):
    """Recommends an architecture for each of R repeats, after any number of evaluations."""

    def check(self, state: State) -> None:  # noqa: B027 (most need nothing)
        """Check that the predictor has what is needed.

        Raises:
            InputError: it has not.
        """

    def fitted(self, state: State) -> None:  # noqa: B027 (most need nothing)
        """Take notice of a fit on the whole training set so far."""

    @abstractmethod
    def after(self, archs: IntArray, labels: FloatArray) -> IntArray:
        """(R, T) the incumbents: what is recommended after 1 .. T evaluations.

        Args:
            archs: (R, T) in the order of their evaluation.
            labels: (R, T), higher is better; NaN where an evaluation failed.
        """


class BestLabel(Recommendation):
    """The one of the best label: right where labels have no noise, else the luckiest."""

    def after(self, archs: IntArray, labels: FloatArray) -> IntArray:
        """See `Recommendation`; of two equal labels the earlier."""
        return best_so_far(archs, labels)


class BestPosterior(Recommendation):
    """The one with the best predicted value of those that the predictor was fitted on.

    It weighs the label of an architecture against those of similar ones, so that luck counts for less. Between two fits
    the recommendation of the earlier one stands; before the first fit it is the best label.
    """

    def __init__(self) -> None:
        self._chosen: list[tuple[int, IntArray]] = []

    def check(self, state: State) -> None:
        """See `Recommendation`."""
        if not state.predictor.learns:
            name = type(state.predictor).__name__
            raise InputError(f"search.recommend=posterior: {name} learns nothing from labels; choose label")

    def fitted(self, state: State) -> None:
        """See `Recommendation`."""
        score = np.where(np.isnan(state.labels), -np.inf, state.predictor.score(state.archs))
        best = score.argmax(axis=1)[:, None]
        self.believe(state.archs.shape[1], np.take_along_axis(state.archs, best, axis=1))

    def believe(self, count: int, best: IntArray) -> None:
        """Recommend architectures (R, 1) after `count` evaluations."""
        self._chosen.append((count, best))

    def after(self, archs: IntArray, labels: FloatArray) -> IntArray:
        """See `Recommendation`."""
        chosen = best_so_far(archs, labels)
        for count, best in self._chosen:
            chosen[:, count - 1 :] = best
        return chosen


RECOMMENDATIONS: dict[str, type[Recommendation]] = {"label": BestLabel, "posterior": BestPosterior}


def best_so_far(archs: IntArray, labels: FloatArray) -> IntArray:
    """(R, m) the architecture of the best label among the first 1 .. m; of two equal ones the earlier.

    Args:
        archs: (R, m) in the order of their evaluation.
        labels: (R, m), higher is better; NaN where an evaluation failed.
    """
    # A failed evaluation is never the incumbent.
    labels = np.nan_to_num(labels, nan=-np.inf)
    record = np.maximum.accumulate(labels, axis=1)
    is_new = np.ones(archs.shape, dtype=bool)
    is_new[:, 1:] = labels[:, 1:] > record[:, :-1]
    incumbent = np.maximum.accumulate(np.where(is_new, np.arange(archs.shape[1]), 0), axis=1)
    return np.take_along_axis(archs, incumbent, axis=1)
