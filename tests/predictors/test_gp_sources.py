"""Prior means that are believed as far as the evaluations bear them out, against the dense formula."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from siamnas.predictors.gaussian import kernel
from siamnas.predictors.gaussian.mixture import Mixture
from siamnas.predictors.gaussian.posterior import Posterior, mean_of
from siamnas.training.belief import Belief
from siamnas.training.training_set import Source, TrainingSet
from tests.predictors.test_gp import gp
from tests.support import tiny_benchmark

BELIEF = Belief(weight=(0.6, 0.5), trust=0.4)
NOISE = 0.1


def term(x):
    return kernel.Matern(x, 1.3)


def smooth_values(x, rng):
    return rng.multivariate_normal(np.zeros(len(x)), term(x).among(np.arange(len(x))))


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 3))
@settings(max_examples=30)
def test_the_mixture_is_that_of_the_dense_formula(seed, n, hypotheses):
    rng = np.random.default_rng(seed)
    x, means = rng.normal(size=(9, 3)), rng.normal(size=(hypotheses, 9))
    rows, y = rng.choice(9, n), rng.normal(size=n)
    mixture = Mixture([term(x)], NOISE, means, BELIEF)
    mixture.add(rows)

    density, centres, spreads = [], [], []
    for number in range(hypotheses + 1):
        m, share = (means[number - 1], BELIEF.trust / hypotheses) if number else (np.zeros(9), 1 - BELIEF.trust)
        prior = 0.6 * m
        every = term(x).among(np.arange(9)) + 0.25 * np.outer(m, m)
        inner = every[np.ix_(rows, rows)] + NOISE * np.eye(n)
        density.append(np.log(share) + stats.multivariate_normal(prior[rows], inner).logpdf(y))
        gain = every[:, rows] @ np.linalg.inv(inner)
        centres.append(prior + gain @ (y - prior[rows]))
        spreads.append(every - gain @ every[rows])
    share = np.exp(density - np.logaddexp.reduce(density))
    mean = share @ centres
    off = np.array(centres) - mean
    covariance = np.einsum("h,hij->ij", share, spreads) + np.einsum("h,hi,hj->ij", share, off, off)

    np.testing.assert_allclose(mixture.mean(y), mean, atol=1e-8)
    np.testing.assert_allclose(mixture.shares, share, atol=1e-8)
    np.testing.assert_allclose(mixture.variance(), np.diag(covariance), atol=1e-8)
    np.testing.assert_allclose(mixture.covariance(np.arange(4)), covariance[:4, :4], atol=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 600))
@settings(max_examples=10, deadline=None)
def test_a_mean_that_is_not_kept_is_that_of_the_posterior(seed, n):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n + 5, 2)), rng.normal(size=n)
    posterior = Posterior([term(x)], NOISE)
    posterior.add(np.arange(n))
    np.testing.assert_allclose(mean_of([term(x)], NOISE, y), posterior.mean(y)[n:], atol=1e-8)


@pytest.mark.parametrize("helps", [True, False])
def test_evaluations_confirm_a_prior_mean_or_refute_it(helps):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    truth, noise = smooth_values(x, rng), rng.normal(size=40)
    mean = (truth - truth.mean()) / truth.std() if helps else noise
    mixture = Mixture([term(x)], NOISE, mean[None], BELIEF)
    mixture.add(np.arange(20))
    mixture.mean(truth[:20])
    assert (mixture.shares[1] > 0.9) if helps else (mixture.shares[1] < BELIEF.trust)


def test_other_rows_have_the_same_posterior():
    """A window moves: what was evaluated stays, the rest is seen anew."""
    rng = np.random.default_rng(1)
    x, means, y = rng.normal(size=(12, 3)), rng.normal(size=(2, 12)), rng.normal(size=4)
    moved, whole = Mixture([term(x[:6])], NOISE, means[:, :6], BELIEF), Mixture([term(x)], NOISE, means, BELIEF)
    for mixture in (moved, whole):
        mixture.add(np.arange(4))
        mixture.mean(y)
    moved.move([term(x)], means)
    np.testing.assert_allclose(moved.mean(y), whole.mean(y), atol=1e-10)
    np.testing.assert_allclose(moved.variance(), whole.variance(), atol=1e-10)


def test_a_source_of_the_same_task_says_what_to_expect():
    benchmark = tiny_benchmark(150)
    archs, label = np.random.default_rng(0).permutation(150)[:60], benchmark.measured.label
    predictor = gp(benchmark.space, range(2), steps=0)
    predictor.learn_from([[Source(benchmark.space, archs, label[archs])]] * 2, BELIEF)
    others = np.delete(np.arange(150), archs)
    expected = predictor.expected(others)
    assert stats.spearmanr(expected[0], label[others])[0] > 0.8
    np.testing.assert_array_equal(expected[0], expected[1])

    told = archs[:5][None].repeat(2, axis=0)
    predictor.fit(TrainingSet(told, np.empty((2, 5, 0))), label[told])
    alone = gp(benchmark.space, range(2), steps=0)
    alone.fit(TrainingSet(told, np.empty((2, 5, 0))), label[told])
    gain = [stats.spearmanr(one.score(others)[0], label[others])[0] for one in (predictor, alone)]
    assert gain[0] > gain[1]
