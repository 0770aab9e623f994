"""A result as a picture: the best so far of its repeats."""

from typing import TYPE_CHECKING

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.runtime.drawing import INK, MUTED, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siamnas.jobs.store import Result

COLOUR = "#0072b2"
LEVEL = 0.95  # of the interval of the mean
STEEP = 0.08  # of the evaluations, the first, whose mean may leave the frame


def plot(result: "Result", ax: "Axes | None" = None) -> "Axes":
    """Draw the best so far against the evaluations: each repeat, their mean, and the 95 % interval of the mean.

    Args:
        result: of a job.
        ax: of matplotlib; new ones if None.

    Returns:
        The axes; the optimum of the space is a line where it is known.
    """
    from matplotlib import pyplot as plt
    from scipy import stats

    metric = Metric.of(result.meta)
    best = metric.scale * result.arrays["best"]  # (R, evaluations)
    x, mean = np.arange(1, best.shape[1] + 1), best.mean(axis=0)
    with styled():
        ax = plt.subplots(figsize=(6, 3.6), layout="constrained")[1] if ax is None else ax
        ax.step(x, best.T, where="post", color=MUTED, alpha=0.25, linewidth=0.6)
        ax.step(x, mean, where="post", color=COLOUR, label=f"mean of {len(best)}")
        if len(best) > 1:
            reach = stats.t.ppf((1 + LEVEL) / 2, len(best) - 1) * best.std(axis=0, ddof=1) / np.sqrt(len(best))
            ax.fill_between(x, mean - reach, mean + reach, step="post", color=COLOUR, alpha=0.2, linewidth=0)
        optimum = result.meta.get("optimum")
        if optimum is not None and np.isfinite(optimum):
            ax.axhline(metric.scale * optimum, color=INK, linewidth=0.9, label="optimum of the space")
        worst = np.percentile(metric.sign * mean, 100 * STEEP, method="higher") * metric.sign
        ax.set_ylim(**{"bottom" if metric.maximise else "top": worst})
        unit = f", {metric.unit}" if metric.unit else ""
        ax.set(xlabel="evaluations", ylabel=f"best {metric.noun}{unit}")
        ax.legend(loc="lower right" if metric.maximise else "upper right")
    return ax
