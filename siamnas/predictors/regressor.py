"""Any regressor of scikit-learn, or of a library that follows it, on features of an architecture."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from siamnas.benchmarks.measurements import CODE
from siamnas.config import instantiate
from siamnas.config.validate import Word
from siamnas.errors import InputError
from siamnas.graphs import features as sets
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.features.encoding import encoding
from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet

SEEDS = 2**31  # scikit-learn takes smaller ones
MOST_TREES = 10_000


class Regressor(Predictor):
    """A classical model per repeat: accuracy from features of the graph, and the Estimation Code if wanted.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: ignored.
        code_length: L of the Estimation Codes.
        features: names of feature sets, see `siamnas.graphs.features`; `encoding` alone is taken as it is.
        columns: free columns, for the set `columns`.
        code: the models also read the Estimation Code, which is then measured of the whole space.
        model: `_target_`, a class with `fit(x, y)` and `predict(x)`, and its arguments; it gets a `random_state` of its
            own in every repeat if it takes one.

    Raises:
        InputError: the class does not exist, is no regressor, or does not take the arguments; there are no codes.
    """

    pure_fit = True

    def __init__(
        self,
        space: Space,
        seeds: range,
        trainer: dict[str, Any],
        code_length: int,
        features: list[Word],
        columns: list[Word],
        code: bool,
        model: dict[str, Any],
    ) -> None:
        super().__init__(space, seeds, trainer)
        if code and not code_length:
            raise InputError(f"predictor.code=true: {space.name} has no Estimation Codes; choose false")
        self.surveys = CODE if code else ()
        self.x = flat(space) if features == ["encoding"] else sets.build(space, features, columns).values
        if isinstance(trees := model.get("n_estimators"), int) and trees > MOST_TREES:
            raise InputError(f"predictor.model.n_estimators={trees}: must be at most {MOST_TREES:,}")
        # A number, because scikit-learn takes no generator; of its own, so that no repeat depends on its chunk.
        states = [int(rng.integers(SEEDS)) for rng in streams(seeds, "model")]
        self.models = [instantiate.make("predictor.model", model, {"random_state": state}) for state in states]
        self.spreads = _is_forest(self.models[0])
        self._spread: tuple[IntArray, FloatArray] | None = None  # of the architectures that were asked for last
        if callable(validate := getattr(self.models[0], "_validate_params", None)):  # scikit-learn's, before any work
            try:
                validate()
            except (ValueError, TypeError) as error:
                raise _refused(self.models[0], error) from error

    def survey(self, values: FloatArray) -> None:
        """Read the codes (M, L) too."""
        self.x = np.concatenate([self.x, standardised(values)], axis=1)

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Fit every model on its training set, from the start."""
        self._spread = None
        rows = zip(self.models, training_set.archs, labels, training_set.usable(labels), strict=True)
        for model, archs, label, usable in rows:
            try:
                model.fit(self.x[archs[usable]], label[usable])
            except (ValueError, TypeError) as error:
                raise _refused(model, error) from error

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) predicted labels."""
        rows = zip(self.models, self.rows(archs), strict=True)
        return np.stack([np.asarray(model.predict(self.x[row]), dtype=np.float64) for model, row in rows])

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) standard deviation of the predictions of the trees of a forest."""
        # To fill a batch the spread is asked for again after each architecture, and a hundred trees take their time.
        if self._spread is None or not np.array_equal(self._spread[0], archs):
            rows = zip(self.models, self.rows(archs), strict=True)
            self._spread = archs, np.stack([self._trees(model, row).std(axis=0) for model, row in rows])
        return self._spread[1].copy()

    def draw(self, archs: IntArray, generators: Sequence[np.random.Generator]) -> FloatArray:
        """(R, m) the predictions of one tree of each forest."""
        rows = zip(self.models, self.rows(archs), generators, strict=True)
        trees = [(model.estimators_[rng.integers(len(model.estimators_))], row) for model, row, rng in rows]
        return np.stack([np.asarray(tree.predict(self.x[row]), dtype=np.float64) for tree, row in trees])

    def _trees(self, model: Any, row: IntArray) -> FloatArray:
        """(T, m) predictions of the T trees of a forest."""
        x = self.x[row]
        return np.array([tree.predict(x) for tree in model.estimators_], dtype=np.float64)


def _is_forest(model: Any) -> bool:
    """Whether a model is a mean of several, each of which has learnt something else."""
    from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor

    return isinstance(model, BaggingRegressor | ExtraTreesRegressor | RandomForestRegressor)


def _refused(model: Any, error: Exception) -> InputError:
    """What a model says of its arguments, or of its training set."""
    return InputError(f"predictor.model: {type(model).__name__}: {' '.join(str(error).split())}")


def flat(space: Space) -> FloatArray:
    """(M, D) float32, see `siamnas.graphs.features.encoding`."""
    return encoding(space).values.astype(np.float32)


def standardised(code: FloatArray) -> FloatArray:
    """(M, L) codes with mean 0 and standard deviation 1 in each column; an architecture without a code has the mean."""
    spread = np.nanstd(code, axis=0)
    return np.nan_to_num((code - np.nanmean(code, axis=0)) / np.where(spread > 0, spread, 1))
