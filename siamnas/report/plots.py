"""Curves on matplotlib axes: functions take data frames and return the axes they have drawn on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from siamnas.metric import PERCENT, Metric
from siamnas.report.catalogue import COLOURS
from siamnas.report.style import INK, MUTED, Look

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER_LINE: dict[str, Any] = {"dashes": (4, 2.5), "linewidth": 1.1}
PAPER_NAME = "dashed: the paper,\nsingle-run labels"
BAND = 0.25  # of the standard deviation, as in the paper
AIR = 0.02  # points, at least, above and below curves


def best_over_k(curves: "pd.DataFrame", look: Mapping[str, Look], metric: Metric, ax: "Axes", longest: int) -> "Axes":
    """Best value against N + K while K grows and N stays (Figure 6a).

    Args:
        curves: one benchmark at one N; columns `method`, `k`, `n_plus_k`, `best_mean` and `best_std`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
        longest: K at the right end.
    """
    curves = curves[curves["k"] <= longest]
    for method, own in curves.groupby("method", sort=False):
        _line(ax, own, str(method), look[str(method)], metric, marker="")
    ax.set_xlim(curves["n_plus_k"].min() - 1, curves["n_plus_k"].min() - 1 + longest)
    # At the first K every curve is steep; that part may leave the frame.
    seen = curves[curves["k"] >= min(longest // 8, curves["k"].max())]
    _frame(ax, metric, seen["best_mean"].min(), seen["best_mean"].max())
    return ax


def best_over_n(curves: "pd.DataFrame", look: Mapping[str, Look], metric: Metric, ax: "Axes") -> "Axes":
    """Best value against N + K while N grows and K stays (Figure 6b, Figure 7).

    Args:
        curves: one benchmark at one K; columns as for `best_over_k`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    for method, own in curves.groupby("method", sort=False):
        own_look = look[str(method)]
        _line(ax, own.sort_values("n_plus_k"), str(method), own_look, metric, marker=own_look.marker)
    low, high = curves["n_plus_k"].min(), curves["n_plus_k"].max()
    margin = max(0.03 * (high - low), 1)
    ax.set_xlim(low - margin, high + margin)
    _frame(ax, metric, curves["best_mean"].min(), curves["best_mean"].max())
    return ax


def points(rows: "pd.DataFrame", look: Mapping[str, Look], metric: Metric, ax: "Axes") -> "Axes":
    """Means with their 95 % intervals, the last row on top.

    Args:
        rows: one per method, which is the index; columns `best_mean` and `best_std` and `repeats`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    for y, (method, row) in enumerate(rows.iterrows()):
        own, mean = look[str(method)], metric.scale * row["best_mean"]
        half = metric.scale * 1.96 * row["best_std"] / row["repeats"] ** 0.5
        ax.errorbar(mean, y, xerr=half, color=own.colour, marker=own.marker, markersize=4.5)
    ax.set_yticks(range(len(rows)), [str(method) for method in rows.index])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    return ax


def paper(curves: "pd.DataFrame", metric: Metric, ax: "Axes") -> "Axes":
    """The paper's own curves, dashed; columns `option`, `n_plus_k` and `best` (fraction)."""
    for option, own in curves.groupby("option", sort=False):
        ax.plot(own["n_plus_k"], metric.scale * own["best"], color=COLOURS[str(option)], **PAPER_LINE)
    low, high = (limit / metric.scale for limit in ax.get_ylim())
    _frame(ax, metric, low, high, curves["best"].min(), curves["best"].max())
    return ax


def optimum(value: float, metric: Metric, ax: "Axes") -> "Axes":
    """A line at the best value of the space, named on the side where no curve is."""
    low, high = ax.get_ylim()
    at = metric.scale * value
    if metric.maximise:
        ax.set_ylim(low, max(high, at + 0.075 * (at - low)))
    else:
        ax.set_ylim(min(low, at - 0.075 * (high - at)), high)
    ax.axhline(at, color=INK, linewidth=0.9, zorder=1.5)
    ax.annotate(
        f"optimum {metric.text(value)}",
        (0.0, at),
        (3, 2.5 if metric.maximise else -2.5),
        va="baseline" if metric.maximise else "top",
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=8.5,
    )
    return ax


def legend(figure: "Figure", names: Mapping[str, str], overlaid: bool) -> None:
    """The methods, to the right of the axes.

    Args:
        figure: its lines are named.
        names: what to call each method, in this order.
        overlaid: whether the paper's curves are drawn too.
    """
    from matplotlib.lines import Line2D

    lines = {line.get_label(): line for ax in figure.axes for line in ax.get_lines()}
    handles, labels = [lines[method] for method in names], list(names.values())
    if overlaid:
        handles.append(Line2D([], [], color=MUTED, **PAPER_LINE))
        labels.append(PAPER_NAME)
    figure.legend(handles, labels, loc="outside right center", handlelength=2.4, labelspacing=0.65)


def _line(ax: "Axes", own: "pd.DataFrame", name: str, look: Look, metric: Metric, marker: str) -> None:
    """One curve with its band."""
    x, mean, band = own["n_plus_k"], metric.scale * own["best_mean"], metric.scale * BAND * own["best_std"]
    ax.fill_between(x, mean - band, mean + band, color=look.colour, alpha=0.15, linewidth=0)
    ax.plot(x, mean, color=look.colour, linestyle=look.dash, marker=marker, markersize=4, label=name)


def _frame(ax: "Axes", metric: Metric, *values: float) -> None:
    """Vertical limits with a little air around some values."""
    low, high = metric.scale * min(values), metric.scale * max(values)
    least = AIR if metric.unit == PERCENT else 1e-3 * max(abs(low), abs(high)) or AIR
    air = max(0.04 * (high - low), least)
    ax.set_ylim(low - air, high + air)
