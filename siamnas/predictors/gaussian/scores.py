"""Targets made of the ranks of labels."""

from collections.abc import Callable

import numpy as np

from siamnas.graphs.arrays import FloatArray, mean_ranks


def shares(labels: FloatArray) -> FloatArray:
    """(R, n) of n known labels the one of rank i (1 the worst, equal ones share their mean) becomes (i - 1/2) / n.

    Args:
        labels: (R, n), higher is better; NaN where unknown, which stays NaN.
    """
    known = (~np.isnan(labels)).sum(axis=1, keepdims=True)
    return (np.array([*map(mean_ranks, labels)]).reshape(labels.shape) - 0.5) / np.maximum(known, 1)


def normal(labels: FloatArray) -> FloatArray:
    """(R, n) the values that a standard normal distribution has at the ranks."""
    from scipy.special import ndtri

    return ndtri(shares(labels))


def ranks(labels: FloatArray) -> FloatArray:
    """(R, n) the ranks, evenly between two limits, of variance 1."""
    return (shares(labels) - 0.5) * np.sqrt(12)


SCORES: dict[str, Callable[[FloatArray], FloatArray]] = {"normal": normal, "ranks": ranks}
