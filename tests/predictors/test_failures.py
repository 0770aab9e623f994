"""Evaluations that failed are told as NaN: counted, and not learnt from."""

import numpy as np
import pytest

from siamnas.acquisition.top import Top
from siamnas.benchmarks.measurements import CODE
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Stage
from siamnas.search.recommendation import best_so_far
from siamnas.training.training_set import TrainingSet
from tests.predictors.every import MAKERS
from tests.support import draw, remeasured, run, tiny_benchmark, tiny_search, told

LEARNERS = [name for name in MAKERS if name not in ("random", "column", "proxy loss")]
FAILED = [2, 7, 11]  # seats of the training set


def scores(name: str, training_set: TrainingSet, labels: np.ndarray) -> np.ndarray:
    """Of the whole space, after a fit with these labels."""
    benchmark = tiny_benchmark(60)
    predictor = MAKERS[name](benchmark.space, range(2), TableOracle(benchmark, 2))
    if predictor.surveys:
        predictor.survey(TableOracle(benchmark, 2).survey(CODE))
    predictor.stage = Stage(total=training_set.archs.shape[1])
    predictor.fit(
        TrainingSet(training_set.archs, training_set.codes if predictor.coded else training_set.codes[..., :0]), labels
    )
    return predictor.score(np.arange(60))


@pytest.mark.parametrize("name", LEARNERS)
def test_a_failed_evaluation_is_not_learnt_from(name):
    """The same scores whatever the architecture was that failed, and finite ones."""
    training_set, labels = told(tiny_benchmark(60), draw(60, 15, 2))
    labels = labels.copy()
    labels[:, FAILED] = np.nan
    archs, codes = training_set.archs.copy(), training_set.codes.copy()
    spare = [np.setdiff1d(np.arange(60), row)[: len(FAILED)] for row in archs]
    archs[:, FAILED], codes[:, FAILED] = spare, 1e3
    first, second = scores(name, training_set, labels), scores(name, TrainingSet(archs, codes), labels)
    assert np.isfinite(first).all()
    np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_failure_differs_from_a_bad_value(name):
    """The value that a failed one would have had counts: the guard against a NaN that is read as a number."""
    training_set, labels = told(tiny_benchmark(60), draw(60, 15, 2))
    failed, wild = labels.copy(), labels.copy()
    failed[:, FAILED], wild[:, FAILED] = np.nan, 0.0
    assert np.abs(scores(name, training_set, failed) - scores(name, training_set, wild)).max() > 1e-6


@pytest.mark.parametrize("name", ["siams"])
def test_a_missing_code_is_not_learnt_from(name):
    training_set, labels = told(tiny_benchmark(60), draw(60, 15, 2))
    codes, wild = training_set.codes.copy(), labels.copy()
    codes[:, FAILED], wild[:, FAILED] = np.nan, 1e3
    first, second = (scores(name, TrainingSet(training_set.archs, codes), values) for values in (labels, wild))
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, second)


class Unreliable(TableOracle):
    """Some evaluations fail."""

    def __init__(self, benchmark, repeats, fails):
        label = np.where(fails, np.nan, benchmark.measured.label)
        super().__init__(remeasured(benchmark, label=label), repeats)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_search_survives_failures_and_holds_none(name):
    benchmark = tiny_benchmark(90, uncoded=5)
    fails = np.random.default_rng(1).random(90) < 0.4
    oracle = Unreliable(benchmark, 2, fails)
    predictor = MAKERS[name](benchmark.space, range(2), oracle)
    search, _ = tiny_search(predictor, benchmark, Top(3), oracle, n=30, depth=20)
    found = run(search, oracle)
    archs, labels = found.evaluated
    assert fails[found.state.archs].any() and not fails[best_so_far(archs, labels)[:, 29:]].any()
    np.testing.assert_array_equal(np.isnan(labels), fails[archs])
    assert all(sorted(row) == list(range(90)) for row in found.order.tolist())
    assert all(np.isfinite(curve).all() for curve in found.state.curves.values())
    assert archs.shape == (2, 50) and oracle.cost().queries.min() == 50, "failed ones count"


@pytest.mark.parametrize("name", LEARNERS)
def test_failures_at_the_start_are_replaced_by_further_random_ones(name):
    """A predictor is fitted only when it has what it needs; what comes then is drawn as the start was."""
    benchmark = tiny_benchmark(90, uncoded=5)
    plain = TableOracle(benchmark, 2)
    predictor = MAKERS[name](benchmark.space, range(2), plain)
    start, least = 4, predictor.least
    search, _ = tiny_search(predictor, benchmark, Top(4), plain, n=16 + predictor.closing, depth=5)
    first = search.ask()
    fails = np.zeros(90, dtype=bool)
    fails[first] = True  # all of the first round
    assert first.shape == (2, start)
    oracle = Unreliable(benchmark, 2, fails)
    predictor = MAKERS[name](benchmark.space, range(2), oracle)
    search, _ = tiny_search(predictor, benchmark, Top(4), oracle, n=16 + predictor.closing, depth=5)
    asked = []
    run(search, oracle, asked.append)
    np.testing.assert_array_equal(asked[0], first)
    assert asked[1].shape == (2, least)
    training_set = search.state.archs
    usable = ~fails[training_set].copy()
    assert (usable.sum(axis=1) >= least).all()
    assert all(len(set(row)) == len(row) for row in training_set.tolist())
    assert benchmark.measured.coded[training_set].all()


def test_where_everything_fails_the_search_says_so():
    benchmark = tiny_benchmark(30)
    oracle = Unreliable(benchmark, 1, np.ones(30, dtype=bool))
    search, _ = tiny_search(MAKERS["forest"](benchmark.space, range(1), oracle), benchmark, None, oracle, depth=5)
    with pytest.raises(InputError, match=r"cannot draw 1 architectures: only 0 of 30 are free"):
        run(search, oracle)
