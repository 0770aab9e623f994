"""Any regressor of scikit-learn, or of a library that follows it, on features of an architecture."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from siamnas.benchmarks.measurements import CODE
from siamnas.config import instantiate
from siamnas.config.validate import Word
from siamnas.errors import InputError, reason
from siamnas.graphs import features as sets
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.features.encoding import encoding
from siamnas.predictors.base import Predictor
from siamnas.predictors.models import Model, model_of
from siamnas.runtime.interrupt import Terminated
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
            own in every repeat if it takes one, and what it draws from global generators has that seed, too. Where it
            takes `n_jobs` it has one thread, unless that is said.

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
        self._sets = tuple(features), tuple(columns)
        self.x = self._read(space)
        if isinstance(trees := model.get("n_estimators"), int) and trees > MOST_TREES:
            raise InputError(f"predictor.model.n_estimators={trees}: must be at most {MOST_TREES:,}")
        # A number, because scikit-learn takes no generator; of its own, so that no repeat depends on its chunk.
        states = [int(rng.integers(SEEDS)) for rng in streams(seeds, "model")]
        made = [_made(model, state) for state in states]
        finite = bool(np.isfinite(self.x).all())
        self.models = [model_of(one, finite, state) for one, state in zip(made, states, strict=True)]
        self.models[0].check()
        self.spreads = self.models[0].spreads
        self._spread: tuple[IntArray, FloatArray] | None = None  # of the architectures that were asked for last

    def _read(self, space: Space) -> FloatArray:
        """(M, D) the features of a space."""
        names, columns = self._sets
        return flat(space) if names == ("encoding",) else sets.build(space, names, columns).values

    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space, self.x, self._spread = space, self._read(space), None
        for name in ("_in_order", "features"):
            self.__dict__.pop(name, None)

    def survey(self, values: FloatArray) -> None:
        """Read the codes (M, L) too."""
        self.x = np.concatenate([self.x, standardised(values)], axis=1)
        self.__dict__.pop("_in_order", None)

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Fit every model on its training set, from the start."""
        self._spread = None
        rows = zip(self.models, training_set.archs, labels, training_set.usable(labels), strict=True)
        for model, archs, label, usable in rows:
            model.fit(self.x[archs[usable]], label[usable])

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) predicted labels."""
        return np.stack([self._of(row, model, model.predict) for model, row in self._rows(archs)])

    def spread(self, archs: IntArray) -> FloatArray:
        """(R, m) standard deviation of the predictions: of the trees of a forest, or as the model says."""
        # To fill a batch the spread is asked for again after each architecture, and a hundred trees take their time.
        if self._spread is None or not np.array_equal(self._spread[0], archs):
            found = np.stack([self._of(row, model, model.spread) for model, row in self._rows(archs)])
            self._spread = archs, found
        return self._spread[1].copy()

    @property
    def correction(self) -> FloatArray:
        """See `Predictor`."""
        return np.array([model.correction() for model in self.models])

    def draw(self, archs: IntArray, generators: Sequence[np.random.Generator]) -> FloatArray:
        """(R, m) the predictions of one tree of each forest; of another model, of every architecture independently."""
        rows = zip(self._rows(archs), generators, strict=True)
        return np.stack([self._of(row, model, partial(model.draw, rng=rng)) for (model, row), rng in rows])

    def _rows(self, archs: IntArray) -> Iterator[tuple[Model, IntArray]]:
        """Each model and the architectures that it is asked for."""
        return zip(self.models, self.rows(archs), strict=True)

    def _of(self, row: IntArray, model: Model, ask: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """(m,) what a model answers for architectures (m,)."""
        if not model.in_order:
            return ask(self.x[row])
        if 2 * len(row) < len(self.x):
            return ask(self.x[row].astype(np.float32))
        x, place = self._in_order
        return ask(x)[place[row]]

    @functools.cached_property
    def _in_order(self) -> tuple[FloatArray, IntArray]:
        """The features of the space in lexicographic order, and the place of each architecture there.

        Neighbours take the same way through most of a tree, which the processor then guesses right: three times faster.
        """
        order = np.lexsort(self.x.T[::-1])
        return np.asfortranarray(self.x[order], dtype=np.float32), np.argsort(order)


def _made(model: dict[str, Any], state: int) -> Any:
    """A regressor.

    Raises:
        InputError: it can't be made, whatever its class raises then.
    """
    try:
        made = instantiate.make("predictor.model", model, {"random_state": state})
        if getattr(made, "warm_start", False):  # trees that were fitted before would stay as they are
            raise InputError("predictor.model.warm_start=True: must be False, as every fit is from the start")
        if not instantiate.takes(model, "random_state"):  # XGBoost takes it among its **kwargs
            _set_unless_said(made, "random_state", state)
        if not type(made).__module__.startswith("sklearn."):  # where nothing said is one thread
            # All cores in each worker, and LightGBM waits for ever in a fork of who has used its threads.
            _set_unless_said(made, "n_jobs", 1)
        return made
    except (InputError, Terminated):
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"predictor.model: {model.get('_target_')}: {reason(error)}") from error


def _set_unless_said(regressor: Any, name: str, value: int) -> None:
    """Set a parameter that the `set_params` of scikit-learn takes, unless the user has said one."""
    with suppress(Exception):  # it only derives from a class of scikit-learn
        if regressor.get_params(deep=False).get(name, value) is None:
            regressor.set_params(**{name: value})


def flat(space: Space) -> FloatArray:
    """(M, D) float32, see `siamnas.graphs.features.encoding`."""
    return encoding(space).values.astype(np.float32)


def standardised(code: FloatArray) -> FloatArray:
    """(M, L) codes with mean 0 and standard deviation 1 in each column; an architecture without a code has the mean."""
    spread = np.nanstd(code, axis=0)
    return np.nan_to_num((code - np.nanmean(code, axis=0)) / np.where(spread > 0, spread, 1))
