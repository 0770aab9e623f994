"""What is told of architectures, as predictors can learn it."""

import numpy as np

from siamnas.metric import PERCENT, Metric
from siamnas.spaces.space import FloatArray


def learnable(labels: FloatArray, metric: Metric) -> FloatArray:
    """Labels in (0, 1), which the sigmoid unit of a network can reach; their order stays.

    Accuracies that are known to be fractions are learnt as they are (published). Any other metric is put on the scale
    of its own values so far, so that a search depends neither on the unit nor on a few wild values: the middle one
    becomes 1/2, and a sigmoid of the distance to it, in halves of the interquartile range, does the rest.

    Args:
        labels: (R, n), higher is better; NaN where an evaluation failed.
        metric: of the labels.

    Returns:
        (R, n), NaN where they are NaN.
    """
    if metric.unit == PERCENT:
        return labels
    scaled = np.full(labels.shape, np.nan)
    for row, out in zip(labels, scaled, strict=True):
        told = ~np.isnan(row)
        if told.any():
            out[told] = _squashed(row[told])
    return scaled


def _squashed(values: FloatArray) -> FloatArray:
    """(n,) finite values as numbers in (0, 1)."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    width = (high - low) / 2 or np.ptp(values) / 2 or 1.0  # most values may be equal, or all of them
    distance = (values - middle) / width
    # As steep in the middle as the logistic function, which is exactly 1 for all that is 40 widths away or more.
    return 0.5 + 0.5 * distance / (2 + np.abs(distance))
