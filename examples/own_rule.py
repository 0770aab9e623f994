"""A rule: mostly the best of the ranking, now and then a random architecture."""

import numpy as np

from siamnas.acquire.base import Round, Rule, equal_rounds
from siamnas.acquire.state import State
from siamnas.spaces.space import IntArray


class Curious(Rule):
    """Equal rounds of the best-ranked architectures, a share of which are drawn at random instead."""

    def __init__(self, rounds: int, share: float) -> None:
        self.count = rounds
        self.share = share

    def rounds(self, n: int, least: int) -> list[Round]:
        """A pool of n in equal rounds, the first of which is drawn at random."""
        return equal_rounds(n, self.count, least)

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) architectures that are free."""
        chosen = []
        for order, free, rng in zip(state.ranking(state.ties), state.free, state.ties, strict=True):
            line = order[free[order]]  # what is not in the pool yet, best first
            top = count - rng.binomial(count, self.share)
            chosen.append(np.concatenate([line[:top], rng.choice(line[top:], count - top, replace=False)]))
        return np.stack(chosen)
