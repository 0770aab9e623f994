"""A Gaussian process on a part of a space, in single precision, for `prototype.py`."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from tuning_tasks import COUNTS, Tables

from siamnas.graphs import features
from siamnas.graphs.arrays import unique_rows
from siamnas.predictors.gaussian.kernel import matern, scaled
from siamnas.predictors.gp import LOCAL
from siamnas.seeding import random_orders

SETS = ("graph", "paths", "onehot")
START, BUDGET = 3, max(COUNTS)
Values = NDArray[np.float64]
Single = NDArray[np.float32]
Rows = NDArray[np.int64]


class Part:
    """The features of a part of a space: U different rows, and the covariances that recipes share."""

    def __init__(self, tables: Tables, kept: Rows, seed: int) -> None:
        table = features.build(tables.part(kept), SETS)
        self.rows, self.kind = unique_rows(table.values)
        self.order = random_orders(range(seed, seed + 1), len(kept))[0]
        count = int(table.groups.max()) + 1
        local = np.array([name in LOCAL for name in table.sets])
        self.all = scaled(self.rows, table.groups, np.full(count, 1 / count))
        self.local = self.rows[:, local] / np.sqrt(local.sum())
        self.norms, self.local_norms = np.square(self.all).sum(axis=1), np.square(self.local).sum(axis=1)
        self.parts: dict[int, Single] = {}
        self.covariances: dict[tuple[tuple[float, ...], int], Single] = {}

    def products(self, row: int) -> Single:
        """(3, U) of one row with all: squared distance, product, squared distance of the one-hot features."""
        if row not in self.parts:
            product, local = self.all @ self.all[row], self.local @ self.local[row]
            squared = np.maximum(self.norms + self.norms[row] - 2 * product, 0)
            own = np.maximum(self.local_norms + self.local_norms[row] - 2 * local, 0)
            self.parts[row] = np.stack([squared, product, own]).astype(np.float32)
        return self.parts[row]

    def covariance(self, row: int, hyper: tuple[float, ...]) -> Single:
        """(U,) of one row with all; `hyper`: variances, logarithm of the weight, length scale of the residual."""
        if (hyper, row) not in self.covariances:
            smooth, linear, residual, weight, scale = hyper
            squared, product, own = self.products(row)
            made = smooth * matern(np.exp(weight) * squared) + linear * product
            self.covariances[hyper, row] = (made + residual * matern(own / scale**2)).astype(np.float32)
        return self.covariances[hyper, row]

    def start(self) -> list[int]:
        """The maximin design of `siamnas.acquisition.initial_design`."""
        picked, nearest = [int(self.order[0])], np.full(len(self.rows), np.inf)
        while len(picked) < START:
            nearest = np.minimum(nearest, np.square(self.rows - self.rows[self.kind[picked[-1]]]).sum(axis=1))
            line = self.order[~np.isin(self.order, picked)]
            picked.append(int(line[nearest[self.kind[line]].argmax()]))
        return picked


class Process:
    """A Gaussian process that grows by one target after the other, see `siamnas.predictors.gaussian.posterior`."""

    def __init__(
        self,
        part: Part,
        smooth: float = 1.0,
        linear: float = 0.5,
        residual: float = 0.3,
        weight: float = -1.3,
        scale: float = 0.6,
        noise: float = 0.1,
    ) -> None:
        self.part, self.hyper, self.noise = part, (smooth, linear, residual, weight, scale), noise
        self.prior = smooth + linear * part.norms + residual
        self.variance, self.rows = self.prior.copy(), list[int]()
        self._factor = np.zeros((BUDGET, BUDGET))
        self._k, self._v = (np.empty((BUDGET, len(part.rows)), np.float32) for _ in range(2))

    @property
    def factor(self) -> Values:
        """(n, n) of Cholesky."""
        return self._factor[: len(self.rows), : len(self.rows)]

    def add(self, row: int) -> None:
        """One more target."""
        n = len(self.rows)
        self._k[n] = self.part.covariance(row, self.hyper)
        along = self._v[:n, row]
        pivot = np.sqrt(max(float(self._k[n, row]) - float(along @ along), 0) + self.noise)
        self._factor[n, :n], self._factor[n, n] = along, pivot
        self._v[n] = (self._k[n] - along @ self._v[:n]) / np.float32(pivot)
        self.variance -= np.square(self._v[n])
        self.rows.append(row)

    def covariances(self) -> Values:
        """(n, n) of the function at the targets."""
        found = self._k[: len(self.rows), self.rows].astype(np.float64)
        return (found + found.T) / 2

    def set_noise(self, noise: float) -> None:
        """Go on with another variance of the targets."""
        n = len(self.rows)
        self.noise = noise
        self._factor[:n, :n] = np.linalg.cholesky(self.covariances() + noise * np.eye(n))
        self._v[:n] = solve_triangular(self.factor, np.eye(n), lower=True).astype(np.float32) @ self._k[:n]
        self.variance = self.prior - np.square(self._v[:n]).sum(axis=0)

    def solved(self, y: Values) -> Values:
        """(n,) L^-1 y."""
        return np.asarray(solve_triangular(self.factor, y, lower=True))

    def mean(self, y: Values) -> Single:
        """(U,) the posterior mean."""
        return self.solved(y).astype(np.float32) @ self._v[: len(self.rows)]

    def spread(self) -> Values:
        """(U,) the posterior standard deviation."""
        return np.sqrt(np.maximum(self.variance, 1e-10))

    def evidence(self, y: Values) -> float:
        """Logarithm of the density of the targets, up to a constant."""
        solved = self.solved(y)
        return float(-(solved @ solved) / 2 - np.log(self.factor.diagonal()).sum())

    def left_out(self, y: Values) -> Values:
        """(n,) standard scores of the targets, each predicted from all others."""
        inverse = solve_triangular(self.factor, np.eye(len(y)), lower=True)
        return np.asarray((inverse @ y) @ inverse / np.sqrt(np.square(inverse).sum(axis=0)))
