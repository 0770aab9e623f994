"""Calibration and score of predictions, against what they are defined as."""

import numpy as np
import pytest
from scipy import integrate, stats

from siamnas.predictors.calibration import Predictions


@pytest.fixture
def honest() -> Predictions:
    rng = np.random.default_rng(0)
    score, spread = rng.standard_normal(20_000), rng.uniform(0.1, 2, 20_000)
    return Predictions(score + spread * rng.standard_normal(20_000), score, spread)


def test_an_honest_spread_covers_what_it_promises(honest):
    levels = np.array([0.1, 0.5, 0.9])
    assert honest.coverage(levels) == pytest.approx(levels, abs=0.015)
    narrow = Predictions(honest.truth, honest.score, honest.spread / 2)
    assert (narrow.coverage(levels) < levels - 0.03).all()


def test_the_score_is_the_integral_that_defines_it():
    truth, score, spread = np.array([0.3, -1.0]), np.array([0.1, 1.5]), np.array([0.5, 2.0])

    def one(x, mean, deviation):
        def off(z):
            return (stats.norm.cdf(z, mean, deviation) - (z >= x)) ** 2

        return sum(integrate.quad(off, *ends)[0] for ends in ((-30, x), (x, 30)))

    slow = np.mean([one(*row) for row in zip(truth, score, spread, strict=True)])
    assert Predictions(truth, score, spread).crps == pytest.approx(slow, abs=1e-6)


def test_without_a_spread_the_score_is_the_error():
    found = Predictions(np.array([1.0, 2.0]), np.array([1.0, 4.0]), np.zeros(2))
    assert found.crps == pytest.approx(1.0)
    assert found.coverage(np.array([0.5, 1.0])).tolist() == [0.5, 1.0]


def test_an_honest_spread_scores_best(honest):
    for factor in (0.5, 2.0):
        assert honest.crps < Predictions(honest.truth, honest.score, factor * honest.spread).crps
    assert honest.crps < honest.without.crps


def test_what_failed_or_was_not_predicted_is_left_out():
    truth, score = np.array([1.0, np.nan, 3.0, 2.0]), np.array([1.0, 2.0, np.nan, 4.0])
    found = Predictions(truth, score, np.ones(4))
    assert found.kendall == 1.0 and len(found.known.truth) == 2
    assert np.isfinite(found.crps)
