"""What the classes of the examples must do: `python -m pytest test_own.py`."""

from own_acquisition import Curious
from own_predictor import Neighbours
from own_search import Anneal

from siamnas.benchmarks.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.spaces.listed import Space
from siamnas.testing import AcquisitionContract, PredictorContract, SearchContract


class TestNeighbours(PredictorContract):
    def make(self, space: Space, seeds: range) -> Neighbours:
        return Neighbours(space, seeds, trainer={}, sharpness=2.0)


class TestCurious(AcquisitionContract):
    def make(self) -> Curious:
        return Curious(rounds=4, share=0.3)


class TestAnneal(SearchContract):
    def make(self, space: Space, seeds: range, prior: Prior, metric: Metric) -> Anneal:
        return Anneal(space, seeds, prior, metric, n=20, temperature=0.02)
