"""The acquisition of WeakNAS (Wu et al. 2021, arXiv 2102.10490): at random from a top that shrinks with the rounds."""

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.config.validate import Count, Share
from siamnas.graphs.arrays import IntArray


class Shrinking(EqualRounds):
    """A weak predictor need only tell good from bad at first; each round draws from a smaller top of its ranking.

    Args:
        rounds: see `EqualRounds`.
        share: of the ranking that a round chooses from, to the power of the number of the round.
    """

    def __init__(self, rounds: Count, share: Share) -> None:
        super().__init__(rounds)
        self.share = share

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free ones at random among the best share^index of the ranking; the first where these are few."""
        best = round(len(state.space) * self.share**index)
        orders = []
        for row, free, rng in zip(state.ranking(state.ties), state.free, state.ties, strict=True):
            size = max(int(free[row[:best]].sum()), count)
            line = row[free[row]]
            line[:size] = rng.permutation(line[:size])
            orders.append(np.concatenate([line, row[~free[row]]]))
        return state.first(np.stack(orders), count)
