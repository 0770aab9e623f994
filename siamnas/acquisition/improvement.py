"""Expected improvement of a normal prediction on a level."""

import numpy as np

from siamnas.graphs.arrays import FloatArray

ROOT = np.sqrt(2 * np.pi)
FAR = -6.0  # deviations
SURE = 1e-9  # least spread


def log_expected(score: FloatArray, spread: FloatArray, level: FloatArray | float) -> FloatArray:
    """Log E max(y - level, 0) for y ~ N(score, spread^2); it does not vanish where an improvement is unlikely.

    Args:
        score: of any shape.
        spread: of the same shape, above 0.
        level: that y has to exceed.
    """
    from scipy.special import ndtr  # scipy takes a while to import, and not every search needs it

    z = (score - level) / spread
    far = z < FAR  # there phi(z) + z Phi(z) is a difference of nearly equal numbers; it tends to phi(z) / z^2
    near = np.where(far, 0, z)
    inner = np.log(np.exp(-near * near / 2) / ROOT + near * ndtr(near))
    tail = -z * z / 2 - np.log(ROOT) - 2 * np.log(np.abs(np.where(far, z, 1)))
    return np.log(spread) + np.where(far, tail, inner)


def expected(score: FloatArray, spread: FloatArray, level: float) -> FloatArray:
    """E max(y - level, 0) for y ~ N(score, spread^2), of any shape, spread above 0; 0 far below the level."""
    from scipy.special import ndtr

    z = (score - level) / spread
    return np.maximum(spread * (np.exp(-z * z / 2) / ROOT + z * ndtr(z)), 0.0)


def positive(spread: FloatArray, score: FloatArray) -> FloatArray:
    """(R, M) spread, where it is 0 raised a little: to a tiny fraction of the range of the scores (R, M)."""
    return np.maximum(spread, SURE * np.ptp(score, axis=1, keepdims=True) + np.finfo(np.float64).tiny)
