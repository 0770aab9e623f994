"""What an acquisition function sees of a search: the training set, what is free, what a fit still needs."""

import numpy as np
import pytest

from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from tests.support import tiny_benchmark


class Kept(Predictor):
    """Keeps what it is fitted on."""

    def fit(self, training_set, labels):
        self.training_set, self.labels = training_set, labels

    def score(self, archs):
        return self.rows(archs).astype(float)


def state_of(benchmark, seeds=range(2), coded=False, least=1, metric=None):
    predictor = Kept(benchmark.space, seeds, {})
    predictor.coded, predictor.least = coded, least
    oracle = TableOracle(benchmark, len(seeds))
    return State(predictor, oracle, metric or benchmark.measured.metric), oracle


def test_draw_takes_free_ones_and_no_repeat_depends_on_another():
    benchmark = tiny_benchmark(60, uncoded=10)
    state, _ = state_of(benchmark, range(7, 11))
    first = state.at_random(20)
    state.add(first, np.zeros((4, 20)))
    second = state.draw(30, streams(range(7, 11), "more"))
    for r in range(4):
        assert len(set(first[r]) | set(second[r])) == 50
        assert benchmark.measured.coded[first[r]].all()
    alone, _ = state_of(benchmark, range(9, 10))
    assert (alone.at_random(20)[0] == first[2]).all()
    assert (alone.at_random(5)[0] == first[2, :5]).all(), "a smaller draw is the beginning of a larger one"


def test_draw_of_too_many_is_refused():
    state, _ = state_of(tiny_benchmark(20, uncoded=5))
    with pytest.raises(InputError, match="cannot draw 16 architectures: only 15 of 20 are free"):
        state.draw(16, state.ties)
    with pytest.raises(InputError, match="cannot draw 16 architectures: only 15 of 20 are free"):
        state.at_random(16)


def test_without_codes_all_is_free():
    from tests.support import without_codes

    state, _ = state_of(without_codes(tiny_benchmark(20, uncoded=5)))
    assert state.free.all()


def test_codes_are_paid_by_who_reads_them():
    benchmark = tiny_benchmark(40)
    archs = np.array([[1, 2, 3], [4, 5, 6]])
    for coded in (False, True):
        state, oracle = state_of(benchmark, coded=coded)
        state.add(archs, np.zeros((2, 3)))
        assert state.training_set.codes.shape == (2, 3, 3 if coded else 0)
        assert oracle.cost().codes.tolist() == [3 * coded] * 2
    np.testing.assert_array_equal(state.training_set.codes, benchmark.measured.code[archs])


def test_what_can_be_learnt_from_was_evaluated_and_has_its_code():
    benchmark = tiny_benchmark(30, uncoded=6)
    bare = int(np.flatnonzero(~benchmark.measured.coded)[0])
    has = np.flatnonzero(benchmark.measured.coded)[:4]
    state, _ = state_of(benchmark, coded=True, least=3)
    state.add(np.array([[has[0], has[1], bare], [has[0], has[1], has[2]]]), np.array([[0.1, np.nan, 0.3], [0.1] * 3]))
    assert state.training_set.usable(state.labels).tolist() == [[True, False, False], [True] * 3]
    assert state.short == 2, "of the repeat that has the fewest"
    state.add(np.array([[has[2], has[3]]] * 2), np.zeros((2, 2)))
    assert state.short == 0


def test_a_fit_says_where_it_stands():
    benchmark = tiny_benchmark(30)
    state, _ = state_of(benchmark)
    state.add(np.array([[1, 2], [3, 4]]), np.array([[0.1, 0.2], [np.nan, 0.4]]))
    shares = []
    state.fit(0.25, 20, shares.append)
    stage = state.predictor.stage
    assert (stage.until, stage.total) == (0.25, 20)
    stage.report(1.0)
    assert shares == [1.0]
    np.testing.assert_array_equal(state.predictor.training_set.archs, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(state.predictor.labels, [[0.1, 0.2], [np.nan, 0.4]])


def test_labels_of_any_metric_are_learnt_on_one_scale():
    state, _ = state_of(tiny_benchmark(30), metric=Metric("latency", False, ""))
    state.add(np.array([[1, 2, 3], [3, 4, 5]]), -np.array([[1500.0, 1700.0, 1600.0], [3.0, 1.0, 2.0]]))
    state.fit(1.0, 3)
    labels = state.predictor.labels
    assert (labels > 0).all() and (labels < 1).all()
    assert np.argsort(labels, axis=1).tolist() == [[1, 2, 0], [0, 2, 1]]
