"""Every shipped search fulfils the contract of searches."""

import pytest

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.acquisition.ehvi import ExpectedHypervolumeImprovement
from siamnas.acquisition.half import HalfAndHalf
from siamnas.acquisition.mutants import Mutants
from siamnas.acquisition.top import Top
from siamnas.acquisition.ucb import UpperConfidenceBound
from siamnas.predictors.gp import GaussianProcess
from siamnas.predictors.random import Random
from siamnas.predictors.regressor import Regressor
from siamnas.search.active import Active, InitialDesign
from siamnas.search.evolution import Evolution
from siamnas.search.local import Local
from siamnas.search.low_fidelity import Fidelity, LowFidelity
from siamnas.search.nsga2 import NSGA2
from siamnas.search.topk import TopK
from siamnas.search.tpe import TPE
from siamnas.testing import SearchContract
from tests.predictors.every import FOREST, GP, siamese


def forest(space, seeds):
    return Regressor(space, seeds, {}, 3, ["encoding"], [], False, FOREST)


def gp(space, seeds):
    return GaussianProcess(space, seeds, {}, **GP)


def nothing(space, seeds):
    return Random(space, seeds, {})


def topk(predictor, acquisition):
    return lambda space, seeds, prior, metric: TopK(predictor(space, seeds), acquisition(), prior, metric, 14, 5, 10, 8)


def active(predictor, acquisition, kind="random", batch=3, recommend="label"):
    first = InitialDesign(4, kind, "flops" if kind == "stratified" else None)
    return lambda space, seeds, prior, metric: Active(
        predictor(space, seeds), acquisition(), prior, metric, 15, first, batch, recommend
    )


def walk(kind, *fields):
    return lambda space, seeds, prior, metric: kind(space, seeds, prior, metric, 25, *fields)


def low_fidelity(space, seeds, prior, metric):
    first, fidelity = InitialDesign(2, "random", None), Fidelity("proxy_loss_3", 12, False)
    acquisition = UpperConfidenceBound(2, 1.75)
    return LowFidelity(gp(space, seeds), acquisition, prior, metric, 12, first, 2, "label", fidelity)


SEARCHES = {
    "topk, nothing learnt": topk(nothing, lambda: Top(3)),
    "topk, forest, half": topk(forest, lambda: HalfAndHalf(3)),
    "topk, siams, bts": topk(siamese, lambda: BatchTopSampler(0.4, 3, 10, "even", [0.2, 0.7], 0.3)),
    "active, forest, top": active(forest, lambda: Top(3), "maximin", batch=1),
    "active, forest, ehvi": active(forest, lambda: ExpectedHypervolumeImprovement(2, "flops"), "stratified"),
    "active, gp, mutants": active(gp, lambda: Mutants(3, 4), recommend="posterior"),
    "low fidelity": low_fidelity,
    "evolution": walk(Evolution, 5, 2),
    "local": walk(Local, 4),
    "nsga2": walk(NSGA2, 6, "flops"),
    "tpe": walk(TPE, 5),
}


class TestShipped(SearchContract):
    @pytest.fixture(autouse=True, params=SEARCHES)
    def named(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self, space, seeds, prior, metric):
        return SEARCHES[self.name](space, seeds, prior, metric)
