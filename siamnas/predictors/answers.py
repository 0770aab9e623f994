"""What a predictor of a user answers, checked: a ranking of nothing looks like a ranking, and is none."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.base import Predictor
from siamnas.runtime import arguments
from siamnas.training.training_set import TrainingSet

ANSWERS = ("score", "spread", "refine", "draw")


def check(predictor: Predictor) -> None:
    """Let all that a predictor of a user answers from now on be checked, and keep what it is given to itself.

    Raises:
        InputError: it has no `space` or `seeds`, which `Predictor` sets.
    """
    known = vars(predictor)
    if type(predictor).__module__.partition(".")[0] == "siamnas" or "fit" in known:
        return
    if not {"space", "seeds"} <= known.keys():
        raise _refused(predictor, "__init__", "must call super().__init__(space, seeds, trainer)")
    for name in ANSWERS:
        setattr(predictor, name, functools.partial(_answer, predictor, name, getattr(predictor, name)))
    predictor.fit = functools.partial(_fit, predictor.fit)  # type: ignore[method-assign]


def _fit(fit: Callable[[TrainingSet, FloatArray], None], training_set: TrainingSet, labels: FloatArray) -> None:
    """Fit on copies: what is changed in them must not change the search."""
    fit(TrainingSet(training_set.archs.copy(), training_set.codes.copy()), labels.copy())


def _answer(predictor: Predictor, name: str, method: Callable[..., Any], archs: Any, *more: Any) -> FloatArray:
    """(R, m) floating-point numbers, of which some may be NaN.

    Raises:
        InputError: it answers anything else; a repeat has no number at all; a spread is below zero.
    """
    answer = method(archs, *more)
    floats = isinstance(answer, np.ndarray) and answer.dtype.kind == "f"
    found = answer if floats else arguments.array(f"{_named(predictor, name)} must answer numbers", answer)
    if found.shape != (wanted := (len(predictor.seeds), np.shape(archs)[-1])):
        raise _refused(predictor, name, f"answers an array of shape {found.shape}, not (R, m) = {wanted}")
    if name != "refine" and found.size and np.isnan(found[:, 0]).any() and np.isnan(found).all(axis=1).any():
        raise _refused(predictor, name, "answers NaN for every architecture")
    if name == "spread" and (found < 0).any():
        raise _refused(predictor, name, "answers standard deviations below zero")
    return found


def _refused(predictor: Predictor, name: str, said: str) -> InputError:
    return InputError(f"{_named(predictor, name)} {said}")


def _named(predictor: Predictor, name: str) -> str:
    return f"predictor: {type(predictor).__name__}.{name}"
