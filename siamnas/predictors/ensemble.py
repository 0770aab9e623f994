"""Several regressors of one kind, which differ by chance only: where they disagree, they do not know."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from siamnas import targets
from siamnas.predictors.base import Predictor
from siamnas.predictors.regressor import SEEDS
from siamnas.schema import Rule, Word
from siamnas.seeding import streams
from siamnas.spaces import features as sets
from siamnas.spaces.pool import Pool
from siamnas.spaces.space import FloatArray, IntArray, Space

Several = Annotated[int, Rule("an integer of at least 2", lambda v: v >= 2)]


@dataclass
class Fields:
    """See `conf/predictor/bananas.yaml`; the model's own arguments are checked where it is made."""

    _target_: Word
    features: list[Word]
    members: Several
    model: dict


@targets.checked_by(Fields)
class Ensemble(Predictor):
    """E models per repeat on named features, each with a random state of its own, all fitted on the whole pool.

    They learn standardised labels, since a small network is trained as far as its targets are large. Architectures of
    equal features are predicted once.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: ignored.
        features: names of feature sets, see `siamnas.spaces.features`.
        members: E.
        model: `_target_`, a class with `fit(x, y)` and `predict(x)` that takes a `random_state`, and its arguments.

    Raises:
        InputError: there is no such set of features, or no such class.
    """

    spreads = True

    def __init__(
        self,
        space: Space,
        identities: range,
        trainer: dict[str, Any],
        features: list[str],
        members: int,
        model: dict[str, Any],
    ) -> None:
        super().__init__(space, identities, trainer)
        values = sets.build(space, features).values
        self._rows, kind = np.unique(values, axis=0, return_inverse=True)
        self._kind = kind.ravel()  # (M,) the row of each architecture
        seeds = [rng.integers(SEEDS, size=members).tolist() for rng in streams(identities, "model")]
        self._models = [[targets.make("predictor.model", model, {"random_state": s}) for s in row] for row in seeds]
        self._predicted = np.zeros((len(identities), members, len(self._rows)))

    def fit(self, pool: Pool, labels: FloatArray) -> None:
        """Fit every model from the start, and predict all there is."""
        rows = zip(self._models, pool.archs, labels, pool.usable(labels), strict=True)
        for r, (models, archs, label, usable) in enumerate(rows):
            x, y = self._rows[self._kind[archs[usable]]], label[usable]
            y = (y - y.mean()) / (y.std() or 1.0)
            self._predicted[r] = [_fitted(model, x, y).predict(self._rows) for model in models]

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) means of the members' predictions, in standard deviations of the labels of the pool."""
        return self._at(self._predicted.mean(axis=1), archs)

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) standard deviations of the members' predictions."""
        return self._at(self._predicted.std(axis=1), archs)

    def _at(self, values: FloatArray, archs: IntArray) -> FloatArray:
        """(R, m) values (R, U) of the rows at architectures."""
        return np.take_along_axis(values, self._kind[self.rows(archs)], axis=1)


def _fitted(model: Any, x: FloatArray, y: FloatArray) -> Any:
    """The model, fitted; that its training ends at its last iteration is nothing to warn of."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)
