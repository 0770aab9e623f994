"""How a network is trained on images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from siamnas.config.validate import Condition, Rate, Times
from siamnas.images.augment import Options
from siamnas.training.lightning import Precision


@dataclass(frozen=True)
class Phase:
    """So many epochs with one learning rate."""

    epochs: Times
    lr: Rate


Batch = Annotated[int, Condition("an integer from 2, for batch norm, to 100,000", lambda v: 2 <= v <= 100_000)]
Smoothing = Annotated[float, Condition("a number of at least 0 and below 1", lambda v: 0 <= v < 1)]


@dataclass(frozen=True)
class Recipe:
    """Cross-entropy, minimised by one Adam through all phases: a new phase keeps its moments.

    Attributes:
        phases: at least one.
        batch_size: B, at least 2.
        label_smoothing: share of every target that is spread evenly over the classes.
        augment: see `siamnas.images.augment.Options`.
        precision: see `siamnas.training.lightning.Precision`.
    """

    phases: Sequence[Phase]
    batch_size: int
    label_smoothing: float
    augment: Options
    precision: Precision

    @property
    def rates(self) -> list[float]:
        """The learning rate of every epoch."""
        return [phase.lr for phase in self.phases for _ in range(phase.epochs)]
