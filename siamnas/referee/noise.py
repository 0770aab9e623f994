"""Labels whose noise is drawn anew for every seed: repeats that see one measurement are one experiment, not many."""

import numpy as np

from siamnas.graphs.arrays import FloatArray

BLOCK = 300  # architectures of about the same quality


def drawn_anew(label: FloatArray, report: FloatArray, rng: np.random.Generator) -> FloatArray:
    """(M,) labels with the noise of the real ones, which other architectures of about the same quality have had.

    In blocks of `BLOCK` architectures that are next to each other by the reported value, the label is regressed on that
    value by a line, and its residuals are permuted.

    Args:
        label: (M,) as they were measured.
        report: (M,) what they are a noisy measurement of.
        rng: of the seed.
    """
    order = np.argsort(report, kind="stable")
    drawn = np.empty(len(label))
    for block in np.array_split(order, max(len(order) // BLOCK, 1)):
        x, y = report[block] - report[block].mean(), label[block]
        line = y.mean() + x * (x @ y / ((x @ x) or 1.0))
        drawn[block] = line + rng.permutation(y - line)
    return drawn
