"""All at random."""

from siamnas.acquisition.base import Acquisition, Round
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import IntArray


class Random(Acquisition):
    """One round, drawn at random."""

    def rounds(self, n: int, least: int) -> list[Round]:
        """All n at once."""
        return [Round(n, 0.0)]

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures at random."""
        return state.at_random(count)
