"""Curves on matplotlib axes: functions take data frames and return the axes they have drawn on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#1c1c21", "#6c6c78", "#e4e4ea"  # the HTML page replaces these three by those of its theme
# Okabe and Ito's colours, which colour-blind people tell apart; greys for what is not a predictor.
COLOURS = {
    "random": "#9b9ba5",
    "column": "#646e7d",
    "gcn": "#e69f00",
    "siams": "#56b4e9",
    "siams_nsam": "#0072b2",
    "siams_bts": "#009e73",
    "siams_nsam_bts": "#d55e00",
    "brp": "#cc79a7",
    "forest": "#7a5230",
    "boosting": "#7a7ae6",
}
SPARE = ("#44aa99", "#999933", "#aa4499", "#b5835a", "#c2a83e")  # for predictors that are not listed
MARKERS = {
    "random": "x", "column": "+", "gcn": "s", "siams": "^", "siams_nsam": "D", "siams_bts": "v", "siams_nsam_bts": "o",
    "brp": "P", "forest": "*", "boosting": "p",
}  # fmt: skip
DASHES: dict[str, Any] = {"random": (0, (1, 1.2)), "column": (0, (5, 1.5, 1, 1.5))}
PAPER_LINE: dict[str, Any] = {"dashes": (4, 2.5), "linewidth": 1.1}
PAPER_NAME = "dashed: the paper,\nsingle-run labels"
BAND = 0.25  # of the standard deviation, as in the paper
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica", "sans-serif"],
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.7,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "savefig.dpi": 160,
}


@dataclass(frozen=True)
class Look:
    """How a method is drawn, in every figure alike."""

    colour: str
    marker: str
    dash: Any = "-"


def looks(runs: "pd.DataFrame") -> dict[str, Look]:
    """A look for every method of a report, by its name.

    The colour is that of the predictor; variants of one predictor get lighter and darker shades of it.

    Args:
        runs: columns `method` and `option`.
    """
    methods = runs.drop_duplicates("method")
    others = [option for option in sorted(set(methods["option"])) if option not in COLOURS]
    spare = {option: SPARE[i % len(SPARE)] for i, option in enumerate(others)}
    found = {}
    for option, names in methods.groupby("option", sort=False)["method"]:
        for i, name in enumerate(names):
            shade = 0.0 if len(names) == 1 else 0.45 - 0.8 * i / (len(names) - 1)
            colour = _shaded(COLOURS.get(str(option)) or spare[str(option)], shade)
            found[str(name)] = Look(colour, MARKERS.get(str(option), "."), DASHES.get(str(option), "-"))
    return found


def best_over_k(curves: "pd.DataFrame", look: Mapping[str, Look], ax: "Axes", longest: int) -> "Axes":
    """Best accuracy against N + K while K grows and N stays (Figure 6a).

    Args:
        curves: one benchmark at one N; columns `method`, `k`, `n_plus_k`, `best_mean` and `best_std` (fractions).
        look: of every method.
        ax: drawn on.
        longest: K at the right end.
    """
    curves = curves[curves["k"] <= longest]
    for method, own in curves.groupby("method", sort=False):
        _line(ax, own, str(method), look[str(method)], marker="")
    ax.set_xlim(curves["n_plus_k"].min() - 1, curves["n_plus_k"].min() - 1 + longest)
    # At the first K every curve shoots up; that part may leave the frame.
    seen = curves[curves["k"] >= min(longest // 8, curves["k"].max())]
    _frame(ax, 100 * seen["best_mean"].min(), 100 * seen["best_mean"].max())
    return ax


def best_over_n(curves: "pd.DataFrame", look: Mapping[str, Look], ax: "Axes") -> "Axes":
    """Best accuracy against N + K while N grows and K stays (Figure 6b, Figure 7).

    Args:
        curves: one benchmark at one K; columns as for `best_over_k`.
        look: of every method.
        ax: drawn on.
    """
    for method, own in curves.groupby("method", sort=False):
        _line(ax, own.sort_values("n_plus_k"), str(method), look[str(method)], marker=look[str(method)].marker)
    low, high = curves["n_plus_k"].min(), curves["n_plus_k"].max()
    margin = max(0.03 * (high - low), 1)
    ax.set_xlim(low - margin, high + margin)
    _frame(ax, 100 * curves["best_mean"].min(), 100 * curves["best_mean"].max())
    return ax


def points(rows: "pd.DataFrame", look: Mapping[str, Look], ax: "Axes") -> "Axes":
    """Mean accuracies with their 95 % intervals, the last row on top.

    Args:
        rows: one per method, which is the index; columns `best_mean` and `best_std` (fractions) and `repeats`.
        look: of every method.
        ax: drawn on.
    """
    for y, (method, row) in enumerate(rows.iterrows()):
        own, half = look[str(method)], 1.96 * row["best_std"] / row["repeats"] ** 0.5
        ax.errorbar(100 * row["best_mean"], y, xerr=100 * half, color=own.colour, marker=own.marker, markersize=4.5)
    ax.set_yticks(range(len(rows)), [str(method) for method in rows.index])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    return ax


def paper(curves: "pd.DataFrame", ax: "Axes") -> "Axes":
    """The paper's own curves, dashed; columns `option`, `n_plus_k` and `best` (fraction)."""
    for option, own in curves.groupby("option", sort=False):
        ax.plot(own["n_plus_k"], 100 * own["best"], color=COLOURS[str(option)], **PAPER_LINE)
    low, high = ax.get_ylim()
    _frame(ax, low, high, 100 * curves["best"].min(), 100 * curves["best"].max())
    return ax


def optimum(value: float, ax: "Axes") -> "Axes":
    """A line at the best accuracy of the space (fraction), named on it."""
    low, high = ax.get_ylim()
    percent = 100 * value
    ax.set_ylim(low, max(high, percent + 0.075 * (percent - low)))
    ax.axhline(percent, color=INK, linewidth=0.9, zorder=1.5)
    ax.annotate(
        f"optimum {percent:.2f}",
        (0.0, percent),
        (3, 2.5),
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


def _line(ax: "Axes", own: "pd.DataFrame", name: str, look: Look, marker: str) -> None:
    """One curve with its band."""
    x, mean, band = own["n_plus_k"], 100 * own["best_mean"], 100 * BAND * own["best_std"]
    ax.fill_between(x, mean - band, mean + band, color=look.colour, alpha=0.15, linewidth=0)
    ax.plot(x, mean, color=look.colour, linestyle=look.dash, marker=marker, markersize=4, label=name)


def _frame(ax: "Axes", *values: float) -> None:
    """Vertical limits with a little air around values in percent."""
    low, high = min(values), max(values)
    air = max(0.04 * (high - low), 0.02)
    ax.set_ylim(low - air, high + air)


def _shaded(colour: str, shade: float) -> str:
    """Mixed with white (shade above 0) or black (below)."""
    from matplotlib.colors import to_hex, to_rgb

    target = 1.0 if shade > 0 else 0.0
    red, green, blue = ((1 - abs(shade)) * part + abs(shade) * target for part in to_rgb(colour))
    return to_hex((red, green, blue))
