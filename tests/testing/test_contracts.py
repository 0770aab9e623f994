"""The contracts themselves: each check fails for a class that breaks it, and none needs pytest."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.top import Top
from siamnas.measure.measures.base import Measure, Values
from siamnas.predictors.base import Predictor
from siamnas.search.local import Local
from siamnas.testing import AcquisitionContract, MeasureContract, PredictorContract, SearchContract


class Good(Predictor):
    """Counts equal operations with the best of the training set."""

    spreads = coded = True

    def fit(self, training_set, labels):
        usable = training_set.usable(labels)
        best = np.where(usable, labels, -np.inf).argmax(axis=1)
        self.best = training_set.archs[np.arange(len(best)), best]

    def score(self, archs):
        types = self.space.types
        return np.stack(
            [(types[row] == types[one]).mean(axis=1) for row, one in zip(self.rows(archs), self.best, strict=True)]
        )

    def spread(self, archs):
        return 1.5 - self.score(archs)

    def refine(self, archs, codes):
        return -codes.sum(axis=2)


class OneRow(Good):
    def score(self, archs):
        return super().score(archs)[0]


class LowerIsBetter(Good):
    def score(self, archs):
        return -super().score(archs)


class Shared(Good):
    def score(self, archs):
        return super().score(archs) / len(self.seeds)


class Unseeded(Good):
    def score(self, archs):
        return super().score(archs) + 1e-6 * np.random.default_rng().random()


class NumpyGlobal(Good):
    def fit(self, training_set, labels):
        super().fit(training_set, labels)
        np.random.random()  # noqa: NPY002


class TorchGlobal(Good):
    def fit(self, training_set, labels):
        super().fit(training_set, labels)
        torch.rand(1)


class NoNaN(Good):
    def fit(self, training_set, labels):
        super().fit(training_set, labels)
        self.mean = labels.mean()

    def score(self, archs):
        return super().score(archs) + self.mean


class Negative(Good):
    def spread(self, archs):
        return -super().spread(archs)


class Grows(Good):
    def spread_after(self, archs, chosen):
        return 2 * self.spread(archs)


class FillsCodes(Good):
    def refine(self, archs, codes):
        return np.nan_to_num(super().refine(archs, codes))


class Writes(Good):
    def fit(self, training_set, labels):
        super().fit(training_set, labels)
        labels -= labels.mean()


class AnyKey(Good):
    def __init__(self, space, seeds, trainer, **anything):
        super().__init__(space, seeds, trainer)


PREDICTORS = {
    OneRow: "scores_have_a_row_for_each_repeat",
    LowerIsBetter: "it_learns_an_easy_target",
    Shared: "a_repeat_in_a_batch_is_the_repeat_alone",
    Unseeded: "the_same_seed_gives_the_same_scores",
    NumpyGlobal: "the_generators_of_the_user_are_untouched",
    TorchGlobal: "the_generators_of_the_user_are_untouched",
    NoNaN: "failed_evaluations_are_survived",
    Negative: "the_spread_is_a_standard_deviation",
    Grows: "the_spread_is_a_standard_deviation",
    FillsCodes: "what_has_no_code_has_no_finer_score",
    Writes: "what_it_is_given_stays_as_it_is",
}


def contract(base, kind, *given):
    """The contract of a class, whose objects get what `make` gets and what is given here."""
    return type("Contract", (base,), {"make": lambda self, *own: kind(*own, *given)})()


class TestGood(PredictorContract):
    correlation = 0.2

    def make(self, space, seeds):
        return Good(space, seeds, {})


@pytest.mark.parametrize("kind", PREDICTORS)
def test_a_predictor_that_breaks_its_contract_fails(kind):
    with pytest.raises((AssertionError, ValueError)):
        getattr(contract(PredictorContract, kind, {}), f"test_{PREDICTORS[kind]}")()


class Taken(EqualRounds):
    def choose(self, state, count, index):
        return state.archs[:, :count]


class Twice(Top):
    def choose(self, state, count, index):
        return np.repeat(super().choose(state, 1, index), count, axis=1)


class TooMany(Top):
    def rounds(self, n, least):
        return [*super().rounds(n, least), super().rounds(n, least)[-1]]


class Together(Top):
    def choose(self, state, count, index):
        return state.at_random(count + len(state.seeds))[:, -count:]


ACQUISITIONS = {
    Taken: "it_chooses_free_and_different_architectures",
    Twice: "it_chooses_free_and_different_architectures",
    TooMany: "the_rounds_sum_to_n",
    Together: "a_repeat_in_a_batch_is_the_repeat_alone",
}


@pytest.mark.parametrize("kind", ACQUISITIONS)
def test_an_acquisition_function_that_breaks_its_contract_fails(kind):
    with pytest.raises(AssertionError):
        getattr(contract(AcquisitionContract, kind, 4), f"test_{ACQUISITIONS[kind]}")()


class Short(Local):
    def steps(self):
        for step in range(self.n // 2):
            yield np.stack([order[step : step + 1] for order in self.state.orders])


class Ascending(Local):
    @property
    def order(self):
        return np.zeros_like(super().order)


class Prophet(Local):
    @property
    def incumbents(self):
        return np.repeat(self.evaluated[0][:, -1:], self.n, axis=1)


class Correlated(Local):
    def walk(self, memory):
        while True:
            yield int(np.flatnonzero(memory.free)[len(self.state.seeds)])


SEARCHES = {
    Short: "it_evaluates_its_budget_of_different_architectures",
    Ascending: "the_order_has_every_architecture_once",
    Prophet: "what_it_recommends_was_evaluated",
    Correlated: "a_repeat_in_a_batch_is_the_repeat_alone",
}


@pytest.mark.parametrize("kind", SEARCHES)
def test_a_search_that_breaks_its_contract_fails(kind):
    with pytest.raises((AssertionError, ValueError)):
        getattr(contract(SearchContract, kind, 12, 4), f"test_{SEARCHES[kind]}")()


class Unready(Measure):
    columns = ("a", "b")

    def __init__(self, images, device):
        self.images, self.calls = images, 0

    def __call__(self, network, seed):
        self.calls += 1
        self.images.train.pixels[:] = 0
        np.random.random()  # noqa: NPY002
        return Values((float(torch.rand(1)) + self.calls,), 1.0)


@pytest.mark.parametrize(
    "check", [name for name in dir(MeasureContract) if name.startswith("test_") and "wrong_key" not in name]
)
def test_a_measure_that_breaks_its_contract_fails(check):
    with pytest.raises(AssertionError):
        getattr(contract(MeasureContract, Unready), check)()


def test_a_class_that_takes_any_key_fails():
    with pytest.raises(AssertionError, match="must be refused"):
        contract(PredictorContract, AnyKey, {}).test_a_wrong_key_is_refused_by_name()


def test_pytest_is_not_needed():
    code = "import sys; sys.modules['pytest'] = None; import siamnas.testing; print(siamnas.testing.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "SearchContract" in done.stdout, done.stderr
