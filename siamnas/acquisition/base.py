"""The protocol of the rules that choose which architectures to evaluate next."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from siamnas.acquisition.state import State
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.predictors.base import Predictor


@dataclass(frozen=True)
class Round:
    """One addition to the training set.

    Attributes:
        count: how many architectures it adds.
        trained: share of the predictor's training that is done before the choice.
    """

    count: int
    trained: float


class Acquisition(ABC):
    """Says when a training set of N grows, by how many architectures, and by which."""

    doubts = False
    """Whether it looks at the spread of what the predictor predicts."""

    def check(self, predictor: Predictor) -> None:
        """See that a predictor has what the rule looks at.

        Raises:
            InputError: it has no spread, and the rule needs one.
        """
        if self.doubts and not predictor.spreads:
            raise InputError(
                f"acquisition: {type(self).__name__} weighs how sure the predictor is, and {type(predictor).__name__} does "
                "not know; choose acquisition=top, or a predictor with a spread such as gp or forest"
            )

    @abstractmethod
    def rounds(self, n: int, least: int) -> list[Round]:
        """The rounds by which the training set grows to n, in their order; the first one is drawn at random.

        Args:
            n: size of the full training set.
            least: what the first round must at least hold for a predictor to be fitted, at most n.
        """

    @abstractmethod
    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) architectures that are free, for the round `index` (1, 2, ...).

        Args:
            state: the training set and the predictor, trained as far as the round says.
            count: how many; at least 1, and so many are free.
            index: of the round among `rounds`, from 1 as round 0 is drawn at random.
        """
