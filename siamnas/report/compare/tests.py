"""Tests of a mean over pairs: a permutation test of exactly that mean, its intervals, Holm's correction."""

from typing import Any

import numpy as np

from siamnas.graphs.arrays import FloatArray

DRAWS = 50_000  # sign vectors, at most; with fewer pairs than that needs, all of them
RESAMPLES = 10_000  # of the bootstrap
LEVEL = 0.95  # of the interval
SEED = 0
TIE = 1e-9  # share of the size of the differences below which two sums are equal but for rounding
BLOCK = 128  # tests at a time, which bounds the memory


def sign_flip(differences: FloatArray) -> FloatArray:
    """Two-sided p of the paired sign-flip permutation test of the mean.

    If a method is no better than another, each difference could as well have had the other sign. So p is the share of
    the ways to choose all signs that make the mean at least as large, in size, as the one observed. All ways count
    where they are few; else `DRAWS` random ones and the observed one, (1 + hits) / (1 + draws), the same every time.

    Args:
        differences: (m, n): n pairs of each of m tests.

    Returns:
        (m,); 1 where all differences are 0.
    """
    count = differences.shape[1]
    exact = 2 ** (count - 1) <= DRAWS  # the first sign is free, since only the size of the mean counts
    signs = _all_signs(count) if exact else _some_signs(count)
    hits = np.empty(len(differences))
    for start in range(0, len(differences), BLOCK):
        block = differences[start : start + BLOCK].T
        least = np.abs(block.sum(axis=0)) - TIE * np.abs(block).sum(axis=0)
        hits[start : start + BLOCK] = (np.abs(signs @ block) >= least).sum(axis=0)
    return hits / len(signs) if exact else (1 + hits) / (1 + len(signs))


def interval(differences: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The percentile bootstrap interval of the mean; the same every time.

    Args:
        differences: (m, n): n pairs of each of m tests.

    Returns:
        (m,) lower and (m,) upper ends.
    """
    count = differences.shape[1]
    weights = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
    tail = (1 - LEVEL) / 2
    ends = np.empty((2, len(differences)))
    for start in range(0, len(differences), BLOCK):
        means = weights @ differences[start : start + BLOCK].T
        ends[:, start : start + BLOCK] = np.quantile(means, [tail, 1 - tail], axis=0)
    return ends[0], ends[1]


def reach(std: Any, count: Any, family: Any = 1) -> FloatArray:
    """Half of Student's 95 % interval of a mean; of `family` such intervals all hold at once (Bonferroni).

    Args:
        std: sample standard deviations of any shape.
        count: of the values behind each; 0 is answered where there is one only.
        family: number of intervals.
    """
    from scipy import stats

    count = np.asarray(count)
    quantile = stats.t.ppf(1 - (1 - LEVEL) / (2 * np.asarray(family)), np.maximum(count - 1, 1))
    return np.where(count > 1, quantile * std / np.sqrt(count), 0.0)


def holm(p: FloatArray) -> FloatArray:
    """Holm's step-down correction of the (m,) p values of a family."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _all_signs(count: int) -> FloatArray:
    """(2^(count - 1), count): all sign vectors that begin with +1."""
    numbers = np.arange(2 ** (count - 1))[:, None]
    return 1.0 - 2.0 * (numbers >> np.arange(count)[::-1] & 1)


def _some_signs(count: int) -> FloatArray:
    """(DRAWS, count) random signs."""
    return 1.0 - 2.0 * np.random.default_rng(SEED).integers(0, 2, size=(DRAWS, count))
