"""Rows and ranks of arrays, against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.graphs import features
from siamnas.graphs.arrays import FloatArray, mean_ranks, unique_rows

FEW = st.sampled_from([-2.5, -1.0, 0.0, 0.1, 1 / 3, 1e300])  # so that many are equal
SHIPPED = ("nb201_c10", "nb201_c100", "nb201_img16", "tiny_nb201", "nb_macro", "nano")


def check_rows(values: FloatArray) -> None:
    rows, seats = unique_rows(values)
    slow, slow_seats = np.unique(values, axis=0, return_inverse=True)
    assert rows.shape == slow.shape and rows.tobytes() == slow.tobytes()
    assert np.array_equal(seats, slow_seats.ravel())


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12), elements=FEW))
def test_unique_rows_are_those_of_numpy(values: FloatArray) -> None:
    check_rows(values)


def test_rows_without_features_are_one() -> None:
    check_rows(np.empty((5, 0)))


@pytest.mark.parametrize("space", SHIPPED)
def test_unique_rows_of_shipped_spaces_are_those_of_numpy(space: str) -> None:
    config = configuration.load(*compose([f"space={space}", "predictor=gp", "logger=none"])).config
    check_rows(features.build(build.space(config), config["predictor"]["features"]).values)


@given(arrays(np.float64, st.integers(0, 40), elements=st.one_of(FEW, st.just(np.nan), st.just(np.inf), st.floats())))
def test_mean_ranks_are_those_of_scipy(values: FloatArray) -> None:
    expected = stats.rankdata(values, nan_policy="omit") if len(values) else np.empty(0)
    assert np.array_equal(mean_ranks(values), expected, equal_nan=True)
