"""Ensembles: their mean, their spread, and that a repeat is what it is alone."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.predictors.ensemble import Ensemble
from siamnas.spaces.pool import Pool
from tests.support import draw, fit, tiny_benchmark

NETWORK = {
    "_target_": "sklearn.neural_network.MLPRegressor", "hidden_layer_sizes": [10], "solver": "lbfgs", "max_iter": 60,
}  # fmt: skip


def ensemble(space, identities: range, features=("onehot",), members: int = 3) -> Ensemble:
    return Ensemble(space, identities, {}, list(features), members, NETWORK)


def test_it_learns_and_doubts_where_it_has_not_looked():
    benchmark = tiny_benchmark(300)
    predictor, archs = ensemble(benchmark.space, range(2), members=5), draw(300, 60, 2)
    fit(predictor, benchmark, archs)
    every = np.arange(300)
    score, spread = predictor.score(every), predictor.spread(every)
    for r in range(2):
        others = np.setdiff1d(every, archs[r])
        assert np.corrcoef(score[r, others], benchmark.measured.label[others])[0, 1] > 0.5
        assert spread[r, others].mean() > spread[r, archs[r]].mean() > 0
    np.testing.assert_array_equal(predictor.score(archs), np.take_along_axis(score, archs, axis=1))


def test_repeats_at_once_equal_each_repeat_alone():
    benchmark = tiny_benchmark(100)
    archs, every = draw(100, 20, 3), np.arange(100)
    many = ensemble(benchmark.space, range(4, 7))
    fit(many, benchmark, archs)
    for r in range(3):
        one = ensemble(benchmark.space, range(4 + r, 5 + r))
        fit(one, benchmark, archs[r : r + 1])
        np.testing.assert_array_equal(one.score(every)[0], many.score(every)[r])
        np.testing.assert_array_equal(one.spread(every)[0], many.spread(every)[r])


def test_failed_and_equal_labels_do_no_harm():
    benchmark = tiny_benchmark(60)
    predictor, archs = ensemble(benchmark.space, range(1)), draw(60, 10, 1)
    labels = np.full((1, 10), 0.5)
    labels[0, 3] = np.nan
    predictor.fit(Pool(archs, np.empty((1, 10, 0))), labels)
    assert np.isfinite(predictor.score(np.arange(60))).all()


def test_an_unknown_set_of_features_is_refused():
    with pytest.raises(InputError, match="predictor.features"):
        ensemble(tiny_benchmark(20).space, range(1), features=("path",))
