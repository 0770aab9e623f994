"""All at random."""

from dataclasses import dataclass

from siamnas.acquisition.base import Acquisition, Round
from siamnas.acquisition.state import State
from siamnas.config import instantiate
from siamnas.config.validate import Word
from siamnas.graphs.arrays import IntArray


@dataclass
class Fields:
    """See `conf/acquisition/random.yaml`."""

    _target_: Word


@instantiate.checked_by(Fields)
class Random(Acquisition):
    """One round, drawn at random."""

    def rounds(self, n: int, least: int) -> list[Round]:
        """All n at once."""
        return [Round(n, 0.0)]

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures at random."""
        return state.at_random(count)
