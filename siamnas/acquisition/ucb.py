"""The upper confidence bound."""

from dataclasses import dataclass
from typing import Annotated

from siamnas.acquisition.greedy_batch import GreedyBatch
from siamnas.acquisition.state import State
from siamnas.config import instantiate
from siamnas.config.validate import Condition, Count, Word
from siamnas.graphs.arrays import FloatArray


@dataclass
class Fields:
    """See `conf/acquisition/ucb.yaml`."""

    _target_: Word
    rounds: Count
    beta: Annotated[float, Condition("a number of at least 0", lambda v: 0 <= v < float("inf"))]


@instantiate.checked_by(Fields)
class UpperConfidenceBound(GreedyBatch):
    """The largest score + beta spread (GP-UCB, Srinivas et al. 2010).

    Args:
        rounds: see `EqualRounds`.
        beta: weight of the spread; 0 is greedy.
    """

    def __init__(self, rounds: int, beta: float) -> None:
        super().__init__(rounds)
        self.beta = beta

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """See `GreedyBatch`."""
        return score + self.beta * spread
