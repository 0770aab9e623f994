"""The protocol of all predictors: fit on a pool of labelled cells, score any cells."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from siamnas.oracle.table import Oracle
from siamnas.progress import Report
from siamnas.spaces.space import FloatArray, IntArray, Space


@dataclass
class FitLog:
    """What a fit leaves behind for plots: name -> (epochs, R) curve, for example the training loss."""

    curves: dict[str, FloatArray] = field(default_factory=dict)


class Predictor(ABC):
    """R independent predictors, one per repeat, fitted and scored together.

    The search makes one object per batch of repeats. Everything random comes from
    `siamnas.seeding.stream(identity, purpose)`, so that a repeat does not depend on its neighbours.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat; R = len(identities).
        trainer: the `trainer` config as a plain dict; a predictor that trains no network ignores it.
    """

    parallel = True
    """Whether chunks of repeats are worth processes of their own (on a CPU)."""
    device: str = "cpu"
    """Where it computes: cpu or cuda."""

    def __init__(self, space: Space, identities: range, trainer: dict[str, Any]) -> None:
        self.space = space
        self.identities = identities
        self.trainer = trainer

    @abstractmethod
    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Learn from the cells in `oracle.pool`, querying more until n labels in total are paid per repeat.

        Args:
            oracle: knows the pool and answers queries; may already hold labelled cells, which are used.
            n: labels that each repeat may have paid for when this returns, those already in the pool included.
            report: call it with the finished share of the work in [0, 1].
        """

    @abstractmethod
    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) scores of the cells (m,), higher is better: the coarse accuracy where the predictor has one.

        The search puts cells of equal score in random order.
        """

    def refine(self, cells: IntArray, codes: FloatArray) -> FloatArray | None:
        """(R, k) finer scores of `cells` (R, k) from their Estimation Codes (R, k, L); None where there are none.

        Only the order within `cells` is used. A cell whose code is NaN must score NaN: it keeps its coarse place.
        """
        return None
