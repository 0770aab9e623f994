"""Regressors of scikit-learn, or of a library that follows it: fitted and asked, and what they answer checked."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from siamnas.errors import InputError, reason
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors import trees
from siamnas.predictors.calibration import out_of_bag
from siamnas.runtime import arguments, generators
from siamnas.runtime.interrupt import Terminated

TRUTHS = ("bool", "boolean", "torch.bool")  # types of numpy, pandas and torch


class Model:
    """Any regressor.

    Args:
        regressor: with fit(x, y) and predict(x).
        seed: of what it draws from global generators.

    Attributes:
        spreads: whether it has a `spread`.
        in_order: whether it answers sooner where neighbouring rows are alike.
    """

    spreads = False
    in_order = False

    def __init__(self, regressor: Any, seed: int = 0) -> None:
        self.regressor = regressor
        self._seed = seed

    def check(self) -> None:
        """Check the arguments of a regressor of scikit-learn, before any work.

        Raises:
            InputError: one is not allowed.
        """
        if hasattr(self.regressor, "_parameter_constraints"):  # else it only derives from its base class
            with self._asked():
                self.regressor._validate_params()

    def fit(self, x: FloatArray, y: FloatArray) -> None:
        """Learn (n,) labels of (n, D) features.

        Raises:
            InputError: the regressor refuses them.
        """
        with self._asked():
            self.regressor.fit(x, y)

    def predict(self, x: FloatArray) -> FloatArray:
        """(m,) predicted labels.

        Raises:
            InputError: the regressor fails, or answers anything else.
        """
        with self._asked():
            answer = self.regressor.predict(x)
        return self._checked(answer, len(x))

    def spread(self, x: FloatArray) -> FloatArray:
        """(m,) standard deviation of what it predicts; only asked where `spreads`."""
        raise NotImplementedError

    def correction(self) -> float:
        """By how much further off than its spread it was; 1 if nothing says so. See `Predictor.correction`."""
        return 1.0

    def draw(self, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(m,) a draw from what it predicts, independently of each; only asked where `spreads`."""
        return self.predict(x) + self.spread(x) * rng.standard_normal(len(x))

    def _checked(self, answer: Any, count: int) -> FloatArray:
        """One finite number for each of so many architectures."""
        with self._asked():
            numbers = arguments.array("must predict numbers", answer)
        if str(getattr(answer, "dtype", "")) in TRUTHS:
            raise self._refused("predicts truth values, not numbers")
        if numbers.shape != (count,):
            raise self._refused(f"predicts an array of shape {numbers.shape} for {count} architectures, not ({count},)")
        if wrong := int((~np.isfinite(numbers)).sum()):
            raise self._refused(f"predicts NaN or an infinite number for {wrong} of {count} architectures")
        return numbers

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Whatever a regressor raises, which may be of a class of its own, is an `InputError`.

        One that draws from global generators, as all of scikit-learn do without a `random_state`, draws the same in
        each of its fits, whatever the user or another repeat has drawn.
        """
        try:
            with generators.lent(self._seed):
                yield
        except Terminated:
            raise
        except (Exception, SystemExit) as error:
            raise self._refused(reason(error)) from error

    def _refused(self, said: str) -> InputError:
        return InputError(f"predictor.model: {type(self.regressor).__name__}: {said}")


class Bayesian(Model):
    """A regressor that knows how sure it is: predict(x, return_std=True), as Gaussian processes have it."""

    spreads = True

    def spread(self, x: FloatArray) -> FloatArray:
        """See `Model`."""
        with self._asked():
            _, answer = self.regressor.predict(x, return_std=True)
        spread = self._checked(answer, len(x))
        if (spread < 0).any():
            raise self._refused("predicts standard deviations below zero")
        return spread


class Forest(Model):
    """A mean of several regressors, each of which has learnt something else."""

    spreads = True
    _learnt: tuple[FloatArray, FloatArray] | None = None  # features and labels

    def fit(self, x: FloatArray, y: FloatArray) -> None:
        """See `Model`."""
        super().fit(x, y)
        self._learnt = x, y

    def correction(self) -> float:
        """See `Model`; by those of them that have not learnt from an architecture."""
        if self._learnt is None:
            return 1.0
        x, y = self._learnt
        with self._asked():
            samples = self.regressor.estimators_samples_
            drawn = np.stack([np.bincount(sample, minlength=len(y)) for sample in samples])
            return out_of_bag(self._each(x), drawn, y)

    def spread(self, x: FloatArray) -> FloatArray:
        """See `Model`."""
        with self._asked():
            return self._each(x).std(axis=0)

    def draw(self, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(m,) the predictions of one of them."""
        with self._asked():
            return self._one(int(rng.integers(len(self.regressor.estimators_))), x)

    def _each(self, x: FloatArray) -> FloatArray:
        """(T, m) what all of them predict."""
        return np.array([self._one(i, x) for i in range(len(self.regressor.estimators_))])

    def _one(self, number: int, x: FloatArray) -> FloatArray:
        """(m,) what one of them predicts; those of a `BaggingRegressor` may read a part of the features."""
        read = getattr(self.regressor, "estimators_features_", None)
        one = self.regressor.estimators_[number]
        return np.asarray(one.predict(x if read is None else x[:, read[number]]), dtype=np.float64)


class Quick(Model):
    """Trees of scikit-learn that grow without its help, see `siamnas.predictors.trees`.

    Args:
        regressor: of scikit-learn; never fitted.
        seed: see `Model`.
        quick: what computes its numbers.
    """

    in_order = True

    def __init__(self, regressor: Any, seed: int, quick: trees.Trees) -> None:
        super().__init__(regressor, seed)
        self.trees = quick

    def fit(self, x: FloatArray, y: FloatArray) -> None:
        """See `Model`."""
        if not np.isfinite(y).all():
            super().fit(x, y)  # says what is wrong
        self.trees.fit(x.astype(np.float32), y)

    def predict(self, x: FloatArray) -> FloatArray:
        """See `Model`."""
        return self.trees.predict(x)


class QuickForest(Quick):
    """A forest, whose trees are asked once for their mean and their spread."""

    spreads = True
    trees: trees.Forest
    _learnt: tuple[FloatArray, FloatArray] | None = None  # features and labels
    _asked_last: tuple[FloatArray, FloatArray] | None = None  # features, and the spread there

    def fit(self, x: FloatArray, y: FloatArray) -> None:
        """See `Model`."""
        super().fit(x, y)
        self._learnt, self._asked_last = (x.astype(np.float32), y), None

    def correction(self) -> float:
        """See `Model`; by the trees that have not learnt from an architecture."""
        if self._learnt is None:
            return 1.0
        x, y = self._learnt
        return out_of_bag(self.trees.each(x), self.trees.drawn, y)

    def predict(self, x: FloatArray) -> FloatArray:
        """See `Model`."""
        values = self.trees.each(x)
        self._asked_last = x, values.std(axis=0)
        return trees.mean(values)

    def spread(self, x: FloatArray) -> FloatArray:
        """See `Model`."""
        if self._asked_last is None or self._asked_last[0] is not x:
            self.predict(x)
        assert self._asked_last is not None
        return self._asked_last[1]

    def draw(self, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(m,) the predictions of one tree."""
        return self.trees.one(int(rng.integers(len(self.trees.trees))), x)


def model_of(regressor: Any, finite: bool, seed: int = 0) -> Model:
    """How a regressor is fitted and asked.

    Args:
        regressor: with fit and predict.
        finite: whether all features are.
        seed: see `Model`.
    """
    from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor

    if finite and (quick := trees.quick(regressor)):
        return (QuickForest if isinstance(quick, trees.Forest) else Quick)(regressor, seed, quick)
    if isinstance(regressor, BaggingRegressor | ExtraTreesRegressor | RandomForestRegressor):
        return Forest(regressor, seed)
    return (Bayesian if _says_how_sure(regressor) else Model)(regressor, seed)


def _says_how_sure(regressor: Any) -> bool:
    """Whether it has predict(x, return_std=...)."""
    try:
        return "return_std" in inspect.signature(regressor.predict).parameters
    except (TypeError, ValueError):
        return False
