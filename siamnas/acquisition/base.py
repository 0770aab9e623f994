"""The protocol of acquisition functions, which choose the architectures to evaluate next."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from siamnas.acquisition.state import State
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.base import Predictor


@dataclass(frozen=True)
class Round:
    """One addition to the training set.

    Attributes:
        count: how many architectures it adds.
        trained: share of the predictor's training that is done before it is chosen.
    """

    count: int
    trained: float


class Acquisition(ABC):
    """Says when a training set grows to N, by how many architectures, and by which."""

    results_version = 1
    """Raised when the same options give other numbers than before; results of another version do not count then."""
    needs_spread = False
    """Whether it reads the spread (the uncertainty) of the predictions."""

    @property
    def name(self) -> str:
        """In a word, as its configuration is called."""
        return type(self).__module__.rpartition(".")[2]

    def check(self, predictor: Predictor) -> None:
        """Check that a predictor has what the acquisition function reads.

        Raises:
            InputError: it has no spread, and the acquisition function needs one.
        """
        if self.needs_spread and not predictor.spreads:
            raise InputError(
                f"acquisition: {type(self).__name__} weighs how sure the predictor is, and {type(predictor).__name__} "
                "does not know; choose acquisition=top, or a predictor with a spread such as gp or forest"
            )

    @abstractmethod
    def rounds(self, n: int, least: int) -> list[Round]:
        """The rounds by which the training set grows to n, in their order; the first one is drawn at random.

        Args:
            n: size of the full training set.
            least: the fewest architectures of the first round with which the predictor can be fitted, at most n.
        """

    def value(self, state: State) -> FloatArray:
        """(R, M) what it is worth to evaluate each architecture next, by which a search climbs; the score, if no more.

        Values of different windows of a space can be compared, see `siamnas.candidates.window`.
        """
        return state.predictor.score(np.arange(len(state.space)))

    def best_first(self, labels: FloatArray, columns: Mapping[str, FloatArray]) -> IntArray:
        """(n,) seats of what was evaluated, the best first, from which others are bred.

        Args:
            labels: (n,) higher is better, NaN where the evaluation failed; or (T, n) of several numbers.
            columns: (n,) free ones.
        """
        return np.argsort(-np.nan_to_num(labels, nan=-np.inf), kind="stable")

    @abstractmethod
    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) architectures that are free, for the round `index` (1, 2, ...).

        Args:
            state: the training set and the predictor, trained as far as the round says.
            count: how many; at least 1 and at most as many as are free.
            index: of the round among `rounds`; from 1, as round 0 is drawn at random.
        """
