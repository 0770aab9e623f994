"""What a class of your own must do, as test classes for pytest: subclass one, and say how yours is made.

    class TestMine(siamnas.testing.PredictorContract):
        def make(self, space, seeds):
            return Mine(space, seeds, trainer={}, sharpness=2.0)

The spaces, tables and images that they need are made here. They are plain classes: other frameworks can use them too.

`drill` tries whether a command survives kills, stops and full disks on your machine and file system.
"""

from siamnas.testing.acquisition import AcquisitionContract
from siamnas.testing.domain import DomainContract
from siamnas.testing.drill import Fault, drill
from siamnas.testing.measure import MeasureContract
from siamnas.testing.predictor import PredictorContract
from siamnas.testing.search import SearchContract

__all__ = [
    "AcquisitionContract", "DomainContract", "Fault", "MeasureContract", "PredictorContract", "SearchContract", "drill",
]  # fmt: skip
