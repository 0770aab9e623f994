"""Acquisition functions in equal rounds: random, top, half and half."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.acquisition.half import HalfAndHalf
from siamnas.acquisition.random import Random
from siamnas.acquisition.ranking import rank
from siamnas.acquisition.state import State
from siamnas.acquisition.top import Top
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor
from siamnas.seeding import random_orders, streams
from tests.support import draw, tiny_benchmark


class Scores(Predictor):
    """Scores by a given array."""

    def __init__(self, space, seeds, scores):
        super().__init__(space, seeds, {})
        self.scores = scores

    def fit(self, training_set, labels):
        pass

    def score(self, archs):
        return np.take_along_axis(self.scores, self.rows(archs), axis=1)


def state_of(size=64, repeats=3, training_set=12, uncoded=0, seed=0, levels=6):
    """A state whose predictor gives few different scores, with a random training set."""
    benchmark = tiny_benchmark(size, uncoded=uncoded)
    scores = np.random.default_rng(seed).integers(0, levels, (repeats, size)) / levels
    predictor = Scores(benchmark.space, range(repeats), scores)
    state = State(predictor, TableOracle(benchmark, repeats), benchmark.measured.metric)
    if training_set:
        archs = draw(size, training_set, repeats, seed)
        state.add(archs, benchmark.measured.label[archs])
    return state


@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 40))
def test_equal_rounds_sum_to_n_and_start_with_enough(n, count, least):
    least = min(least, n)
    rounds = Top(count).rounds(n, least)
    sizes = [each.count for each in rounds]
    assert len(rounds) == count and sum(sizes) == n and min(sizes) >= 0
    assert sizes[0] >= least
    assert [each.trained for each in rounds] == pytest.approx([i / count for i in range(count)])
    if least <= n // count:
        assert np.cumsum(sizes).tolist() == [n * i // count for i in range(1, count + 1)]


def test_random_takes_all_at_once():
    (only,) = Random().rounds(33, 5)
    assert (only.count, only.trained) == (33, 0.0)


def test_random_chooses_the_next_free_ones_of_the_random_order():
    state = state_of(uncoded=5)
    free = state.free
    chosen = Random().choose(state, 9, 1)
    for r, order in enumerate(random_orders(range(3), 64).tolist()):
        assert chosen[r].tolist() == [arch for arch in order if free[r, arch]][:9]
    assert np.take_along_axis(free, chosen, axis=1).all()
    assert all(len(set(row)) == 9 for row in chosen.tolist())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.integers(1, 40), st.integers(0, 6))
def test_top_takes_the_first_free_ones_of_the_ranking(seed, count, uncoded):
    state = state_of(seed=seed, uncoded=uncoded)
    order = rank(state.predictor.scores, streams(range(3), "select"))
    chosen = Top(5).choose(state, count, 1)
    for r in range(3):
        free = state.prior.coded.copy()
        free[state.archs[r]] = False
        assert chosen[r].tolist() == [arch for arch in order[r] if free[arch]][:count]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.integers(1, 40), st.integers(1, 6), st.integers(0, 6))
def test_half_takes_the_top_and_a_random_part_of_the_best(seed, count, index, uncoded):
    state = state_of(seed=seed, uncoded=uncoded)
    order = rank(state.predictor.scores, streams(range(3), "select"))
    free = state.free
    chosen = HalfAndHalf(5).choose(state, count, index)
    for r in range(3):
        line = [arch for arch in order[r] if free[r, arch]]
        assert chosen[r, : count // 2].tolist() == line[: count // 2]
        near = {arch for arch in order[r, : 64 // 2**index] if free[r, arch]}
        assert set(chosen[r]) <= near | set(line[:count]), "in a small space the best part may not suffice"
        assert len(set(chosen[r])) == count


def test_half_draws_the_second_half_from_the_whole_best_part():
    taken = set()
    for seed in range(40):
        state = state_of(training_set=0, repeats=1, levels=10**6, seed=3)
        state.ties[0] = np.random.default_rng(seed)
        chosen = HalfAndHalf(5).choose(state, 4, 2)[0]
        order = np.argsort(-state.predictor.scores[0])
        assert chosen[:2].tolist() == order[:2].tolist()
        taken |= {order.tolist().index(arch) for arch in chosen[2:]}
    assert taken == set(range(2, 16))


@pytest.mark.parametrize("acquisition", [Random(), Top(3), HalfAndHalf(3)])
def test_each_can_take_all_that_is_left(acquisition):
    state = state_of(uncoded=4)
    left = int(state.free.sum(axis=1).min())
    chosen = acquisition.choose(state, left, 1)
    assert all(len(set(row)) == left for row in chosen.tolist())
    assert np.take_along_axis(state.free, chosen, axis=1).all()
