"""The benchmark of a space that nobody can list: a model that was fitted to measured architectures."""

from abc import ABC, abstractmethod
from typing import Any

from numpy.typing import NDArray

from siamnas.benchmarks.metric import Metric
from siamnas.graphs.arrays import FloatArray

SURROGATE, SAMPLE = "surrogate", "sample"
"""Keys of the card of a space without a list: the name of its surrogate, and what stands for all architectures."""


class Surrogate(ABC):
    """Answers for any architecture of a domain what a model of the measured ones predicts.

    Attributes:
        name: of the model, for people; said wherever its values are shown, because they are no measurements.
        metric: what it predicts.
    """

    name: str
    metric: Metric

    @abstractmethod
    def labels(self, archs: NDArray[Any]) -> FloatArray:
        """(n,) the values of architectures (n, ...) in the form of their domain."""
