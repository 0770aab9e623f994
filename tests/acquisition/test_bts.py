"""The batch top sampler: how many, when, and which."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.acquisition.state import State
from siamnas.oracle.table import TableOracle
from siamnas.predictors.base import Predictor, Stage
from siamnas.seeding import streams
from tests.support import draw, tiny_benchmark


def bts(order="published", rounds=10, top=30, window=(0.2, 0.7), share=0.1, start=0.3):
    return BatchTopSampler(start, rounds, top, order, list(window), share)


def counts(acquisition, n, least=1):
    return [each.count for each in acquisition.rounds(n, least)]


@given(st.integers(1, 500), st.sampled_from(["published", "even"]), st.integers(1, 12))
def test_additions_sum_to_the_budget(n, order, rounds):
    first, *others = counts(bts(order, rounds), n)
    assert first == max(int(0.3 * n), 1)
    assert first + sum(others) == n
    assert len(others) == rounds
    if order == "even":
        assert max(others) - min(others) <= 1
    else:
        assert len(set(others[:-1])) <= 1 and others[-1] >= others[0]


def test_additions_as_published():
    assert counts(bts(), 27) == [8, *[1] * 9, 10]
    assert counts(bts(), 97) == [29, *[6] * 9, 14]


@given(st.integers(2, 60), st.integers(1, 60))
def test_the_start_is_enough_for_the_predictor(n, least):
    first, *others = counts(bts(), n, least)
    assert first == min(max(int(0.3 * n), 1, least), n)
    assert first + sum(others) == n and min(others) >= 0


@pytest.mark.parametrize(("window", "rounds"), [((0.2, 0.7), 10), ((0.5, 0.9), 1), ((0.0, 1.0), 4)])
def test_the_rounds_are_even_in_the_window_of_the_training(window, rounds):
    first, *others = bts(rounds=rounds, window=window).rounds(50, 1)
    low, high = window
    assert first.trained == 0.0
    assert [each.trained for each in others] == pytest.approx(np.linspace(low, high, rounds + 2)[1:-1])


def test_the_rounds_are_at_the_published_epochs():
    _, *others = bts().rounds(27, 1)
    assert [Stage(each.trained).epochs(200) for each in others] == list(range(49, 131, 9))


class ByLabel(Predictor):
    """Knows the answers; its fine score is the coarse one backwards. Notes what it has to score."""

    coded = True

    def __init__(self, benchmark, seeds):
        super().__init__(benchmark.space, seeds, {})
        self.label = benchmark.measured.label
        self.seen = []

    def fit(self, training_set, labels):
        pass

    def score(self, archs):
        self.seen.append(archs)
        return self.label[archs]

    def refine(self, archs, codes):
        assert not np.isnan(codes).any()
        return -self.label[archs]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 5), st.booleans())
def test_it_chooses_the_best_ranked_of_a_random_share(seed, count, uncoded, refines):
    benchmark = tiny_benchmark(80, seed=seed % 7, uncoded=uncoded)
    predictor = ByLabel(benchmark, range(seed, seed + 3))
    predictor.coded = refines
    state = State(predictor, TableOracle(benchmark, 3), benchmark.measured.metric)
    training_set = state.at_random(10)
    state.add(training_set, benchmark.measured.label[training_set])
    chosen = bts(top=5, share=0.25).choose(state, count, 1)
    (seen,) = predictor.seen
    assert seen.shape == (3, 20) and chosen.shape == (3, count)
    label = benchmark.measured.label
    for r in range(3):
        candidates, taken = set(seen[r].tolist()), set(chosen[r].tolist())
        assert len(candidates) == 20 and len(taken) == count
        assert not candidates & set(training_set[r].tolist())
        assert benchmark.measured.coded[seen[r]].all()
        ranked = sorted(candidates, key=lambda arch: -label[arch])
        expected = ranked[: max(5, count)][::-1] if refines else ranked
        assert chosen[r].tolist() == expected[:count]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.floats(0.01, 1))
def test_of_the_whole_space_the_training_set_is_ranked_too_and_skipped(seed, count, share):
    benchmark = tiny_benchmark(80, seed=seed % 7, uncoded=5)
    predictor = ByLabel(benchmark, range(seed, seed + 3))
    state = State(predictor, TableOracle(benchmark, 3), benchmark.measured.metric)
    known = state.at_random(40)
    state.add(known, benchmark.measured.label[known])
    acquisition = bts(share=share)
    acquisition.candidates = "whole"
    chosen = acquisition.choose(state, count, 1)
    (seen,) = predictor.seen
    assert seen.shape == (3, min(max(round(share * 80), 40 + count), 75)) and chosen.shape == (3, count)
    for r in range(3):
        order = sorted(seen[r].tolist(), key=lambda arch: -benchmark.measured.label[arch])
        top = max(30, count)
        refined = order[:top][::-1] + order[top:]
        assert chosen[r].tolist() == [arch for arch in refined if arch not in known[r]][:count]
        assert set(known[r].tolist()) & set(order), "half of the space is in the training set"


def test_every_round_draws_another_share_and_no_repeat_depends_on_its_neighbours():
    benchmark = tiny_benchmark(80)
    shares = []
    for seeds in (range(3, 6), range(4, 5)):
        predictor = ByLabel(benchmark, seeds)
        state = State(predictor, TableOracle(benchmark, len(seeds)), benchmark.measured.metric)
        acquisition = bts(share=0.25)
        for index in (1, 2):
            acquisition.choose(state, 3, index)
        shares.append(predictor.seen)
    (first, second), alone = shares
    assert set(first[0].tolist()) != set(second[0].tolist())
    for many, one in zip((first, second), alone, strict=True):
        np.testing.assert_array_equal(many[1], one[0])


def test_the_share_is_as_large_as_it_must_be_and_as_small_as_the_space_is():
    benchmark = tiny_benchmark(30)
    predictor = ByLabel(benchmark, range(2))
    state = State(predictor, TableOracle(benchmark, 2), benchmark.measured.metric)
    assert bts(share=0.01).choose(state, 7, 1).shape == (2, 7)
    training_set = draw(30, 25, 2)
    state.add(training_set, benchmark.measured.label[training_set])
    left = [sorted(set(range(30)) - set(row)) for row in training_set.tolist()]
    assert np.sort(bts(share=1.0).choose(state, 5, 1), axis=1).tolist() == left


def test_its_stream_is_its_own():
    benchmark = tiny_benchmark(80)
    predictor = ByLabel(benchmark, range(2))
    state = State(predictor, TableOracle(benchmark, 2), benchmark.measured.metric)
    bts(share=0.25).choose(state, 3, 1)
    expected = state.draw(20, streams(range(2), "bts"))
    np.testing.assert_array_equal(predictor.seen[0], expected)
