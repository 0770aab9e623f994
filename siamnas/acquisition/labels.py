"""Labels as predictors can learn them."""

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.gaussian.scores import shares


def learnable(labels: FloatArray, metric: Metric) -> FloatArray:
    """Labels in (0, 1), which the sigmoid unit of a network can reach; their order stays.

    Accuracies that are known to be fractions are learnt as they are (published). Of any other metric the ranks among
    the values so far are learnt, so that a search depends neither on the unit nor on a few wild values.

    Args:
        labels: (R, n), higher is better; NaN where an evaluation failed.
        metric: of the labels.

    Returns:
        (R, n), NaN where they are NaN; of n told values the one of rank i (1 the worst, equal ones share their mean)
        becomes (i - 1/2) / n.
    """
    if metric.unit == PERCENT:
        return labels
    return shares(labels)
