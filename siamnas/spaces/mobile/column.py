"""A free column of the layers of mobile networks."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.described import views
from siamnas.spaces.described.encoding import Rows
from siamnas.spaces.described.free import Choices, Known, OfView
from siamnas.spaces.mobile.layers import Layers


class Reader(ABC):
    """Rows of a space, and choices, as layers."""

    @abstractmethod
    def layers(self, rows: Rows) -> Layers:
        """The layers of rows (n, C)."""

    @abstractmethod
    def row(self, choices: Choices) -> list[int]:
        """C numbers: the row of choices."""


@dataclass(frozen=True)
class OfLayers(OfView):
    """What a function knows of layers.

    Args:
        reader: of the space.
        known: of layers -> (n,).
    """

    reader: Reader
    known: Callable[[Layers], FloatArray]

    def __call__(self, choices: Choices) -> float:
        """See `OfView`."""
        return float(self.known(self.reader.layers(np.array([self.reader.row(choices)])))[0])

    def of(self, view: views.View) -> Known:
        """See `OfView`; all rows of a space have one form."""
        return lambda rows: self.known(self.reader.layers(rows))
