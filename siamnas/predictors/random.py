"""Random search: the baseline below which no method may fall."""

import numpy as np

from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from siamnas.spaces.pool import Pool
from siamnas.spaces.space import FloatArray, IntArray

FIRST = 2.0  # above every random score, which are in [0, 1)


class Random(Predictor):
    """A random order of the space, made comparable to the others at the same N + K.

    A search that pays for N + K labels at random holds the best of N + K random architectures. Therefore the ranking
    is: the best of the pool, then all other architectures in random order, then the rest of the pool. Under
    `search.pool=keep` and `start` the curve at K is thus the best of N + K - 1 random ones for N + K - 1 queries (its
    first evaluation repeats one that was paid for), under `exclude` the best of K new ones for N + K queries, as for
    every method.
    """

    parallel = False
    _score: FloatArray | None = None

    def fit(self, pool: Pool, labels: FloatArray) -> None:
        """Draw the order of the architectures outside the pool."""
        archs = len(self.space)
        score = np.stack([rng.permutation(archs) / archs for rng in streams(self.identities, "random")])
        rows = np.arange(len(score))
        # Behind all others, which have at least 0.
        score[rows[:, None], pool.archs] -= 1.0
        best = np.nan_to_num(labels, nan=-np.inf).argmax(axis=1)
        score[rows, pool.archs[rows, best]] = FIRST
        self._score = score

    def score(self, archs: IntArray) -> FloatArray:
        """(R, m) random scores, drawn by `fit`."""
        if self._score is None:
            raise RuntimeError("fit comes before score")
        return np.take_along_axis(self._score, self.rows(archs), axis=1)
