"""The best of the ranking."""

from siamnas import targets
from siamnas.acquire.rounds import EqualRounds, Fields
from siamnas.acquire.state import State
from siamnas.spaces.space import IntArray


@targets.checked_by(Fields)
class Top(EqualRounds):
    """Equal rounds: each adds what the predictor of the pool so far ranks best."""

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) the first free ones of the ranking of the whole space."""
        return state.first(state.ranking(state.ties), count)
