"""Every shipped predictor fulfils the contract of predictors."""

import pytest

from siamnas.oracle.table import TableOracle
from siamnas.predictors.brp import BRP
from siamnas.predictors.ensemble import Ensemble
from siamnas.predictors.siamese import GraphPredictor
from siamnas.testing import PredictorContract, small
from tests.predictors.every import BRP_FIELDS, EFM, FIELDS, MAKERS, SIAMS, siamese, trainer

LONGER = {
    "siams ensemble": lambda space, seeds, prior: Ensemble(
        space, seeds, trainer(60), prior.code_length, prior.priced, 2, 1.0, {**SIAMS, **FIELDS, **EFM}
    ),
    "gcn": lambda space, seeds, prior: GraphPredictor(space, seeds, trainer(60), **FIELDS),
    "siams": lambda space, seeds, prior: siamese(space, seeds, 60),
    "brp": lambda space, seeds, prior: BRP(space, seeds, trainer(), **{**BRP_FIELDS, "epochs": 60}),
}
"""Networks that learn in many epochs, of which the other checks need few."""


# An ensemble of networks takes a minute; its parts, and ensembles of regressors, are checked by default.
EACH = [pytest.param(name, marks=pytest.mark.slow) if name == "siams ensemble" else name for name in MAKERS]


class TestShipped(PredictorContract):
    @pytest.fixture(autouse=True, params=EACH)
    def named(self, request: pytest.FixtureRequest) -> None:
        learnt = LONGER if request.node.originalname == "test_it_learns_an_easy_target" else {}
        self.maker = {**MAKERS, **learnt}[request.param]

    def make(self, space, seeds):
        return self.maker(space, seeds, TableOracle(small.graphs(), len(seeds)))
