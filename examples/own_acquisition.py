"""An acquisition function: mostly the best of the ranking, now and then a random architecture."""

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import IntArray


class Curious(EqualRounds):
    """Equal rounds of the best-ranked architectures, a share of which are drawn at random instead."""

    def __init__(self, rounds: int, share: float) -> None:
        super().__init__(rounds)
        self.share = share

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) architectures that are free."""
        chosen = []
        for order, free, rng in zip(state.ranking(state.ties), state.free, state.ties, strict=True):
            line = order[free[order]]  # what is not in the training set yet, best first
            top = count - rng.binomial(count, self.share)
            chosen.append(np.concatenate([line[:top], rng.choice(line[top:], count - top, replace=False)]))
        return np.stack(chosen)
