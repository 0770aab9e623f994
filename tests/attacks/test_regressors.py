"""Regressors of users: whatever they do or answer is an error by their name, and nothing of the user changes."""

import sys
from typing import Any

import numpy as np
import pytest
import torch

from siamnas.errors import InputError
from siamnas.predictors.models import model_of
from siamnas.predictors.regressor import _made
from siamnas.search.codes import GivenCodes

X = np.arange(8.0).reshape(4, 2)
Y = np.arange(4.0)


class Regressor:
    """Does what it was made to do."""

    def __init__(self, answer: Any = None, error: BaseException | None = None) -> None:
        self.answer, self.error = answer, error

    def fit(self, x: Any, y: Any) -> None:
        self.drawn = np.random.rand()  # noqa: NPY002
        if self.error is not None:
            raise self.error

    def predict(self, x: Any) -> Any:
        np.random.seed(3)  # noqa: NPY002
        return self.answer


class Sure(Regressor):
    def predict(self, x: Any, return_std: bool = False) -> Any:
        return (np.zeros(4), self.answer) if return_std else np.zeros(4)


class Stillborn(Regressor):
    def __init__(self) -> None:
        sys.exit(4)


NUMBERS = {
    "texts": np.array(["0.5"] * 4),
    "texts among objects": np.array([0.5, "0.5", 0.5, 0.5], dtype=object),
    "truth values": np.ones(4, bool),
    "complex": np.ones(4) * 1j,
    "dates": np.array(["2020"] * 4, dtype="datetime64[D]"),
    "masked": np.ma.masked_array(np.ones(4), [1, 0, 0, 0]),
    "missing": np.array([None, 1, 2, 3], dtype=object),
    "a generator": (number for number in Y),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_what_is_predicted_are_numbers(kind: str):
    with pytest.raises(InputError, match=r"predictor.model: Regressor: "):
        model_of(Regressor(NUMBERS[kind]), True).predict(X)


@pytest.mark.parametrize(
    "answer", [[0, 1, 2, 3], Y.astype(object), torch.tensor(Y, requires_grad=True), Y.astype("f2")]
)
def test_numbers_of_any_kind(answer: Any):
    assert np.array_equal(model_of(Regressor(answer), True).predict(X), Y)


@pytest.mark.parametrize("answer", [-np.ones(4), np.full(4, np.nan), np.ones(4) * 1j, np.ones(3)])
def test_a_spread_that_is_none(answer: Any):
    with pytest.raises(InputError, match=r"predictor.model: Sure: "):
        model_of(Sure(answer), True).spread(X)


@pytest.mark.parametrize("error", [SystemExit(3), StopIteration(), RecursionError(), MemoryError("no")])
def test_one_that_ends_the_process_when_it_is_fitted(error: BaseException):
    with pytest.raises(InputError, match=r"predictor.model: Regressor: "):
        model_of(Regressor(error=error), True).fit(X, Y)


def test_one_that_ends_the_process_when_it_is_made():
    with pytest.raises(InputError, match=r"predictor.model: tests.attacks.test_regressors.Stillborn: 4"):
        _made({"_target_": "tests.attacks.test_regressors.Stillborn"}, 0)


def test_the_global_generator_stays_the_users():
    """That of support vectors draws from it."""
    model, before = model_of(Regressor(Y), True), np.random.get_state()  # noqa: NPY002
    model.fit(X, Y)
    model.predict(X)
    after = np.random.get_state()  # noqa: NPY002
    assert np.array_equal(before[1], after[1]) and before[2:] == after[2:]


@pytest.mark.parametrize("codes", [np.full((4, 2), "1"), np.ones((4, 2)) * 1j, [["1", "2"]] * 4])
def test_codes_are_numbers(codes: Any):
    with pytest.raises(InputError, match=r"codes: must be \(4, L\) numbers"):
        GivenCodes(codes, 4)
