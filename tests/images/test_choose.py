"""Subsets are stratified, nested and seeded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.images.choose import choose, hold_out

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=40).map(np.array)
SEEDS = st.integers(0, 3)


@given(LABELS, SEEDS, st.data())
def test_class_counts_differ_by_at_most_one_as_far_as_there_are_images(labels: np.ndarray, seed: int, data):
    count = data.draw(st.integers(1, len(labels)))
    chosen = choose(labels, count, seed, "train")
    assert len(set(chosen.tolist())) == len(chosen) == count
    there, taken = np.bincount(labels, minlength=5), np.bincount(labels[chosen], minlength=5)
    # A class may only be behind the largest one by two or more if nothing of it is left.
    assert all(taken[c] >= taken.max() - 1 or taken[c] == there[c] for c in range(5))


@given(LABELS, SEEDS)
def test_a_smaller_count_is_the_beginning_of_a_larger_one_and_none_is_all(labels: np.ndarray, seed: int):
    whole = choose(labels, None, seed, "test")
    assert sorted(whole.tolist()) == list(range(len(labels)))
    for count in range(1, len(labels) + 1):
        assert choose(labels, count, seed, "test").tolist() == whole[:count].tolist()


def test_the_order_is_that_of_the_seed_and_the_part():
    labels = np.arange(1000) % 10
    orders = [choose(labels, 50, seed, part).tolist() for seed, part in [(0, "train"), (1, "train"), (0, "test")]]
    assert len({tuple(order) for order in orders}) == 3
    assert choose(labels, 50, 0, "train").tolist() == orders[0]
    # All images have the same chance.
    taken = np.bincount(np.concatenate([choose(labels, 100, seed, "train") for seed in range(200)]), minlength=1000)
    assert abs(taken - 20).max() < 6 * np.sqrt(20)


def test_more_than_there_are_is_refused():
    with pytest.raises(InputError, match=r"images\.test=4: must be at most 3, all test images that there are"):
        choose(np.array([0, 1, 0]), 4, 0, "test")


@given(st.lists(st.integers(2, 12), min_size=1, max_size=4), st.floats(0.01, 0.99), SEEDS)
def test_of_every_class_the_share_is_held_out(counts: list[int], share: float, seed: int):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    train, test = hold_out(labels, share, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    assert sorted(train) == train.tolist() and sorted(test) == test.tolist()
    for label, count in enumerate(counts):
        held = int((labels[test] == label).sum())
        assert 1 <= held <= count - 1
        assert abs(held - share * count) <= 0.5 or held in (1, count - 1)


def test_what_is_held_out_is_that_of_the_seed():
    labels = np.arange(100) % 5
    assert hold_out(labels, 0.2, 0)[1].tolist() == hold_out(labels, 0.2, 0)[1].tolist()
    assert hold_out(labels, 0.2, 0)[1].tolist() != hold_out(labels, 0.2, 1)[1].tolist()
