"""A posterior that has grown by many targets is that of the equations."""

import numpy as np
import pytest

from siamnas.predictors.gaussian.kernel import Linear, Matern
from siamnas.predictors.gaussian.posterior import BLOCK, EXACT, Posterior

ROWS, NOISE = 1300, 0.1


@pytest.fixture(scope="module")
def terms():
    x = np.random.default_rng(0).integers(0, 3, (ROWS, 6)) / 3
    return [Matern(x, 1.0), Linear(x, 0.5)]


@pytest.mark.parametrize(
    ("steps", "close"), [((2, 1, 30), 1e-9), ((BLOCK + 100, 1), 1e-9), ((EXACT - 2, 1, 1, 1, 20), 1e-4)]
)
def test_it_is_that_of_the_equations(terms, steps, close):
    rng = np.random.default_rng(1)
    grown = Posterior(terms, NOISE)
    rows = np.empty(0, dtype=np.int64)
    for step in steps:
        fresh = rng.integers(0, ROWS, step)  # some are there several times
        grown.add(fresh)
        rows = np.append(rows, fresh)
    y, more = rng.normal(size=len(rows)), rng.integers(0, ROWS, 3)
    every = sum(term.among(np.arange(ROWS)) for term in terms)

    def known(at):
        covariance = every[np.ix_(at, at)] + NOISE * np.eye(len(at))
        return np.linalg.solve(covariance, every[at])  # (n, U)

    np.testing.assert_allclose(grown.mean(y), y @ known(rows), atol=close)
    np.testing.assert_allclose(grown.variance(), np.diag(every - every[rows].T @ known(rows)), atol=close)
    later = np.append(rows, more)
    np.testing.assert_allclose(grown.variance(more), np.diag(every - every[later].T @ known(later)), atol=close)
    inside = every[np.ix_(more, more)] - every[np.ix_(rows, more)].T @ known(rows)[:, more]
    np.testing.assert_allclose(grown.covariance(more), inside, atol=close)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_held_out_is_each_target_from_a_posterior_of_all_others(terms, n):
    rng = np.random.default_rng(n)
    rows, y = rng.integers(0, ROWS, n), rng.normal(size=n)
    grown = Posterior(terms, NOISE)
    grown.add(rows)
    for one, off in enumerate(grown.left_out(y)):
        others = Posterior(terms, NOISE)
        others.add(np.delete(rows, one))
        mean, variance = others.mean(np.delete(y, one))[rows[one]], others.variance()[rows[one]]
        assert off == pytest.approx((y[one] - mean) / np.sqrt(variance + NOISE), abs=1e-9)
