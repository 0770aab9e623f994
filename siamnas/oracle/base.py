"""Who answers: accuracies and Estimation Codes are asked for, and billed."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Cost:
    """What R repeats have spent, each array (R,).

    Attributes:
        queries: different architectures whose accuracy was looked at.
        query_seconds: training time of those (architectures without a known time count 0).
        codes: different architectures whose Estimation Code, or another column that has to be measured, was looked at;
            a code that takes no time is not counted.
        code_seconds: time of those codes (architectures without a known time count 0).
        code_seconds_before: (R, m) that time when each of the m evaluations was made, in the order of their queries.
    """

    queries: IntArray
    query_seconds: FloatArray
    codes: IntArray
    code_seconds: FloatArray
    code_seconds_before: FloatArray


class Prior(ABC):
    """Prior knowledge about architectures that costs less than training them: what a search may look at unasked.

    Attributes:
        code_length: L of the Estimation Codes, 0 where there are none.
        code_name: what they are made of.
        coded: (M,) False where it is known that an architecture has no code.
        priced: names of measured columns that `survey` can look up.
        low fidelities: names of what `fidelity` can measure.
    """

    code_length: int
    code_name: str
    coded: NDArray[np.bool_]
    priced: tuple[str, ...] = ()
    fidelities: tuple[str, ...] = ()

    @abstractmethod
    def codes(self, archs: IntArray) -> FloatArray:
        """Estimation Codes of `archs` (R, m) as (R, m, L); NaN for an architecture that has none."""

    @abstractmethod
    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """(M, C) measured columns, or the Estimation Code for `CODE`, of the whole space; paid for by every repeat."""

    def fidelity(self, name: str, archs: IntArray) -> FloatArray:
        """(R, m) what a cheap measurement says of `archs` (R, m), all different in a row; NaN where it can't be made.

        Each is paid for once by every repeat that asks for it.

        Args:
            name: one of `fidelities`.
            archs: what is measured.
        """
        raise NotImplementedError


class Oracle(Prior):
    """Answers R repeats at once, and keeps their bill."""

    @abstractmethod
    def query(self, archs: IntArray) -> FloatArray:
        """The values of `archs` (R, m) as (R, m); NaN where the evaluation failed. An architecture is paid for once."""

    @abstractmethod
    def cost(self) -> Cost:
        """What every repeat has spent so far."""
