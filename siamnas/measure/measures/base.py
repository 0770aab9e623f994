"""The protocol of all measures: what is found of one architecture as a real network, and what it took."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from siamnas.runtime.progress import Report, no_report


@dataclass(frozen=True)
class Values:
    """What was measured of one architecture.

    Attributes:
        values: one per column of the measure; NaN where a column has none.
        seconds: of CPU or GPU work, wall clock.
    """

    values: tuple[float, ...]
    seconds: float


class Failed(Exception):
    """An architecture has no value, for example because its loss is NaN."""


class Measure(ABC):
    """Made once, and called for one architecture after the other.

    Its arguments are the keys of its config; it is given `images`, a `siamnas.images.dataset.Dataset`, and `device`
    where they name them.

    Attributes:
        columns: names of the values.
        shape: of one input of the networks; None: that of the images.
    """

    columns: tuple[str, ...]
    shape: tuple[int, ...] | None = None
    report: Report = staticmethod(no_report)
    """To call with the finished share of the architecture that is measured; set by who asks."""
    results_version = 1
    """Raised when the same options give other values than before; values of another version do not count then."""

    @abstractmethod
    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        """Measure one architecture; the same seed gives the same values, whatever was measured before.

        Args:
            network: makes its network with new weights, drawn from torch's global generator, which the measure seeds.
            seed: of all that is drawn.

        Raises:
            Failed: it has no value.
        """
