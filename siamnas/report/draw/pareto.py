"""The figure of Pareto fronts beside that of their hypervolumes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siamnas.report.compare.pareto import TRUE, Front, curves, objective_text, reference_text
from siamnas.report.compare.protocols import axis_text
from siamnas.report.draw import plots
from siamnas.report.draw.figure import ReportFigure, broken, measured, spanned
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import INK, panels, render

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def pareto_figure(benchmark: Benchmark, found: Front, look: dict[str, Look], stem: str) -> ReportFigure:
    """The fronts, found and true, beside the hypervolume over the evaluations.

    Args:
        benchmark: that the front is of.
        found: its front.
        look: of every method.
        stem: first part of the file names.
    """
    table = curves(found)
    metric = benchmark.metric
    with panels(1, 2, (10.6, 4.3)) as figure:
        left, right = figure.axes
        for method, own in found.surfaces.groupby("method", sort=False):
            _stairs(left, own, str(method), look, benchmark, found.most[0])
        left.set_title("the front that half of the repeats attain")
        left.set_xlabel(objective_text(found))
        left.set_ylabel(axis_text(metric))
        true = found.surfaces[found.surfaces["method"] == TRUE]
        low, high = sorted(metric.scale * value for value in (found.most[1], benchmark.optimum))
        left.set_ylim(low - 0.02 * (high - low), high + 0.05 * (high - low))
        left.set_xlim(true["cost"].min() - 0.02 * true["cost"].max(), 1.25 * true["cost"].max())
        _growth(right, table, look, found.budgets)
        figure.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
        last = table.groupby("method", sort=False)["mean"].last().sort_values(ascending=False)
        names = {TRUE: TRUE} | {str(name): broken(str(name)) for name in last.index}
        plots.legend(figure, names, False)
        svg, png = render(figure)
    caption = (
        f"Pareto front of the metric and the {objective_text(found)} of all evaluated architectures, and the "
        f"hypervolume on the way, its mean and the quartiles of {spanned(table['repeats'])} repeats; "
        f"{reference_text(benchmark, found)} {measured(benchmark)}."
    )
    return ReportFigure(benchmark.name, f"{stem}-front", caption, 2, svg, png)


def _growth(ax: "Axes", table: "pd.DataFrame", look: dict[str, Look], budgets: Sequence[int]) -> None:
    """The hypervolume over the evaluations, up to the largest budget that is reached."""
    for method, own in table.groupby("method", sort=False):
        own_look, x = look[str(method)], own["evaluations"]
        ax.plot(x, 100 * own["mean"], color=own_look.colour, linestyle=own_look.dash)
        ax.fill_between(x, 100 * own["low"], 100 * own["high"], color=own_look.colour, alpha=0.09, linewidth=0)
    ax.set_title("mean, and the quartiles of the repeats")
    ax.set_xlabel("evaluations")
    ax.set_ylabel("share of the true front's hypervolume, %")
    ax.set_ylim(top=100)
    ax.set_xlim(0, max([budget for budget in budgets if budget <= table["evaluations"].max()], default=None))


def _stairs(
    ax: "Axes", own: "pd.DataFrame", method: str, look: dict[str, Look], benchmark: Benchmark, most: float
) -> None:
    """A front as a staircase, which ends at the largest cost."""
    cost, value = [*own["cost"], most], [*(benchmark.metric.scale * own["value"]), None]
    value[-1] = value[-2] if len(value) > 1 else None
    if method == TRUE:
        ax.plot(cost, value, drawstyle="steps-post", color=INK, linewidth=1.1, zorder=3, label=method)
    else:
        ax.plot(
            cost, value, drawstyle="steps-post", color=look[method].colour, linestyle=look[method].dash, label=method
        )
