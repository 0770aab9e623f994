"""The acquisition functions of WeakNAS and BANANAS: where they look, and that they give what was asked for."""

import numpy as np
import pytest

from siamnas.acquisition.mutants import Mutants
from siamnas.acquisition.shrinking import Shrinking
from siamnas.acquisition.state import State
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor
from siamnas.spaces.neighbours import Neighbourhood
from tests.support import tiny_benchmark

SIZE = 200


class Known(Predictor):
    """Knows a score of every architecture, and is as sure of it as it is told."""

    spreads, sure = True, 1e-9

    def fit(self, training_set, labels):
        pass

    def score(self, archs):
        return np.arange(SIZE, 0, -1.0)[self.rows(archs)]  # the first are the best

    def spread(self, archs):
        return np.full(self.rows(archs).shape, self.sure)


def state_of(training_set: int, repeats: int = 3, first: int = 5) -> State:
    """Random architectures are known."""
    benchmark = tiny_benchmark(SIZE)
    seeds = range(first, first + repeats)
    state = State(Known(benchmark.space, seeds, {}), TableOracle(benchmark, repeats), benchmark.measured.metric)
    archs = state.at_random(training_set)
    state.add(archs, benchmark.measured.label[archs])
    return state


@pytest.mark.parametrize("index", [1, 2, 3, 9])
def test_the_top_shrinks_from_round_to_round(index: int):
    state, best = state_of(12), round(SIZE * 0.5**index)
    chosen = Shrinking(5, 0.5).choose(state, 6, index)
    free = state.free
    for row, own in zip(chosen, free, strict=True):
        assert own[row].all() and len(set(row)) == 6
        # As soon as fewer than six of the best are free, the next ones make up for it.
        assert row.max() < max(best, np.flatnonzero(own)[5] + 1)
    assert index > 2 or any((np.diff(row) < 0).any() for row in chosen), "at random among them"


def test_mutants_are_neighbours_of_the_best():
    state = state_of(12)
    near, chosen = Neighbourhood(state.space), Mutants(5, parents=2).choose(state, 4, 1)
    for archs, labels, free, row in zip(state.archs, state.labels, state.free, chosen, strict=True):
        parents = archs[np.argsort(-labels)[:2]]
        allowed = np.unique(np.concatenate([near.of(parent, free) for parent in parents]))
        assert free[row].all() and len(set(row)) == 4
        expected = sorted(allowed)[:4]  # it is sure that the first are the best
        assert sorted(row)[: len(expected)] == expected or len(allowed) < 4


def test_mutants_follow_independent_draws():
    state = state_of(12, repeats=1)
    state.predictor.sure = 1e9
    drawn = {tuple(Mutants(5, parents=3).choose(state, 2, 1)[0]) for _ in range(8)}
    assert len(drawn) > 3


@pytest.mark.parametrize("make", [lambda: Shrinking(5, 0.5), lambda: Mutants(5, 3)])
def test_they_take_all_that_is_left_and_repeats_are_independent(make):
    state = state_of(190)
    chosen = make().choose(state, 10, 3)
    assert [set(row) for row in chosen] == [set(np.flatnonzero(free)) for free in state.free]
    many, one = state_of(20), state_of(20, repeats=1, first=6)
    np.testing.assert_array_equal(make().choose(many, 7, 2)[1], make().choose(one, 7, 2)[0])
