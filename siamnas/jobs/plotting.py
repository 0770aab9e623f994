"""A result as a picture: the best so far of its repeats, and how well they were predicted."""

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.jobs import predictions
from siamnas.predictors.calibration import Predictions
from siamnas.runtime import arguments
from siamnas.runtime.drawing import INK, MUTED, single, styled
from siamnas.search import predicted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siamnas.jobs.store import Result

Kind = Literal["best", "predicted", "calibration"]
COLOUR = "#0072b2"
LEVEL = 0.95  # of the interval of the mean
STEEP = 0.08  # of the evaluations, the first, whose mean may leave the frame


@styled()
def plot(result: "Result", ax: "Axes | None" = None, kind: Kind = "best") -> "Axes":
    """Draw a result.

    - `best`: the best so far against the evaluations: each repeat, their mean, and the 95 % interval of the mean; the
      optimum of the space is a line where it is known.
    - `predicted`: what the predictor says of each evaluation when it has learnt from all others, against its value, in
      the first repeats. It is fitted again, see `siamnas.jobs.predictions.frame`.
    - `calibration`: whether as many values lie within the intervals of these predictions as should.

    Args:
        result: of a job.
        ax: of matplotlib; new ones if None.
        kind: which picture.

    Returns:
        The axes.

    Raises:
        InputError: there is no such kind, or nothing can be predicted again.
    """
    if arguments.word("kind", kind, get_args(Kind)) == "best":
        return _best(result, single(ax))
    rows = predictions.frame(result)
    found, metric, ax = Predictions.of(rows), Metric.of(result.meta), single(ax)
    if kind == "calibration":
        predicted.coverage(ax, {result.method: found})
        return ax
    predicted.scatter(ax, metric.scale * rows["value"].to_numpy(), found)
    unit = f", {metric.unit}" if metric.unit else ""
    ax.set(xlabel=f"true {metric.noun}{unit}")
    return ax


def _best(result: "Result", ax: "Axes") -> "Axes":
    """See `plot`."""
    from scipy import stats

    metric = Metric.of(result.meta)
    best = metric.scale * result.arrays["best"]  # (R, evaluations)
    x, mean = np.arange(1, best.shape[1] + 1), best.mean(axis=0)
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
