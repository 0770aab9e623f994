"""The permutation test, the interval and Holm's correction, against obvious references and without an effect."""

import itertools
import time

import numpy as np
import pytest
from scipy import stats

from siamnas.report.compare.tests import DRAWS, holm, interval, sign_flip


def enumerated(difference: np.ndarray) -> float:
    """p by definition: of all sign vectors, the share that makes the mean at least as large."""
    signs = np.array(list(itertools.product((1, -1), repeat=len(difference))))
    means = np.abs(signs @ difference / len(difference))
    return float(np.mean(means >= abs(difference.mean()) - 1e-12))


@pytest.mark.parametrize("pairs", [2, 3, 7, 12])
def test_few_pairs_are_enumerated(pairs: int):
    rng = np.random.default_rng(pairs)
    differences = np.concatenate([rng.normal(0.4, 1, (5, pairs)), rng.integers(-2, 3, (5, pairs)) / 3])
    p = sign_flip(differences)
    np.testing.assert_allclose(p, [enumerated(own) for own in differences])
    theirs = [
        stats.permutation_test((own,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
        for own in differences[:5]
    ]
    np.testing.assert_allclose(p[:5], theirs)


def test_many_pairs_are_sampled():
    rng = np.random.default_rng(1)
    differences = rng.normal([[0.0], [0.15], [0.25], [5.0]], 1, (4, 100))
    differences[1, :2] = -7  # a few repeats that lose everything: the mean is what is tested, not the ranks
    p = sign_flip(differences)
    theirs = [
        stats.permutation_test(
            (own,),
            lambda x, axis: x.mean(axis=axis),
            vectorized=True,
            permutation_type="samples",
            n_resamples=50_000,
            rng=np.random.default_rng(2),
        ).pvalue
        for own in differences
    ]
    np.testing.assert_allclose(p, theirs, atol=0.012)
    assert p[3] == 1 / (1 + DRAWS), "never 0"
    np.testing.assert_array_equal(p, sign_flip(differences), "the same every time")
    np.testing.assert_array_equal(p[2:3], sign_flip(differences[2:3]), "whatever is tested beside it")


def test_scale_sign_and_order_change_nothing():
    rng = np.random.default_rng(3)
    differences = rng.normal(0.3, 1, (3, 10))
    p = sign_flip(differences)
    for same in (1e-12 * differences, -differences, rng.permuted(differences, axis=1)):
        np.testing.assert_allclose(sign_flip(same), p)
    np.testing.assert_array_equal(sign_flip(np.zeros((2, 40))), 1)


@pytest.mark.parametrize("draw", ["normal", "failures", "ties"])
def test_without_an_effect_one_in_twenty_is_found(draw: str):
    """Whatever the shape: the share of p <= .05 is .05, or less where values are tied."""
    rng = np.random.default_rng(4)
    if draw == "normal":
        a, b = rng.normal(size=(2, 2000, 30))
    elif draw == "failures":  # one repeat in fifty is lost altogether
        a, b = np.where(rng.random((2, 2000, 30)) < 0.02, -70.0, rng.normal(size=(2, 2000, 30)))
    else:
        a, b = rng.integers(0, 3, (2, 2000, 30))
    p = sign_flip(a - b)
    wrong = np.mean(p <= 0.05)
    assert wrong < stats.binom(2000, 0.05).ppf(0.9999) / 2000
    if draw == "normal":
        assert wrong > stats.binom(2000, 0.05).ppf(0.0001) / 2000


def test_without_an_effect_a_family_is_rarely_wrong():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(400, 8, 20)), rng.normal(size=(400, 1, 20))  # all against one reference
    p = sign_flip((a - b).reshape(-1, 20)).reshape(400, 8)
    wrong = np.mean([holm(family).min() <= 0.05 for family in p])
    assert wrong < stats.binom(400, 0.05).ppf(0.9999) / 400


def test_holm():
    def stepped_down(p: list[float]) -> list[float]:
        """By definition: the smallest times m, the next times m - 1 ..., never below one before, at most 1."""
        adjusted, highest = {}, 0.0
        for rank, (value, i) in enumerate(sorted((value, i) for i, value in enumerate(p))):
            highest = max(highest, min((len(p) - rank) * value, 1.0))
            adjusted[i] = highest
        return [adjusted[i] for i in range(len(p))]

    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    for p in np.random.default_rng(6).random((20, 6)) ** 3:
        np.testing.assert_allclose(holm(p), stepped_down(list(p)))
    assert holm(np.array([])).size == 0


def test_the_interval_is_that_of_the_bootstrap():
    rng = np.random.default_rng(7)
    differences = rng.normal(0.01, 0.02, (3, 40))
    low, high = interval(differences)
    for own, *ends in zip(differences, low, high, strict=True):
        draws = rng.choice(own, (20_000, 40)).mean(axis=1)
        np.testing.assert_allclose(ends, np.quantile(draws, [0.025, 0.975]), atol=4e-4)
    assert interval(np.zeros((1, 5))) == (0, 0)


def test_a_thousand_tests_take_seconds():
    differences = np.random.default_rng(8).normal(size=(1000, 100))
    began = time.monotonic()
    sign_flip(differences)
    assert time.monotonic() - began < 10
