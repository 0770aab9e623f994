"""Regressors of users: whatever they do or answer is an error by their name, and nothing of the user changes."""

import pickle
import random
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


class Drawing:
    """Draws from the global generators, as scikit-learn does without a `random_state`."""

    def fit(self, x: Any, y: Any) -> None:
        self.drawn = np.random.rand(), random.random(), float(torch.rand(()))  # noqa: NPY002

    def predict(self, x: Any) -> Any:
        return np.array(self.drawn)


def globals_of_the_user() -> tuple[Any, ...]:
    return pickle.dumps(np.random.get_state(legacy=False)), random.getstate(), torch.get_rng_state().tolist()  # noqa: NPY002


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.PCG64])
def test_the_global_generators_stay_the_users_and_decide_nothing(bits: Any):
    own, drawn = np.random.get_bit_generator(), []
    try:
        np.random.set_bit_generator(bits(5))  # NPY002 knows no other way to have another one
        for user in range(2):
            torch.manual_seed(user)
            random.seed(user)
            np.random.rand(user)  # noqa: NPY002
            for seed in (1, 2):
                model, before = model_of(Drawing(), True, seed), globals_of_the_user()
                model.fit(X, Y)
                drawn.append(tuple(model.predict(X[:3])))
                assert globals_of_the_user() == before
    finally:
        np.random.set_bit_generator(own)
    assert drawn[0] == drawn[2] and drawn[1] == drawn[3]
    assert not set(drawn[0]) & set(drawn[1])


class Keywords:
    """Takes its `random_state` among others, as XGBoost does."""

    def __init__(self, **given: Any) -> None:
        self.given = {"random_state": None, "n_jobs": None, **given}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return self.given

    def set_params(self, **given: Any) -> "Keywords":
        self.given |= given
        return self

    def fit(self, x: Any, y: Any) -> None:
        """Nothing to learn."""

    def predict(self, x: Any) -> Any:
        return np.zeros(len(x))


@pytest.mark.parametrize(("given", "state", "jobs"), [({}, 7, 1), ({"random_state": 3}, 3, 1), ({"n_jobs": 2}, 7, 2)])
def test_what_no_signature_names(given: dict[str, int], state: int, jobs: int):
    """Repeats of one state are alike; LightGBM hangs where a worker has more threads than one, and so do many."""
    made = _made({"_target_": f"{__name__}.Keywords", **given}, 7)
    assert made.given["random_state"] == state and made.given["n_jobs"] == jobs


@pytest.mark.parametrize("codes", [np.full((4, 2), "1"), np.ones((4, 2)) * 1j, [["1", "2"]] * 4])
def test_codes_are_numbers(codes: Any):
    with pytest.raises(InputError, match=r"codes: must be \(4, L\) numbers"):
        GivenCodes(codes, 4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"warm_start": True}, r"predictor\.model\.warm_start=True: must be False, as every fit is from the start"),
        ({"random_state": 3}, r"predictor\.model\.random_state=3: is decided by siamnas; leave it out"),
    ],
)
def test_what_would_have_no_effect(given: dict[str, Any], message: str):
    """Trees that were fitted before stayed as they were: a search that learnt nothing, without a word."""
    with pytest.raises(InputError, match=message):
        _made({"_target_": "sklearn.ensemble.ExtraTreesRegressor", **given}, 7)
