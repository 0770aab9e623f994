"""What one Gaussian process knows of all architectures: it grows with the evaluations."""

import functools
import operator
from collections.abc import Iterable, Sequence

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.gaussian.kernel import Term

BLOCK = 512  # targets that are added at once
LEFT_OUT = 512  # targets that are predicted from each other, at most: the time grows with the cube
EXACT = 1024  # targets up to which V is kept in double precision; with more, noise is far larger than what single loses


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
        # Their first n rows are L and V: to copy these at every addition would cost as much as all the rest.
        self._factors: FloatArray = np.empty((0, 0))
        self._variance = _sum(term.diagonal() for term in kernel)
        self._vs: FloatArray = np.empty((0, len(self._variance)))

    @property
    def _v(self) -> FloatArray:
        """(n, U) V."""
        return self._vs[: len(self._rows)]

    def add(self, rows: IntArray) -> None:
        """Targets of rows (m,) will be known; a row may be there several times."""
        for begin in range(0, len(rows), BLOCK):
            self._add(rows[begin : begin + BLOCK])

    def _add(self, rows: IntArray) -> None:
        """See `add`."""
        along, factor, v = self._grown(rows)
        n, m = along.shape
        self._reserve(n + m)
        self._factors[n : n + m, :n], self._factors[n : n + m, n : n + m] = along.T, factor
        self._vs[n : n + m] = v
        self._rows = np.append(self._rows, rows)
        self._variance = self._variance - np.square(v).sum(axis=0)

    def _reserve(self, count: int) -> None:
        """Make room for so many targets."""
        n, room = len(self._rows), max(2 * len(self._rows), count)
        if count > len(self._factors):
            self._factors = _beginning(self._factors[:n, :n], np.empty((room, room)))
        if count > len(self._vs):
            kind = np.float64 if room <= EXACT else np.float32
            self._vs = _beginning(self._v, np.empty((room, self._vs.shape[1]), kind))

    def move(self, kernel: Sequence[Term]) -> None:
        """Go on with other rows of features; those with targets are the same, and have the same numbers."""
        self._kernel = kernel
        self._vs = self._solved(_sum(term.across(self._rows) for term in kernel))
        self._variance = _sum(term.diagonal() for term in kernel) - np.square(self._v).sum(axis=0)

    def mean(self, y: FloatArray) -> FloatArray:
        """(U,) from the targets (n,) of the rows, in the order in which these came."""
        solved = self._solved(y).astype(self._vs.dtype, copy=False)
        return solved @ self._v

    def evidence(self, y: FloatArray) -> float:
        """Logarithm of the density of the targets (n,), up to a constant of n (log marginal likelihood)."""
        n, solved = len(self._rows), self._solved(y)
        return float(-(solved @ solved) / 2 - np.log(np.diagonal(self._factors[:n, :n])).sum())

    def left_out(self, y: FloatArray) -> FloatArray:
        """(n,) how far each target of (n,) is off, predicted from all others, in its standard deviations.

        Leave one out in closed form (Rasmussen and Williams 2006, section 5.4.2); of the first `LEFT_OUT` targets.
        """
        from scipy.linalg.lapack import dtrtri

        n = min(len(y), LEFT_OUT)
        if not n:
            return y
        inverse = np.tril(dtrtri(self._factors[:n, :n], lower=1)[0])  # above the diagonal nothing was ever written
        found: FloatArray = (inverse @ y[:n]) @ inverse / np.sqrt(np.square(inverse).sum(axis=0))
        return found

    def variance(self, rows: IntArray | None = None) -> FloatArray:
        """(U,) of the function, without the noise; with `rows` (m,), when their targets will be known, too."""
        gone = 0.0 if rows is None or not len(rows) else np.square(self._grown(rows)[2]).sum(axis=0)
        return np.maximum(self._variance - gone, 0)

    def covariance(self, rows: IntArray) -> FloatArray:
        """(m, m) of the function at some rows."""
        v = self._v[:, rows]
        return _sum(term.among(rows) for term in self._kernel) - v.T @ v

    def _solved(self, y: FloatArray) -> FloatArray:
        """L^-1 y of targets (n,) or columns of them (n, U)."""
        from scipy.linalg.lapack import dtrtrs  # takes a while to import, and not every search needs it

        if not len(y):
            return y
        # As `solve_triangular`, which would copy an L that is a part of its buffer.
        solved: FloatArray = dtrtrs(self._factors[: len(y)].T, y, lower=0, trans=1)[0]
        return solved

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


def mean_of(kernel: Sequence[Term], noise: float, y: FloatArray) -> FloatArray:
    """(U,) the posterior mean at the rows after the first n, from the targets (n,) of these; nothing of it is kept."""
    from scipy.linalg import cho_factor, cho_solve

    rows = np.arange(len(y))
    inner = _sum(term.among(rows) for term in kernel)
    inner[rows, rows] += noise
    weights = cho_solve(cho_factor(inner, overwrite_a=True, check_finite=False), y, check_finite=False)
    blocks = [rows[begin : begin + BLOCK] for begin in range(0, len(rows), BLOCK)]
    return _sum(weights[block] @ _sum(term.across(block) for term in kernel) for block in blocks)[len(y) :]


def _sum(arrays: Iterable[FloatArray]) -> FloatArray:
    """The sum of at least one array, in the memory of the first."""
    return functools.reduce(operator.iadd, arrays)


def _beginning(array: FloatArray, larger: FloatArray) -> FloatArray:
    """A larger array that begins with another one."""
    larger[: array.shape[0], : array.shape[1]] = array
    return larger
