"""Which hyperparameters are likely: the maximum of the posterior density (MAP), for R Gaussian processes at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from siamnas.config.validate import Condition
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.gaussian.kernel import Scales, matern, slope

RATE, DECAY, DECAY_SQUARES = 0.1, 0.9, 0.99  # of Adam
TINY = 1e-8

Pair = Annotated[
    Sequence[float], Condition("a mean and a standard deviation above 0", lambda v: len(v) == 2 and v[1] > 0)
]


@dataclass(frozen=True)
class Prior:
    """Independent normal distributions of the logarithms of the hyperparameters.

    Attributes:
        scale: mean and standard deviation for a length scale.
        variance: for the variance of the function.
        noise: for that of the noise.
    """

    scale: Pair
    variance: Pair
    noise: Pair

    def moments(self, groups: int) -> tuple[FloatArray, FloatArray]:
        """(G + 2,) mean and standard deviation of the parameters, see `density`."""
        # In many dimensions distances are larger, so that the scales have to be (Hvarfner et al. 2024).
        scale = self.scale[0] + np.log(max(groups, 1)) / 2
        mean = [*[-2 * scale] * groups, self.variance[0], self.noise[0]]
        return np.array(mean), np.array([*[2 * self.scale[1]] * groups, self.variance[1], self.noise[1]])


def density(
    parameters: FloatArray,
    distances: FloatArray,
    y: FloatArray,
    known: NDArray[np.bool_],
    prior: Prior,
    fixed: FloatArray | float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Logarithm of the posterior density of hyperparameters, up to a constant, and its gradient.

    Args:
        parameters: (R, G + 2) logarithms of the weights of the groups (inverse squares of the length scales), of the
            variance and of the noise.
        distances: (R, G, n, n), see `group_distances`.
        y: (R, n) targets.
        known: (R, n) False where there is no target.
        prior: of the hyperparameters.
        fixed: (R, n, n) covariances that do not depend on the parameters.

    Returns:
        (R,) and (R, G + 2).
    """
    repeats, groups, n = distances.shape[:3]
    weights, variance, noise = np.exp(parameters[:, :groups]), np.exp(parameters[:, -2]), np.exp(parameters[:, -1])
    # Stacks of matrices are multiplied one by one, so that no repeat depends on how many there are.
    flat = distances.reshape(repeats, groups, n * n)
    squared = np.matmul(weights[:, None], flat).reshape(repeats, n, n)
    pairs = known[:, :, None] & known[:, None]
    correlation = np.where(pairs, matern(squared), 0)
    diagonal = np.where(known, noise[:, None], 1)
    covariance = variance[:, None, None] * correlation + np.where(pairs, fixed, 0)
    covariance[:, np.arange(n), np.arange(n)] += diagonal
    y = np.where(known, y, 0)
    inverse = np.linalg.inv(covariance)
    logdet = np.linalg.slogdet(covariance)[1]
    alpha = np.matmul(inverse, y[:, :, None])[:, :, 0]
    mean, deviation = prior.moments(groups)
    off = (parameters - mean) / deviation
    value = -((y * alpha).sum(axis=1) + logdet + np.square(off).sum(axis=1)) / 2
    pull = alpha[:, :, None] * alpha[:, None] - inverse  # twice the derivative by the covariance
    by_squared = np.where(pairs, pull * slope(squared) * variance[:, None, None], 0)
    by_weights = np.matmul(flat, by_squared.reshape(repeats, n * n, 1))[:, :, 0] * weights
    by_variance = (pull * correlation).sum(axis=(1, 2)) * variance
    by_noise = (np.diagonal(pull, axis1=1, axis2=2) * known).sum(axis=1) * noise
    gradient = np.concatenate([by_weights, by_variance[:, None], by_noise[:, None]], axis=1) / 2
    return value, gradient - off / deviation


def start(repeats: int, groups: int, prior: Prior) -> FloatArray:
    """(R, G + 2) the parameters that the prior expects."""
    return np.tile(prior.moments(groups)[0], (repeats, 1))


def fit(
    parameters: FloatArray,
    distances: FloatArray,
    y: FloatArray,
    known: NDArray[np.bool_],
    prior: Prior,
    steps: int,
    fixed: FloatArray | float = 0.0,
) -> FloatArray:
    """The parameters after some steps of Adam uphill from `parameters`; arguments as for `density`."""
    parameters = parameters.copy()
    momentum, squares = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, steps + 1):
        _, gradient = density(parameters, distances, y, known, prior, fixed)
        momentum = DECAY * momentum + (1 - DECAY) * gradient
        squares = DECAY_SQUARES * squares + (1 - DECAY_SQUARES) * gradient * gradient
        size = np.sqrt(squares / (1 - DECAY_SQUARES**step)) + TINY
        parameters += RATE * momentum / (1 - DECAY**step) / size
    return parameters


def scales(parameters: FloatArray) -> Scales:
    """Parameters (R, G + 2) as hyperparameters."""
    return Scales(np.exp(parameters[:, :-2]), np.exp(parameters[:, -2]), np.exp(parameters[:, -1]))
