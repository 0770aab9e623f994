"""How far knowledge from elsewhere is believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from siamnas.config.validate import Condition


@dataclass(frozen=True)
class Belief:
    """How far prior means are believed before anything is evaluated.

    Attributes:
        weight: mean and standard deviation of the normal prior of the weight of a prior mean of variance 1.
        trust: probability that one of them has a weight at all; they share it evenly.
    """

    weight: Annotated[
        Sequence[float], Condition("a mean and a standard deviation above 0", lambda v: len(v) == 2 and v[1] > 0)
    ]
    trust: Annotated[float, Condition("between 0 and 1", lambda v: 0 < v < 1)]
