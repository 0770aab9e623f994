"""Labels of any metric, as a sigmoid unit can learn them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siamnas.acquisition.labels import learnable
from siamnas.benchmarks.metric import Metric

LOSS = Metric("loss", False, "")


def test_accuracies_stay_what_they_are():
    labels = np.array([[0.1, 0.9, np.nan]])
    assert learnable(labels, Metric("test_200_mean")) is labels


@given(st.lists(st.one_of(st.integers(-(10**4), 10**4).map(float), st.just(np.nan)), min_size=1, max_size=12))
@example([*map(float, range(9)), 1e3, 2e3, -1e3])
def test_other_values_lie_between_0_and_1_in_their_order(row):
    scaled = learnable(np.array([row]), LOSS)[0]
    told = [(value, new) for value, new in zip(row, scaled, strict=True) if not np.isnan(value)]
    assert np.isnan(scaled).sum() == len(row) - len(told)
    for value, new in told:
        assert 0 < new < 1
        for other, another in told:
            assert (value < other) == (new < another)


@given(st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_neither_the_unit_nor_the_origin_matters(scale, shift):
    labels = np.array([[1.0, 5.0, 2.0, 4.0, 3.0, np.nan]])
    scaled = learnable(labels, LOSS)
    assert scaled[0, 4] == pytest.approx(0.5), "the middle value"
    np.testing.assert_array_equal(learnable(scale * labels + shift, LOSS), scaled)
    np.testing.assert_array_equal(learnable(np.log(labels), LOSS), scaled)


def test_repeats_have_scales_of_their_own():
    labels = np.array([[1.0, 2.0, 3.0], [100.0, 300.0, 200.0]])
    both = learnable(labels, LOSS)
    for r in range(2):
        np.testing.assert_array_equal(both[r], learnable(labels[r : r + 1], LOSS)[0])


def test_one_failure_far_away_does_not_hide_the_others():
    """A diverged training is no reason to learn nothing of the rest."""
    scaled = learnable(np.array([[1.0, 2.0, 3.0, 4.0, -1e9]]), LOSS)[0]
    assert np.ptp(scaled[:4]) > 0.3


@pytest.mark.parametrize("row", [[2.0], [2.0, 2.0, 2.0], [2.0, np.nan]])
def test_equal_values_are_all_in_the_middle(row):
    scaled = learnable(np.array([row]), LOSS)[0]
    assert (scaled[~np.isnan(row)] == 0.5).all()


def test_nothing_told_stays_nothing():
    assert np.isnan(learnable(np.full((2, 3), np.nan), LOSS)).all()
    assert learnable(np.empty((2, 0)), LOSS).shape == (2, 0)
