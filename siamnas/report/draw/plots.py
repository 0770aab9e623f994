"""Curves on matplotlib axes: functions take data frames and return the axes they have drawn on."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.report.compare.tests import reach
from siamnas.report.draw.style import Look, worded
from siamnas.report.read.catalogue import COLOURS
from siamnas.runtime.drawing import EMPHASISED, INK, MUTED, is_narrow, small

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER_LINE: dict[str, Any] = {"dashes": (4, 2.5), "linewidth": 1.1}
PAPER_NAME = "dashed: the paper,\nsingle-run labels"
STEEP = 5  # evaluations, at which every regret is still large
LINEAR = 100  # the largest regret is at least so many times the smallest on the logarithmic scale
SHORT = (1e-3, 1e5)  # values between these are written without powers of ten
EVERY = 0.12  # of the diagonal of the axes, between two markers of a long curve, which tell lines apart in grey
NAMED = 0.13  # inches of a line of a narrow legend
AIR = 0.02  # points, at least, above and below curves


def over_evaluations(
    curves: "pd.DataFrame", column: str, look: Mapping[str, Look], metric: Metric, ax: "Axes"
) -> "Axes":
    """Value against the evaluations spent, at one N.

    Args:
        curves: one benchmark at one N; columns `method`, `n`, `evaluations`, `repeats` and those of the protocol.
        column: of the protocol, `best` or `topk`; with `_mean` and `_std` it is one of `curves`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    n, last = int(curves["n"].iloc[0]), int(curves["evaluations"].max())
    for method, own in curves.groupby("method", sort=False):
        _line(ax, own, column, str(method), look[str(method)], metric, every=EVERY)
    first = int(curves["evaluations"].min())
    ax.set_xlim(first - 1, last)
    # At first every curve is steep; that part may leave the frame.
    steep = n // 2 if first <= n else first + (last - n) // 8
    seen = curves[curves["evaluations"] >= min(steep, last)][f"{column}_mean"]
    _frame(ax, metric, seen.min(), seen.max())
    if first <= n:
        ax.axvline(n, ymax=0.9, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1.5)
        side = {"xy": (n, 0), "xytext": (3, 4)} if metric.maximise else {"xy": (n, 0.9), "xytext": (3, -7)}
        ax.annotate("N", **side, xycoords=("data", "axes fraction"), textcoords="offset points", color=MUTED,
                    fontsize=small())  # fmt: skip
    return ax


def over_n(curves: "pd.DataFrame", column: str, look: Mapping[str, Look], metric: Metric, ax: "Axes") -> "Axes":
    """Value against N + K while N grows and K stays.

    Args:
        curves: one benchmark at one K; columns as for `over_evaluations`.
        column: as for `over_evaluations`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    for method, own in curves.groupby("method", sort=False):
        own_look = look[str(method)]
        _line(ax, own.sort_values("evaluations"), column, str(method), own_look, metric)
    low, high = curves["evaluations"].min(), curves["evaluations"].max()
    margin = max(0.03 * (high - low), 1)
    ax.set_xlim(low - margin, high + margin)
    _frame(ax, metric, curves[f"{column}_mean"].min(), curves[f"{column}_mean"].max())
    return ax


def against_seconds(curve: "pd.DataFrame", name: str, look: Look, metric: Metric, ax: "Axes") -> "Axes":
    """Value against seconds, on a logarithmic axis.

    Args:
        curve: of one method at one N; columns `seconds`, `best_mean`, `best_std` and `repeats`.
        name: of the line.
        look: of the method.
        metric: what the values are.
        ax: drawn on.
    """
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:,.0f}")  # matplotlib's own is a formula, and formulas are off
    ax.xaxis.set_minor_formatter("")
    _line(ax, curve, "best", name, look, metric, every=EVERY, over="seconds")
    return ax


def frame_late(curves: "pd.DataFrame", metric: Metric, share: float, ax: "Axes") -> "Axes":
    """Vertical limits of what lies behind a share of the logarithmic axis."""
    low, high = curves["seconds"].min(), curves["seconds"].max()
    late = curves[curves["seconds"] >= low ** (1 - share) * high**share]["best_mean"]
    ax.set_xlim(low, high)
    _frame(ax, metric, late.min(), late.max())
    return ax


def points(rows: "pd.DataFrame", reference: str, look: Mapping[str, Look], metric: Metric, ax: "Axes") -> "Axes":
    """Means with their 95 % intervals, the last row on top; the top-K only as a faint ring, if it is there.

    Args:
        rows: one per method, which is the index; columns `best_mean`, `best_std`, `topk_mean` and `repeats`.
        reference: the method whose mean is a line through all rows; none where it is not among them.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    for y, (method, row) in enumerate(rows.iterrows()):
        own, mean = look[str(method)], metric.scale * row["best_mean"]
        half = metric.scale * float(reach(row["best_std"], row["repeats"]))
        topk = metric.scale * row["topk_mean"]
        ax.plot(topk, y, color=own.colour, marker="o", markersize=4.5, fillstyle="none", alpha=0.55)
        ax.errorbar(mean, y, xerr=half, color=own.colour, marker=own.marker, markersize=4.5)
    if reference in rows.index:
        ax.axvline(metric.scale * rows.loc[reference, "best_mean"], color=MUTED, linewidth=0.9, zorder=1.5)
    ax.set_yticks(range(len(rows)), [worded(str(method)) for method in rows.index])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    return ax


def by_end(curves: "pd.DataFrame", ascending: bool = True) -> list[str]:
    """The methods, the one first whose mean is the smallest in the end, or the largest."""
    last = curves.sort_values("evaluations", kind="stable").groupby("method")["mean"].last()
    return list(map(str, last.sort_values(ascending=ascending, kind="stable").index))


def regret(curves: "pd.DataFrame", column: str, look: Mapping[str, Look], metric: Metric, ax: "Axes") -> "Axes":
    """Distance to the optimum against the evaluations; logarithmic, but for the last bit before 0.

    Args:
        curves: one benchmark; columns of `regret.Equal.curves`. What is not anytime is drawn as points.
        column: `mean`, beside which the quartiles of those are drawn that end best, or `worst`.
        look: of every method.
        metric: what the values are.
        ax: drawn on.
    """
    banded = by_end(curves)[:EMPHASISED] if column == "mean" else []
    for method, own in curves.groupby("method", sort=False):
        own_look, x = look[str(method)], own["evaluations"]
        low, value, high = (metric.scale * own[key] for key in ("low", column, "high"))
        if own["anytime"].all():
            ax.plot(x, value, label=method, **sparse(own_look))
            if method in banded:
                ax.fill_between(x, low, high, color=own_look.colour, alpha=0.09, linewidth=0)
            continue
        ax.plot(x, value, color=own_look.colour, linestyle=(0, (1, 3)), marker=own_look.marker, label=method)
        if method in banded:
            ax.vlines(x, low, high, color=own_look.colour, alpha=0.5, linewidth=1.2)
    last = curves["evaluations"].max()
    first = min(max(STEEP, curves["evaluations"].min()), last - 1)
    largest = metric.scale * curves.loc[curves["evaluations"] >= first, column].max() or 1.0
    # A power of ten, so that its tick has room above that of 0.
    ax.set_yscale("symlog", linthresh=10 ** math.floor(math.log10(largest / LINEAR)), linscale=0.4)
    ax.set_ylim(0, 1.3 * largest)
    ax.set_xlim(first, last + 0.01 * last)
    ax.yaxis.set_major_formatter("{x:g}" if metric.unit == PERCENT or SHORT[0] < largest < SHORT[1] else _power)
    return ax


def paper(curves: "pd.DataFrame", metric: Metric, ax: "Axes") -> "Axes":
    """The paper's own curves, dashed; columns `option`, `n_plus_k` and `best` (fraction)."""
    for option, own in curves.groupby("option", sort=False):
        ax.plot(own["n_plus_k"], metric.scale * own["best"], color=COLOURS[str(option)], **PAPER_LINE)
    low, high = (limit / metric.scale for limit in ax.get_ylim())
    _frame(ax, metric, low, high, curves["best"].min(), curves["best"].max())
    return ax


def optimum(value: float, metric: Metric, ax: "Axes") -> "Axes":
    """A line at the best value of the space, named on the side where no curve is; none where it is not known (NaN)."""
    if math.isnan(value):
        return ax
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
        fontsize=small(),
    )
    return ax


def legend(figure: "Figure", names: Mapping[str, str], overlaid: bool) -> None:
    """The methods, to the right of the axes or, in a narrow figure, below them.

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
    if is_narrow():
        rows = math.ceil(sum(label.count("\n") + 1 for label in labels) / 2)
        figure.set_figheight(figure.get_figheight() + NAMED * rows)  # the panels keep theirs
        figure.legend(handles, labels, loc="outside lower center", handlelength=2.4, ncols=2)
    else:
        figure.legend(handles, labels, loc="outside right center", handlelength=2.4, labelspacing=0.65)


def sparse(look: Look, every: float | None = EVERY) -> dict[str, Any]:
    """The look of a line, with a marker now and then, or at each of its points; see `EVERY`."""
    return {"color": look.colour, "linestyle": look.dash, "marker": look.marker, "markersize": 4, "markevery": every}


def _line(
    ax: "Axes",
    own: "pd.DataFrame",
    column: str,
    name: str,
    look: Look,
    metric: Metric,
    every: float | None = None,
    over: str = "evaluations",
) -> None:
    """One curve with its band, the 95 % interval of the mean."""
    x, mean = own[over], metric.scale * own[f"{column}_mean"]
    band = metric.scale * reach(own[f"{column}_std"], own["repeats"])
    ax.fill_between(x, mean - band, mean + band, color=look.colour, alpha=0.15, linewidth=0)
    ax.plot(x, mean, label=name, **sparse(look, every))


def _power(value: float, _: object = None) -> str:
    """A power of ten."""
    return f"{value:.0e}" if value else "0"


def _frame(ax: "Axes", metric: Metric, *values: float) -> None:
    """Vertical limits with a little air around some values."""
    low, high = metric.scale * min(values), metric.scale * max(values)
    least = AIR if metric.unit == PERCENT else 1e-3 * max(abs(low), abs(high)) or AIR
    air = max(0.04 * (high - low), least)
    ax.set_ylim(low - air, high + air)
