"""Expected improvement."""

import numpy as np

from siamnas import targets
from siamnas.acquire.one_by_one import OneByOne
from siamnas.acquire.rounds import Fields
from siamnas.acquire.state import State
from siamnas.spaces.space import FloatArray

ROOT = np.sqrt(2 * np.pi)
SURE = 1e-9  # least spread, as a share of the range of the scores


@targets.checked_by(Fields)
class ExpectedImprovement(OneByOne):
    """The largest expected improvement on the best of the pool, if predictions are normal (Jones et al. 1998).

    The best is that of the predictor's scores, which have less noise than the labels, and the unit of what is compared.
    """

    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """Its logarithm, which does not vanish where an improvement is unlikely; see `OneByOne`."""
        from scipy.special import ndtr  # scipy takes a while to import, and not every search needs it

        spread = np.maximum(spread, SURE * np.ptp(score, axis=1, keepdims=True) + np.finfo(np.float64).tiny)
        best = np.take_along_axis(score, state.archs, axis=1).max(axis=1, keepdims=True)
        z = (score - best) / spread
        far = z < -6  # there phi(z) + z Phi(z) is a difference of nearly equal numbers; it tends to phi(z) / z^2
        near = np.where(far, 0, z)
        inner = np.log(np.exp(-near * near / 2) / ROOT + near * ndtr(near))
        tail = -z * z / 2 - np.log(ROOT) - 2 * np.log(np.abs(np.where(far, z, 1)))
        return np.log(spread) + np.where(far, tail, inner)
