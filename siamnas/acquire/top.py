"""The best of the ranking."""

import numpy as np

from siamnas import targets
from siamnas.acquire.base import Round, Rule, equal_rounds
from siamnas.acquire.rounds import Fields
from siamnas.acquire.state import State
from siamnas.spaces.space import IntArray


@targets.checked_by(Fields)
class Top(Rule):
    """Equal rounds: each adds what the predictor of the pool so far ranks best.

    Args:
        count: rounds, the random first one included.
    """

    def __init__(self, rounds: int) -> None:
        self.count = rounds

    def rounds(self, n: int, least: int) -> list[Round]:
        """Equal shares."""
        return equal_rounds(n, self.count, least)

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) the first free ones of the ranking of the whole space."""
        order = state.ranking(state.ties)
        return np.stack([row[free[row]][:count] for row, free in zip(order, state.free, strict=True)])
