"""How good a search was, by the true values of the whole space, which no search ever sees."""

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.spaces.benchmark import Benchmark


class GroundTruth:
    """Knows the true values of a benchmark.

    Args:
        benchmark: the space with its measurements.
    """

    def __init__(self, benchmark: Benchmark) -> None:
        self._measured = benchmark.measured

    def reported(self, archs: IntArray) -> FloatArray:
        """float64 reported values of architectures, of the same shape."""
        return self._measured.report[archs].astype(np.float64)

    def seconds(self, archs: IntArray) -> FloatArray:
        """Training time of architectures, of the same shape; 0 where it is not known."""
        return np.nan_to_num(self._measured.train_seconds)[archs]

    def correlations(self, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Spearman's rho and Kendall's tau-b of rankings of the whole space with the labels, higher is better.

        Args:
            order: (R, M) all architectures, best first.

        Returns:
            rho and tau, each (R,); NaN where all labels are equal.
        """
        return correlations(order, self._measured.metric.sign * self._measured.label)


def correlations(order: IntArray, label: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Spearman's rho and Kendall's tau-b between rankings of the whole space and the true labels.

    Args:
        order: (R, M) all architectures, best first.
        label: (M,) true labels, higher is better; equal labels get their mean rank.

    Returns:
        rho and tau, each (R,); NaN where all labels are equal, or not all are known.
    """
    from scipy import stats  # takes half a second to import, and `siamnas --help` should not wait for it

    repeats, archs = order.shape
    if archs < 2 or np.isnan(label).any() or label.min() == label.max():
        return np.full(repeats, np.nan), np.full(repeats, np.nan)
    true = stats.rankdata(label)
    true -= true.mean()
    score = np.empty((repeats, archs))  # a rank without ties: the first architecture of the order scores highest
    np.put_along_axis(score, order, np.arange(archs, 0, -1.0)[None, :], axis=1)
    # Spearman is the correlation of ranks. Row by row: a product of matrices rounds differently for another R.
    centred = score - score.mean()
    rho = (centred * true).sum(axis=1) / np.sqrt((true * true).sum() * (centred * centred).sum(axis=1))
    tau = np.array([stats.kendalltau(row, label).statistic for row in score])
    return rho, tau
