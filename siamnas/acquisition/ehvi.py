"""Expected improvement of a Pareto front, where the second objective is known for free."""

from typing import Annotated

import numpy as np

from siamnas.acquisition.greedy_batch import GreedyBatch
from siamnas.acquisition.improvement import log_expected, positive
from siamnas.acquisition.state import State
from siamnas.benchmarks.pareto import front
from siamnas.config.validate import Condition, Count
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import check_column
from siamnas.predictors.base import Predictor

WIDTH = 1e-3  # of the range of the costs, added to its end

Objective = Annotated[str, Condition("a free column that is to be small: give objective=flops, for example", bool)]


class ExpectedHypervolumeImprovement(GreedyBatch):
    """The largest expected gain of the area below the front of the training set (Emmerich 2005).

    Predictions are taken for normal. The second objective is not predicted but a known column, so the expectation is
    exact and one-dimensional: an architecture of cost c and value y adds what y exceeds the front by, at all costs from
    c on. Its expectation is a sum over the steps of the front, of their widths times the expected improvement on their
    heights. The area ends at the largest cost of the space and at the median score of the training set, below which
    nothing is worth having. The front is that of the predictor's scores, as for `ExpectedImprovement`.

    Args:
        rounds: see `EqualRounds`.
        column: the second objective, lower is better. An architecture without a value is not chosen while there are
            others.
    """

    def __init__(self, rounds: Count, column: Objective) -> None:
        super().__init__(rounds)
        self.column = column

    def check(self, predictor: Predictor) -> None:
        """See `Acquisition`; the column must be free."""
        super().check(predictor)
        check_column(self.column, f"acquisition.column={self.column}", predictor.space.columns)

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """The logarithm of the gain; see `GreedyBatch`."""
        cost, every = state.space.columns[self.column], state.space.reference.columns[self.column]
        gains = []
        for mean, deviation, archs, labels in zip(
            score, positive(spread, score), state.archs, state.labels, strict=True
        ):
            told = archs[~np.isnan(labels)]  # what has failed is on no front
            known = told if len(told) else archs
            gains.append(log_gain(cost, mean, deviation, cost[known], mean[known], every))
        return np.stack(gains)


def log_gain(
    cost: FloatArray,
    score: FloatArray,
    spread: FloatArray,
    known_cost: FloatArray,
    known_score: FloatArray,
    every: FloatArray | None = None,
) -> FloatArray:
    """(M,) logarithm of the expected gain of the area below the front; NaN where the cost is not known.

    Args:
        cost: (M,) lower is better.
        score: (M,) means of normal predictions, higher is better.
        spread: (M,) their standard deviations, above 0.
        known_cost: (n,) costs of the training set.
        known_score: (n,) their scores.
        every: costs of the space, at whose largest the area ends; those of the M if None.
    """
    every, floor = cost if every is None else every, np.median(known_score)
    steps = front(known_cost, np.where(known_score > floor, known_score, np.nan))
    # Below the first step the front is at the floor. The last one has a width above 0 even at the largest cost, so that
    # the most expensive architectures can be told apart.
    ends = np.append(known_cost[steps], np.nanmax(every) + WIDTH * (np.ptp(every[~np.isnan(every)]) or 1.0))
    gain = np.where(np.isnan(cost), np.nan, -np.inf)
    begin = float("-inf")
    for level, end in zip([float(floor), *known_score[steps].tolist()], ends.tolist(), strict=True):
        reached = np.flatnonzero(cost < end)
        width = end - np.maximum(cost[reached], begin)
        own = np.log(width) + log_expected(score[reached], spread[reached], level)
        gain[reached] = np.logaddexp(gain[reached], own)
        begin = end
    return gain
