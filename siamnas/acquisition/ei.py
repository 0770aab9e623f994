"""Expected improvement."""

import numpy as np

from siamnas.acquisition.greedy_batch import GreedyBatch
from siamnas.acquisition.improvement import log_expected, positive
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray


class ExpectedImprovement(GreedyBatch):
    """The largest expected improvement on the best of the training set, if predictions are normal (Jones et al. 1998).

    The best is that of the predictor's scores, which have less noise than the labels, and the unit of what is compared.
    A failed evaluation is never the best, whatever its score. Where some have failed, it is weighed with the
    probability that an evaluation does not, see `siamnas.acquisition.success`.
    """

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """Its logarithm, which does not vanish where an improvement is unlikely; see `GreedyBatch`."""
        known = np.take_along_axis(score, state.archs, axis=1)
        best = np.where(np.isnan(state.labels), -np.inf, known).max(axis=1, keepdims=True)
        return log_expected(score, positive(spread, score), best) + state.log_success
