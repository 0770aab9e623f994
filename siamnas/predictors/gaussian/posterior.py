"""What one Gaussian process knows of all architectures: it grows with the evaluations."""

import functools
import operator
from collections.abc import Iterable, Sequence

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.gaussian.kernel import Term


class Posterior:
    """Mean and variance at U rows, from targets at some of them.

    With the Cholesky factor L of the covariance of the targets, C = L L^T, and V = L^-1 K(evaluated, all), the mean is
    V^T L^-1 y and the variance that of the prior less the sum of the squares of V. Further evaluations are further rows
    of L and V, which cost n U products each; to begin anew would cost n^2 U.

    Args:
        kernel: its terms, all over the same U rows.
        noise: variance of the targets.
    """

    def __init__(self, kernel: Sequence[Term], noise: float) -> None:
        self._kernel = kernel
        self._noise = noise
        self._rows: IntArray = np.empty(0, dtype=np.int64)
        self._factor = np.empty((0, 0))
        self._variance = _sum(term.diagonal() for term in kernel)
        self._v = self._buffer = np.empty((0, len(self._variance)))

    def add(self, rows: IntArray) -> None:
        """Targets of rows (m,) will be known; a row may be there several times."""
        along, factor, v = self._grown(rows)
        n, m = along.shape
        self._rows = np.append(self._rows, rows)
        self._factor = np.block([[self._factor, np.zeros((n, m))], [along.T, factor]])
        if n + m > len(self._buffer):  # to copy V at every addition would cost as much as all the rest
            self._buffer = np.concatenate([self._v, np.empty((max(n, m), v.shape[1]))])
        self._buffer[n : n + m] = v
        self._v = self._buffer[: n + m]
        self._variance = self._variance - np.square(v).sum(axis=0)

    def move(self, kernel: Sequence[Term]) -> None:
        """Go on with other rows of features; those with targets are the same, and have the same numbers."""
        from scipy.linalg import solve_triangular

        self._kernel = kernel
        across = _sum(term.across(self._rows) for term in kernel)
        self._v = self._buffer = solve_triangular(
            self._factor, across, lower=True, check_finite=False, overwrite_b=True
        )
        self._variance = _sum(term.diagonal() for term in kernel) - np.square(self._v).sum(axis=0)

    def mean(self, y: FloatArray) -> FloatArray:
        """(U,) from the targets (n,) of the rows, in the order in which these came."""
        from scipy.linalg import solve_triangular  # takes a while to import, and not every search needs it

        return solve_triangular(self._factor, y, lower=True, check_finite=False) @ self._v

    def variance(self, rows: IntArray | None = None) -> FloatArray:
        """(U,) of the function, without the noise; with `rows` (m,), when their targets will be known, too."""
        gone = 0.0 if rows is None or not len(rows) else np.square(self._grown(rows)[2]).sum(axis=0)
        return np.maximum(self._variance - gone, 0)

    def covariance(self, rows: IntArray) -> FloatArray:
        """(m, m) of the function at some rows."""
        v = self._v[:, rows]
        return _sum(term.among(rows) for term in self._kernel) - v.T @ v

    def _grown(self, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What L and V get for further rows: (n, m) and (m, m) of L, and (m, U) of V."""
        from scipy.linalg import solve_triangular

        along = self._v[:, rows]
        rest = _sum(term.across(rows) for term in self._kernel)
        rest -= along.T @ self._v
        inner = rest[:, rows]
        inner[np.arange(len(rows)), np.arange(len(rows))] += self._noise
        factor = np.linalg.cholesky(inner)
        return along, factor, solve_triangular(factor, rest, lower=True, check_finite=False, overwrite_b=True)


def _sum(arrays: Iterable[FloatArray]) -> FloatArray:
    """The sum of at least one array, in the memory of the first."""
    return functools.reduce(operator.iadd, arrays)
