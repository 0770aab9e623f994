"""Every kind of predictor, small enough to train in a blink."""

from collections.abc import Callable
from typing import Any

from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.predictors.brp import BRP
from siamnas.predictors.column import Column
from siamnas.predictors.ensemble import Ensemble
from siamnas.predictors.gaussian import evidence
from siamnas.predictors.gp import GaussianProcess
from siamnas.predictors.random import Random
from siamnas.predictors.regressor import Regressor
from siamnas.predictors.siamese import GraphPredictor, SiamesePredictor
from siamnas.spaces.listed import Space

FIELDS: dict[str, Any] = {"channels": 8, "nsam": True, "pooling": "channels", "mixup": 0.0}
EFM: dict[str, Any] = {"efm_shared_qv": True, "efm_double_update": True}
BRP_FIELDS: dict[str, Any] = {
    "width": 8, "layers": 2, "dropout": 0.2, "lr": 3e-3, "weight_decay": 5e-4, "epochs": 4, "batch": None,
    "targets": "softmax",
}  # fmt: skip
FOREST = {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 3}
GP: dict[str, Any] = {
    "features": ["graph", "onehot"], "columns": [], "targets": "normal", "refit": 5, "steps": 5,
    "prior": evidence.Prior(scale=[0.5, 1.0], variance=[0.0, 0.5], noise=[-4.0, 1.0]),
}  # fmt: skip
REGRESSOR = {
    "_target_": "siamnas.predictors.regressor.Regressor",
    "features": ["encoding"],
    "columns": [],
    "code": False,
}
SIAMS = {"_target_": "siamnas.predictors.siamese.SiamesePredictor"}
RIDGE = {"_target_": "sklearn.linear_model.Ridge"}

Maker = Callable[[Space, range, Prior], Predictor]


def trainer(epochs: int = 4, **changes: Any) -> dict[str, Any]:
    """The published schedule with fewer epochs, on the CPU."""
    phases = [{"share": 0.2, "lr": 1e-3}, {"share": 0.5, "lr": 1e-3}, {"share": 0.3, "lr": 1e-4}]
    fields = {"batch_size": 8, "epochs": epochs, "phases": phases, "closing_epochs": 3, "closing_lr": 1e-4}
    fields |= {"ranked_share": 0.1, "norm_momentum": 0.003, "precision": "highest", "recalibrate": False}
    return {**fields, "accelerator": "cpu", "compile": False, **changes}


def siamese(space: Space, seeds: range, epochs: int = 4, **fields: Any) -> SiamesePredictor:
    """A small Siamese-Predictor for codes of length 3."""
    return SiamesePredictor(space, seeds, trainer(epochs), 3, **{**FIELDS, **EFM, **fields})


MAKERS: dict[str, Maker] = {
    "random": lambda space, seeds, prior: Random(space, seeds, {}),
    "column": lambda space, seeds, prior: Column(space, seeds, {}, prior.priced, "flops", "descending"),
    "proxy loss": lambda space, seeds, prior: Column(space, seeds, {}, prior.priced, "proxy_loss_3", "ascending"),
    "forest": lambda space, seeds, prior: Regressor(
        space, seeds, {}, prior.code_length, ["encoding"], [], False, FOREST
    ),
    "ridge with codes": lambda space, seeds, prior: Regressor(
        space, seeds, {}, prior.code_length, ["encoding"], [], True, RIDGE
    ),
    "gp": lambda space, seeds, prior: GaussianProcess(space, seeds, {}, **GP),
    "bagged ridge": lambda space, seeds, prior: Ensemble(
        space, seeds, {}, prior.code_length, prior.priced, 3, 0.7, {**REGRESSOR, "model": RIDGE}
    ),
    "siams ensemble": lambda space, seeds, prior: Ensemble(
        space, seeds, trainer(), prior.code_length, prior.priced, 2, 1.0, {**SIAMS, **FIELDS, **EFM}
    ),
    "gcn": lambda space, seeds, prior: GraphPredictor(space, seeds, trainer(), **FIELDS),
    "siams": lambda space, seeds, prior: siamese(space, seeds),
    "brp": lambda space, seeds, prior: BRP(space, seeds, trainer(), **BRP_FIELDS),
}
