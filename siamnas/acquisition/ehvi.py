"""Expected improvement of a Pareto front, where the second objective is known for free."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from siamnas.config import instantiate
from siamnas.acquisition.improvement import log_expected, positive
from siamnas.acquisition.greedy_batch import OneByOne
from siamnas.acquisition.state import State
from siamnas.predictors.base import Predictor
from siamnas.config.validate import Count, Rule, Word
from siamnas.graphs.columns import check_column
from siamnas.benchmarks.pareto import front
from siamnas.graphs.arrays import FloatArray

WIDTH = 1e-3  # of the range of the costs, added to its end

Objective = Annotated[str, Rule("a free column that is to be small: give objective=flops, for example", bool)]


@dataclass
class Fields:
    """See `conf/acquire/ehvi.yaml`."""

    _target_: Word
    rounds: Count
    column: Objective


@instantiate.checked_by(Fields)
class ExpectedHypervolumeImprovement(OneByOne):
    """The largest expected gain of the area below the front of the pool, if predictions are normal (Emmerich 2005).

    The second objective is no prediction but a column, so that the expectation is exact and one-dimensional: an
    architecture of the cost c and the value y adds what y exceeds the front by, at all costs from c on; its expectation
    is a sum over the steps of the front, of their widths times the expected improvement on their heights. The area ends
    at the largest cost of the space and at the median score of the pool, below which nothing is worth having. The front
    is that of the predictor's scores, as for `ExpectedImprovement`.

    Args:
        rounds: see `EqualRounds`.
        column: the second objective, lower is better. An architecture without a value is not chosen while there are
            others.
    """

    def __init__(self, rounds: int, column: str) -> None:
        super().__init__(rounds)
        self.column = column

    def check(self, predictor: Predictor) -> None:
        """See `Rule`; the column must be free."""
        super().check(predictor)
        check_column(self.column, f"acquire.column={self.column}", predictor.space.columns)

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """The logarithm of the gain; see `OneByOne`."""
        cost = state.space.columns[self.column]
        gains = []
        for mean, deviation, archs, labels in zip(
            score, positive(spread, score), state.archs, state.labels, strict=True
        ):
            told = archs[~np.isnan(labels)]  # what has failed is on no front
            pool = told if len(told) else archs
            gains.append(log_gain(cost, mean, deviation, cost[pool], mean[pool]))
        return np.stack(gains)


def log_gain(
    cost: FloatArray, score: FloatArray, spread: FloatArray, pool_cost: FloatArray, pool_score: FloatArray
) -> FloatArray:
    """(M,) logarithm of the expected gain of the area below the front; NaN where the cost is not known.

    Args:
        cost: (M,) lower is better.
        score: (M,) means of normal predictions, higher is better.
        spread: (M,) their standard deviations, above 0.
        pool_cost: (n,) of what was evaluated.
        pool_score: (n,).
    """
    floor = np.median(pool_score)
    steps = front(pool_cost, np.where(pool_score > floor, pool_score, np.nan))
    # Below the first step the front is at the floor. The last one has a width above 0 even at the largest cost, so that
    # the most expensive architectures can be told apart.
    ends = np.append(pool_cost[steps], np.nanmax(cost) + WIDTH * (np.ptp(cost[~np.isnan(cost)]) or 1.0))
    gain = np.where(np.isnan(cost), np.nan, -np.inf)
    begin = float("-inf")
    for level, end in zip([float(floor), *pool_score[steps].tolist()], ends.tolist(), strict=True):
        reached = np.flatnonzero(cost < end)
        width = end - np.maximum(cost[reached], begin)
        own = np.log(width) + log_expected(score[reached], spread[reached], level)
        gain[reached] = np.logaddexp(gain[reached], own)
        begin = end
    return gain
