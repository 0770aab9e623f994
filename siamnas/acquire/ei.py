"""Expected improvement."""

import numpy as np

from siamnas import targets
from siamnas.acquire.improvement import log_expected, positive
from siamnas.acquire.one_by_one import OneByOne
from siamnas.acquire.rounds import Fields
from siamnas.acquire.state import State
from siamnas.spaces.space import FloatArray


@targets.checked_by(Fields)
class ExpectedImprovement(OneByOne):
    """The largest expected improvement on the best of the pool, if predictions are normal (Jones et al. 1998).

    The best is that of the predictor's scores, which have less noise than the labels, and the unit of what is compared.
    What has failed is not among it, whatever the predictor thinks of it.
    """

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """Its logarithm, which does not vanish where an improvement is unlikely; see `OneByOne`."""
        pool = np.take_along_axis(score, state.archs, axis=1)
        best = np.where(np.isnan(state.labels), -np.inf, pool).max(axis=1, keepdims=True)
        return log_expected(score, positive(spread, score), best)
