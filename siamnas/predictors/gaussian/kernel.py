"""Kernels on features in groups: a sum of terms, each of which weighs the groups in its own way."""

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.config.validate import NotNegative, Positive
from siamnas.graphs.arrays import FloatArray, IntArray

ROOT = np.sqrt(5.0)
PIECE = 8192  # numbers that are worked on at once: they and what is made of them fit into the cache of a processor


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


@dataclass(frozen=True)
class Term(ABC):
    """A summand of the kernel over the rows of a table.

    Attributes:
        z: (U, D) the rows, scaled by the weights of their groups, see `scaled`.
        variance: factor of the term.
    """

    z: FloatArray
    variance: float

    @abstractmethod
    def diagonal(self) -> FloatArray:
        """(U,) variance of each row."""

    @abstractmethod
    def across(self, rows: IntArray) -> FloatArray:
        """(m, U) covariances of some rows with all."""

    @abstractmethod
    def among(self, rows: IntArray) -> FloatArray:
        """(m, m) covariances of some rows with each other."""

    @functools.cached_property
    def norms(self) -> FloatArray:
        """(U,) squared lengths of the scaled rows."""
        return np.square(self.z).sum(axis=1)


class Matern(Term):
    """The Matern 5/2 kernel: a smooth function of the features."""

    def diagonal(self) -> FloatArray:
        """See `Term`."""
        return np.full(len(self.z), self.variance)

    def across(self, rows: IntArray) -> FloatArray:
        """See `Term`."""
        return self.variance * matern(squared_distances(self.z[rows], self.z, self.norms[rows], self.norms))

    def among(self, rows: IntArray) -> FloatArray:
        """See `Term`."""
        x, norms = self.z[rows], self.norms[rows]
        return self.variance * matern(squared_distances(x, x, norms, norms))


class Linear(Term):
    """Bayesian linear regression: a mean that is a weighted sum of the features, whose weights are learnt."""

    def diagonal(self) -> FloatArray:
        """See `Term`."""
        return self.variance * self.norms

    def across(self, rows: IntArray) -> FloatArray:
        """See `Term`."""
        return self.variance * (self.z[rows] @ self.z.T)

    def among(self, rows: IntArray) -> FloatArray:
        """See `Term`."""
        x = self.z[rows]
        return self.variance * (x @ x.T)


@dataclass(frozen=True)
class Terms:
    """Terms beside the Matern one of all features; one of variance 0 is left out.

    Attributes:
        linear: variance of a linear function of the features; those of a group share it, and all groups alike.
        residual: variance of what is special to an architecture: a Matern term on its one-hot features alone.
        scale: length scale of the residual.
    """

    linear: NotNegative
    residual: NotNegative
    scale: Positive

    def over(self, x: FloatArray, groups: IntArray, local: NDArray[np.bool_]) -> list[Term]:
        """The terms over the rows of features (U, D); `local` (D,) says which of them are one-hot."""
        found: list[Term] = []
        if self.linear:
            count = int(groups.max(initial=-1)) + 1
            found.append(Linear(scaled(x, groups, np.full(count, 1 / max(count, 1))), self.linear))
        if self.residual and local.any():
            found.append(Matern(x[:, local] / (self.scale * np.sqrt(local.sum())), self.residual))
        return found


def matern(squared: FloatArray) -> FloatArray:
    """Correlations from squared distances in units of the length scales, of the same shape."""
    found = np.empty(squared.size)
    for begin in range(0, squared.size, PIECE):
        scaled = ROOT * np.sqrt(squared.reshape(-1)[begin : begin + PIECE])
        found[begin : begin + PIECE] = (1 + scaled + scaled * scaled / 3) * np.exp(-scaled)
    return found.reshape(squared.shape)


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
    """Features (U, D) whose squared distances and products are sums over groups, weighted by `weights` (G,).

    Those of a group are a mean over its features.
    """
    sizes = np.bincount(groups, minlength=len(weights))
    return x * np.sqrt(weights / np.maximum(sizes, 1))[groups]


def squared_distances(x: FloatArray, z: FloatArray, x_norms: FloatArray, z_norms: FloatArray) -> FloatArray:
    """(n, m) squared distances between rows (n, D) and (m, D), of which the squared lengths (n,) and (m,) are known."""
    cross = x @ z.T
    cross *= -2
    cross += x_norms[:, None]
    cross += z_norms
    return np.maximum(cross, 0, out=cross)
