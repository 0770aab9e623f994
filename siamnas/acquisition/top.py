"""The best of the ranking."""

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import IntArray


class Top(EqualRounds):
    """Equal rounds: each adds the top of the ranking by the predictor fitted so far."""

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) the first free ones of the ranking of the whole space."""
        return state.first(state.ranking(state.ties), count)
