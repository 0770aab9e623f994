"""Random search: the baseline below which no method may fall."""

import numpy as np

from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray

FIRST = 2.0  # above every random score, which are in [0, 1)


class Random(Predictor):
    """A random order of the space, made comparable to the others at the same N + K.

    A search that pays for N + K labels at random holds the best of N + K random cells. Therefore `fit` labels N random
    cells (the stream "pool", from which other predictors draw theirs too), and the ranking is: the best of these, then
    all other cells in random order, then the rest of the pool. Under `search.pool=keep` and `start` the curve at K is
    thus the best of N + K - 1 random cells for N + K - 1 queries (its first evaluation repeats one that was paid for),
    under `exclude` the best of K new cells for N + K queries, as for every method.
    """

    parallel = False
    _score: FloatArray | None = None

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Label n random cells and draw the order of the others."""
        oracle.fill(n, streams(self.identities, "pool"))
        cells = len(self.space)
        score = np.stack([rng.permutation(cells) / cells for rng in streams(self.identities, "random")])
        if oracle.pool.shape[1]:
            best = self.space.label[oracle.pool].argmax(axis=1)
            rows = np.arange(len(score))
            score[rows[:, None], oracle.pool] -= 1.0
            score[rows, oracle.pool[rows, best]] = FIRST
        self._score = score
        report(1.0)
        return FitLog()

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) random scores, drawn by `fit`."""
        if self._score is None:
            raise RuntimeError("fit comes before score")
        return self._score[:, cells]
