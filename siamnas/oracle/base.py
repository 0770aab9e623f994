"""The protocol of oracles: they answer with accuracies and Estimation Codes, and count their cost."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.runtime.progress import Report, no_report


@dataclass(frozen=True)
class Cost:
    """What R repeats have spent, each array (R,).

    Attributes:
        queries: different architectures that were evaluated.
        query_seconds: training time of those (architectures without a known time count 0).
        codes: different architectures of which a code, a column or a low fidelity was measured; what takes no time is
            not counted.
        code_seconds: time of those measurements (architectures without a known time count 0).
        code_seconds_before: (R, m) that time so far when each of the m evaluations was made, in their order.
    """

    queries: IntArray
    query_seconds: FloatArray
    codes: IntArray
    code_seconds: FloatArray
    code_seconds_before: FloatArray


class Prior(ABC):
    """Prior knowledge about architectures, which costs less than training them.

    Attributes:
        code_length: L of the Estimation Codes, 0 where there are none.
        code_name: what they are made of.
        coded: (M,) False where it is known that an architecture has no code.
        priced: names of measured columns that `survey` can look up.
        fidelities: names of the low fidelities that `fidelity` can measure.
        sources: evaluations of other tasks that a search brings, see `siamnas.search.transfer_sources`.
    """

    code_length: int
    code_name: str
    coded: NDArray[np.bool_]
    priced: tuple[str, ...] = ()
    fidelities: tuple[str, ...] = ()
    sources: Sequence[Any] = ()

    @abstractmethod
    def codes(self, archs: IntArray) -> FloatArray:
        """Estimation Codes of `archs` (R, m) as (R, m, L); NaN for an architecture that has none."""

    @abstractmethod
    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """(M, C) measured columns, or the Estimation Code for `CODE`, of the whole space.

        Every repeat is charged for all of it.
        """

    def fidelity(self, name: str, archs: IntArray) -> FloatArray:
        """(R, m) a low fidelity of `archs` (R, m), all different in a row; NaN where it can't be measured.

        Each measurement counts once for every repeat that asks for it.

        Args:
            name: one of `fidelities`.
            archs: what is measured.
        """
        raise NotImplementedError


class Oracle(Prior):
    """Answers R repeats at once, and keeps track of their cost.

    Attributes:
        report: called with the finished share of a query, and of what is asked until the next, if these take long.
    """

    report: Report = staticmethod(no_report)

    @abstractmethod
    def query(self, archs: IntArray) -> FloatArray:
        """The values of `archs` (R, m) as (R, m); NaN where the evaluation failed. Each counts once."""

    @abstractmethod
    def cost(self) -> Cost:
        """What every repeat has spent so far."""
