"""The Matern 5/2 kernel on features in groups: one length scale for each group."""

from dataclasses import dataclass

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray

ROOT = np.sqrt(5.0)


@dataclass(frozen=True)
class Scales:
    """Hyperparameters of R Gaussian processes.

    Attributes:
        weights: (R, G) inverse squares of the length scales of the G groups.
        variance: (R,) of the function.
        noise: (R,) variance of what is told.
    """

    weights: FloatArray
    variance: FloatArray
    noise: FloatArray


def matern(squared: FloatArray) -> FloatArray:
    """Correlations from squared distances in units of the length scales, of the same shape."""
    scaled = ROOT * np.sqrt(squared)
    return (1 + scaled + scaled * scaled / 3) * np.exp(-scaled)


def slope(squared: FloatArray) -> FloatArray:
    """Derivative of `matern` by the squared distance."""
    scaled = ROOT * np.sqrt(squared)
    return -5 / 6 * (1 + scaled) * np.exp(-scaled)


def group_distances(x: FloatArray, groups: IntArray) -> FloatArray:
    """(R, G, n, n) squared distances by the features (R, n, D) of each group alone, a mean over its features."""
    squares = np.square(x[:, :, None] - x[:, None])  # (R, n, n, D)
    count = int(groups.max(initial=-1)) + 1
    parts = [squares[..., groups == group].mean(axis=-1) for group in range(count)]
    return np.stack(parts, axis=1) if parts else np.empty((len(x), 0, x.shape[1], x.shape[1]))


def scaled(x: FloatArray, groups: IntArray, weights: FloatArray) -> FloatArray:
    """Features (U, D) such that their Euclidean distances are those of the weights (G,) of the groups."""
    sizes = np.bincount(groups, minlength=len(weights))
    return x * np.sqrt(weights / np.maximum(sizes, 1))[groups]


def squared_distances(x: FloatArray, z: FloatArray) -> FloatArray:
    """(n, U) squared distances between rows (n, D) and (U, D)."""
    cross = x @ z.T
    cross *= -2
    cross += np.square(x).sum(axis=1)[:, None]
    cross += np.square(z).sum(axis=1)
    return np.maximum(cross, 0, out=cross)
