"""The figure of Pareto fronts beside that of their hypervolumes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.report.compare.pareto import ATTAINED, MEDIAN, TRUE, Front, objective_text, reference_text
from siamnas.report.compare.protocols import axis_text
from siamnas.report.draw import plots
from siamnas.report.draw.figure import ReportFigure, broken, measured, rest_text, spanned
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import INK, panels, render, write_title
from siamnas.runtime.line_labels import fade, name_ends

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def pareto_figure(
    benchmark: Benchmark, found: Front, table: "pd.DataFrame", look: dict[str, Look], stem: str
) -> ReportFigure:
    """The fronts, found and true, beside the hypervolume over the evaluations.

    Args:
        benchmark: that the front is of.
        found: its front; the quartiles of its surfaces may be missing.
        table: its hypervolumes, of `pareto.curves`.
        look: of every method.
        stem: first part of the file names.
    """
    metric = benchmark.metric
    quartiles = (
        ",\nand that a quarter and three quarters attain" if ATTAINED[0] in set(found.surfaces["attained"]) else ""
    )
    with panels(1, 2, (10.6, 4.3)) as figure:
        left, right = figure.axes
        for method, own in found.surfaces.groupby("method", sort=False):
            _stairs(left, own, str(method), look, benchmark, found.most)
        left.set_title(f"the front that half of the repeats attain{quartiles}")
        left.set_xlabel(objective_text(found))
        left.set_ylabel(axis_text(metric))
        true = found.surfaces[found.surfaces["method"] == TRUE]
        low, high = sorted(metric.scale * value for value in (found.most[1], benchmark.optimum))
        left.set_ylim(low - 0.02 * (high - low), high + 0.05 * (high - low))
        left.set_xlim(true["cost"].min() - 0.02 * true["cost"].max(), 1.25 * true["cost"].max())
        _growth(right, table, look, found.budgets)
        write_title(figure, benchmark.name)
        order = plots.by_end(table, ascending=False)
        fade(left, order)
        name_ends(right, order, broken)
        _name_true(left)
        svg, png = render(figure)
    caption = (
        f"Pareto front of the metric and the {objective_text(found)} of all evaluated architectures, and the "
        f"hypervolume on the way, its mean and the quartiles of {spanned(table['repeats'])} repeats; "
        f"{reference_text(benchmark, found)} {rest_text(order)}{measured(benchmark)}."
    )
    return ReportFigure(benchmark.name, f"{stem}-front", caption, 2, svg, png)


def _growth(ax: "Axes", table: "pd.DataFrame", look: dict[str, Look], budgets: Sequence[int]) -> None:
    """The hypervolume over the evaluations, up to the largest budget that is reached."""
    for method, own in table.groupby("method", sort=False):
        own_look, x = look[str(method)], own["evaluations"]
        ax.plot(x, 100 * own["mean"], label=method, **plots.sparse(own_look))
        ax.fill_between(x, 100 * own["low"], 100 * own["high"], color=own_look.colour, alpha=0.09, linewidth=0)
    ax.set_title("mean, and the quartiles of the repeats")
    ax.set_xlabel("evaluations")
    ax.set_ylabel("share of the true front's hypervolume, %")
    ax.set_ylim(top=100)
    ax.set_xlim(0, max([budget for budget in budgets if budget <= table["evaluations"].max()], default=None))


def _stairs(
    ax: "Axes",
    own: "pd.DataFrame",
    method: str,
    look: dict[str, Look],
    benchmark: Benchmark,
    most: tuple[float, float],
) -> None:
    """A front as a staircase that ends at the largest cost, and a band between the quartiles of the repeats."""
    scale, colour = benchmark.metric.scale, INK if method == TRUE else look[method].colour
    style: dict[str, Any] = {"color": colour} if method == TRUE else plots.sparse(look[method])
    middle = own if method == TRUE else own[own["attained"] == MEDIAN]
    cost = np.append(middle["cost"], most[0])
    ax.plot(
        cost,
        scale * _attained(middle, cost, np.nan),
        drawstyle="steps-post",
        zorder=3 - (method != TRUE),
        label=method,
        **style,
    )
    if method != TRUE:
        cost = np.append(np.unique(own["cost"]), most[0])
        ends = (own[own["attained"] == percent] for percent in (ATTAINED[0], ATTAINED[-1]))
        best, worst = (scale * _attained(end, cost, most[1]) for end in ends)
        ax.fill_between(cost, worst, best, step="post", color=colour, alpha=0.13, linewidth=0)


def _attained(front: "pd.DataFrame", cost: FloatArray, otherwise: float) -> FloatArray:
    """(m,) the value that a front has at costs (m,), and `otherwise` below its first point."""
    seats = np.searchsorted(front["cost"].to_numpy(), cost, "right")
    return np.append(otherwise, front["value"].to_numpy())[seats]


def _name_true(ax: "Axes") -> None:
    """Name the true front beside its middle."""
    (line,) = [line for line in ax.get_lines() if line.get_label() == TRUE]
    cost, value = (np.asarray(values, dtype=float) for values in line.get_data())
    inside = np.flatnonzero((cost <= ax.get_xlim()[1]) & (cost >= ax.get_xlim()[0]))
    if len(inside):
        place = inside[len(inside) // 2]
        ax.annotate(TRUE, (cost[place], value[place]), (-4, 4), textcoords="offset points", ha="right", color=INK)
