"""Any regressor of scikit-learn, or of a library that follows it, on the flat encoding of a cell."""

from typing import Any

import numpy as np

from siamnas import build
from siamnas.acquire.ranking import rank
from siamnas.errors import InputError
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray, Space

SEEDS = 2**31  # scikit-learn takes smaller ones


class Regressor(Predictor):
    """A classical model per repeat: accuracy from the one-hot operations of a cell, and its Estimation Code if wanted.

    The pool grows to N in rounds of equal shares: the first is drawn at random, each later one is what a model of the
    pool so far ranks best among the cells that are not in it. One round is a training on N random cells, the
    same as those of the other predictors that draw their pool at random.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: ignored.
        rounds: of the data selection; 1 draws all N at random.
        code: the models also read the Estimation Code, which then every cell of the space pays for.
        model: `_target_`, a class with `fit(x, y)` and `predict(x)`, and its arguments; it gets a `random_state` of its
            own in every repeat if it takes one.

    Raises:
        InputError: the class does not exist, is no regressor, or does not take the arguments; the space has no codes.
    """

    def __init__(
        self, space: Space, identities: range, trainer: dict[str, Any], rounds: int, code: bool, model: dict[str, Any]
    ) -> None:
        super().__init__(space, identities, trainer)
        if code and not space.code.shape[1]:
            raise InputError(f"predictor.code=true: {space.name} has no Estimation Codes; choose false")
        self.rounds = rounds
        self.code = code
        self.x = np.concatenate([flat(space), standardised(space.code)], axis=1) if code else flat(space)
        seeds = [int(rng.integers(SEEDS)) for rng in streams(identities, "model")]
        self.models = [build.make("predictor.model", model, {"random_state": seed}) for seed in seeds]
        for method in ("fit", "predict"):
            if not hasattr(self.models[0], method):
                raise InputError(f"predictor.model._target_={model['_target_']}: must be a class with fit and predict")

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Grow the pool to n cells; at the end the models have been fitted on all of it."""
        if self.code:
            oracle.codes(np.tile(np.arange(len(self.space)), (len(self.models), 1)))
        ties = streams(self.identities, "select")
        oracle.fill(max(n // self.rounds, 1), streams(self.identities, "pool"))
        self._train(oracle.pool)
        for i in range(2, self.rounds + 1):
            report((i - 1) / self.rounds)
            if (need := n * i // self.rounds - oracle.pool.shape[1]) > 0:
                oracle.query(self._select(oracle, need, ties))
                self._train(oracle.pool)
        report(1.0)
        return FitLog()

    def _train(self, pools: IntArray) -> None:
        """Fit every model on its pool, from the start."""
        for model, pool in zip(self.models, pools, strict=True):
            model.fit(self.x[pool], self.space.label[pool])

    def _select(self, oracle: Oracle, need: int, ties: list[np.random.Generator]) -> IntArray:
        """(R, need) cells that can be added to the pool, the best of the ranking."""
        order = rank(self.score(np.arange(len(self.space))), ties)
        return np.stack([row[free[row]][:need] for row, free in zip(order, oracle.free, strict=True)])

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) predicted accuracies as fractions."""
        return np.stack([np.asarray(model.predict(self.x[cells]), dtype=np.float64) for model in self.models])


def flat(space: Space) -> FloatArray:
    """(M, V F) float32 one-hot node types; where cells differ in their edges, (M, V F + V V) with the adjacency."""
    one_hot = np.eye(len(space.node_types), dtype=np.float32)[space.types].reshape(len(space), -1)
    if space.adjacency.ndim == 2:
        return one_hot
    return np.concatenate([one_hot, space.adjacency.reshape(len(space), -1)], axis=1)


def standardised(code: FloatArray) -> FloatArray:
    """(M, L) codes with mean 0 and standard deviation 1 in each column; a cell without a code has the mean."""
    spread = np.nanstd(code, axis=0)
    return np.nan_to_num((code - np.nanmean(code, axis=0)) / np.where(spread > 0, spread, 1))
