"""Which of the evaluated architectures to evaluate once more, where evaluations are noisy."""

import numpy as np

from siamnas.acquisition.improvement import log_expected
from siamnas.graphs.arrays import FloatArray

EVERY = 3  # one of so many evaluations is a further one of an architecture
FIRST = 10  # evaluations before the first of them


def is_due(count: int) -> bool:
    """Whether the evaluation after `count` others is a further one of an architecture."""
    return count >= FIRST and count % EVERY == 0


def worth(score: FloatArray, spread: FloatArray, noise: float) -> FloatArray:
    """(m,) Logarithm of what a further evaluation of each is expected to gain.

    It moves the score by a normal error, whose deviation is that by which the spread will have shrunk. What is handed
    over gains where another one then has the largest score: the best one falls below the second, or another rises above
    the best (the knowledge gradient for independent beliefs; Frazier, Powell and Dayanik 2008, SIAM J. Control Optim.).

    Args:
        score: (m,) of m evaluated architectures.
        spread: (m,) of them.
        noise: variance of the noise of an evaluation.
    """
    if len(score) < 2:
        return np.zeros(len(score))
    second, best = np.argsort(score)[-2:]
    others = np.full(len(score), score[best])
    others[best] = score[second]
    variance = np.maximum(np.square(spread), np.finfo(np.float64).tiny)
    return log_expected(-np.abs(score - others), variance / np.sqrt(variance + noise), 0.0)
