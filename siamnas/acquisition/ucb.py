"""The upper confidence bound."""

from siamnas.acquisition.greedy_batch import GreedyBatch
from siamnas.acquisition.state import State
from siamnas.config.validate import Count, NotNegative
from siamnas.graphs.arrays import FloatArray


class UpperConfidenceBound(GreedyBatch):
    """The largest score + beta spread (GP-UCB, Srinivas et al. 2010).

    Args:
        rounds: see `EqualRounds`.
        beta: weight of the spread; 0 is greedy.
    """

    def __init__(self, rounds: Count, beta: NotNegative) -> None:
        super().__init__(rounds)
        self.beta = beta

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """See `GreedyBatch`."""
        return score + self.beta * spread
