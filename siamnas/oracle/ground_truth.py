"""How good a search was, by the true values of the whole space, which no search ever sees."""

from typing import Protocol

import numpy as np

from siamnas.candidates import window
from siamnas.graphs.arrays import FloatArray, IntArray, mean_ranks
from siamnas.oracle.base import Oracle
from siamnas.oracle.domain import DomainOracle
from siamnas.oracle.noisy import SingleRun
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark


class Truth(Protocol):
    """Knows the true values of architectures."""

    def reported(self, archs: IntArray) -> FloatArray:
        """float64 reported values of architectures, of the same shape."""

    def seconds(self, archs: IntArray) -> FloatArray:
        """Training time of architectures, of the same shape; 0 where it is not known."""

    def column(self, name: str, archs: IntArray) -> FloatArray:
        """A free column of architectures, of the same shape."""

    def correlations(self, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Spearman's rho and Kendall's tau-b, each (R,), of the rankings that searches end with."""


def truth(benchmark: Benchmark | DomainBenchmark, oracle: Oracle) -> Truth:
    """What knows the true values of a benchmark.

    Args:
        benchmark: that was searched.
        oracle: that has answered.
    """
    if isinstance(benchmark, Benchmark):
        return SingleRunTruth(benchmark, oracle) if isinstance(oracle, SingleRun) else GroundTruth(benchmark)
    assert isinstance(oracle, DomainOracle)
    return DomainTruth(benchmark, oracle)


class GroundTruth:
    """Knows the true values of a benchmark.

    Args:
        benchmark: the space with its measurements.
    """

    def __init__(self, benchmark: Benchmark) -> None:
        self._measured, self._columns = benchmark.measured, benchmark.space.columns

    def reported(self, archs: IntArray) -> FloatArray:
        """float64 reported values of architectures, of the same shape."""
        return self._measured.report[archs].astype(np.float64)

    def seconds(self, archs: IntArray) -> FloatArray:
        """Training time of architectures, of the same shape; 0 where it is not known."""
        return np.nan_to_num(self._measured.train_seconds)[archs]

    def column(self, name: str, archs: IntArray) -> FloatArray:
        """A free column of architectures, of the same shape."""
        return self._columns[name][archs]

    def correlations(self, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Spearman's rho and Kendall's tau-b of rankings of the whole space with the labels, higher is better.

        Args:
            order: (R, M) all architectures, best first.

        Returns:
            rho and tau, each (R,); NaN where all labels are equal.
        """
        return correlations(order, self._measured.metric.sign * self._measured.label)


class SingleRunTruth(GroundTruth):
    """Knows the training runs that each repeat has drawn, which are all that is true in it.

    Args:
        benchmark: the space with its measurements.
        oracle: that has drawn them.
    """

    def __init__(self, benchmark: Benchmark, oracle: SingleRun) -> None:
        super().__init__(benchmark)
        self._labels = oracle.labels

    def reported(self, archs: IntArray) -> FloatArray:
        """float64 values of architectures (R, m), of the same shape."""
        return np.take_along_axis(self._labels, archs, axis=1)

    def correlations(self, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """See `GroundTruth`, with the labels of each repeat."""
        labels = self._measured.metric.sign * self._labels
        rows = [correlations(row[None], own) for row, own in zip(order, labels, strict=True)]
        rho, tau = np.concatenate(rows, axis=1)
        return rho, tau


class DomainTruth:
    """Knows what was found of architectures without a list, by the numbers of their oracle.

    Args:
        benchmark: the space, and what answers.
        oracle: that has answered.
    """

    def __init__(self, benchmark: DomainBenchmark, oracle: DomainOracle) -> None:
        self._benchmark, self._oracle = benchmark, oracle

    def reported(self, archs: IntArray) -> FloatArray:
        """Values of architectures, of the same shape."""
        return self._oracle.values(archs)

    def seconds(self, archs: IntArray) -> FloatArray:
        """Training time of architectures, of the same shape; 0 where it is not known."""
        return np.nan_to_num(self._oracle.seconds(archs))

    def column(self, name: str, archs: IntArray) -> FloatArray:
        """A free column of architectures, of the same shape."""
        return self._oracle.seen.column(name)[archs]

    def correlations(self, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Those of rankings (R, m) of the `siamnas.candidates.window.reference` with what the surrogate says of it.

        NaN without a surrogate, or without rankings.
        """
        surrogate = self._benchmark.surrogate
        if surrogate is None or not order.shape[1]:
            return np.full(len(order), np.nan), np.full(len(order), np.nan)
        label = surrogate.labels(window.reference(self._benchmark.domain).rows)
        return correlations(order, surrogate.metric.sign * label)


def correlations(order: IntArray, label: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Spearman's rho and Kendall's tau-b between rankings of the whole space and the true labels.

    Args:
        order: (R, M) all architectures, best first.
        label: (M,) true labels, higher is better; equal labels get their mean rank.

    Returns:
        rho and tau, each (R,); NaN where all labels are equal, or not all are known.
    """
    repeats, archs = order.shape
    if archs < 2 or np.isnan(label).any() or label.min() == label.max():
        return np.full(repeats, np.nan), np.full(repeats, np.nan)
    true = mean_ranks(label)
    true -= true.mean()
    score = np.empty((repeats, archs))  # a rank without ties: the first architecture of the order scores highest
    np.put_along_axis(score, order, np.arange(archs, 0, -1.0)[None, :], axis=1)
    # Spearman is the correlation of ranks. Row by row: a product of matrices rounds differently for another R.
    centred = score - score.mean()
    rho = (centred * true).sum(axis=1) / np.sqrt((true * true).sum() * (centred * centred).sum(axis=1))
    return rho, kendall(order[:, ::-1], label)


def kendall(order: IntArray, label: FloatArray) -> FloatArray:
    """(R,) Kendall's tau-b between rankings without ties and the labels, which are not all equal.

    The same as `scipy.stats.kendalltau`, whose import takes half a second.

    Args:
        order: (R, M) all architectures, worst first.
        label: (M,) true labels, higher is better.
    """
    ranks, counts = np.unique(label, return_inverse=True, return_counts=True)[1:]
    pairs = len(label) * (len(label) - 1) // 2
    tied = int((counts * (counts - 1) // 2).sum())
    swapped = np.array([inversions(ranks[row]) for row in order])
    # In this order: another one rounds differently.
    return np.clip((pairs - tied - 2 * swapped) / np.sqrt(pairs) / np.sqrt(pairs - tied), -1, 1)


def inversions(ranks: IntArray) -> int:
    """How many pairs of (M,) integers from 0 have the larger one first."""
    count, ranks = 0, ranks.astype(np.uint16 if ranks.max(initial=0) < 1 << 16 else np.int64)  # short ones sort faster
    for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
        # Of a pair, the highest bit that differs decides; numbers that are equal above this bit lie side by side.
        above, ones = ranks >> (bit + 1), ranks >> bit & 1
        begins = np.flatnonzero(np.append(True, above[1:] != above[:-1]))
        before = np.cumsum(ones, dtype=np.int64) - ones
        before -= np.repeat(before[begins], np.diff(np.append(begins, len(ranks))))
        count += int(before[ones == 0].sum())
        ranks = ranks[np.argsort(ranks >> bit, kind="stable")]
    return count
