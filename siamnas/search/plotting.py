"""A search as a picture: what was evaluated when, at which cost, and how well it was predicted."""

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from siamnas.errors import InputError, literal
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.calibration import Predictions
from siamnas.runtime import arguments
from siamnas.runtime.drawing import single, styled
from siamnas.search import evaluations, predicted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siamnas.search.overview import Overview

Kind = Literal["best", "way", "predicted", "calibration"]
BEST, VALUE, OFF = "#0b559f", "#5c6b7a", "#c0392b"
OF = {"failed": ("x", OFF), "stopped": ("v", VALUE), "pending": ("|", VALUE)}
"""What has no whole value -> its marker and colour."""


@styled()
def plot(search: "Overview", column: str | None = None, ax: "Axes | None" = None, kind: Kind = "best") -> "Axes":
    """Draw a search.

    - `best`: each evaluation at its number in the order of the asks, and the best so far as a stair. Those that failed
      or are pending have no value, and are marked on the lower edge; one that was stopped early is marked at its last
      value. What was added from elsewhere stands among the others.
    - `way`: what was evaluated when, by a free column, such as its cost, and its value.
    - `predicted`: what the predictor says of each evaluation when it has learnt from all others, against its value.
    - `calibration`: whether as many values lie within the intervals of these predictions as should.

    Args:
        search: drawn as it is now.
        column: a free column of the space, such as `flops`: the axis of `way`; it colours the evaluations of `best`.
        ax: to draw on; new ones if None.
        kind: which picture.

    Returns:
        The axes.

    Raises:
        InputError: the space has no such column, `way` has none, or see `Search.predictions`.
    """
    if arguments.word("kind", kind, get_args(Kind)) in ("predicted", "calibration"):
        told = search.predictions()
        found, ax = Predictions.of(told), single(ax)
        if kind == "predicted":
            predicted.scatter(ax, told["value"].to_numpy(), found)
        else:
            predicted.coverage(ax, {search.setting.predictor: found})
        ax.set_title(f"{search.catalog.title}\n{ax.get_title(loc='left')}")
        return ax
    told = search.history()
    told["number"] = np.arange(1, len(told) + 1)
    if kind == "way":
        return _way(search, told, column, single(ax))
    return _course(search, told, column, single(ax))


def _way(search: "Overview", told: "pd.DataFrame", column: str | None, ax: "Axes") -> "Axes":
    """What was evaluated when, by a column and its value; the best of all is named."""
    if column is None:
        raise InputError("column: kind=way needs the name of a free column, such as flops")
    cost, known = _column(search, told, column), told["value"].notna().to_numpy()
    dots = ax.scatter(cost[known], told["value"][known], c=told["number"][known], s=20, cmap="viridis_r")
    if known.any():
        values = told["value"].where(known & (told["stopped"] == ""))
        best = values.idxmax() if search.setting.maximise else values.idxmin()
        if not math.isnan(best):
            ax.plot(cost[best], values[best], "o", color=BEST, markersize=9, fillstyle="none", label="best")
            ax.annotate("best", (cost[best], values[best]), (0, 7), textcoords="offset points", ha="center", color=BEST)
    ax.figure.colorbar(dots, ax=ax, label="evaluation")
    ax.margins(y=0.1)
    ax.set(xlabel=column, ylabel="value", title=search.catalog.title)
    return ax


def _course(search: "Overview", told: "pd.DataFrame", column: str | None, ax: "Axes") -> "Axes":
    """The evaluations in their order, and the best so far."""
    from matplotlib import ticker

    colours = None if column is None else _column(search, told, column)
    kinds = _kinds(told)
    if colours is None:
        ax.plot(*_points(told, kinds, ""), "o", color=VALUE, markersize=4, label="evaluated")
    else:
        dots = ax.scatter(*_points(told, kinds, ""), c=colours[kinds == ""], s=20, label="evaluated")
        ax.figure.colorbar(dots, ax=ax, label=column)
    _mark(ax, told, kinds)
    best = _best(told["value"].where(kinds == "").to_numpy(), search.setting.maximise)
    ax.step(told["number"], best, where="post", color=BEST, label="best so far")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    ax.set(xlabel="evaluation", ylabel="value", title=search.catalog.title)
    ax.legend()
    return ax


def _best(values: FloatArray, maximise: bool) -> FloatArray:
    """(n,) the best of values (n,) so far; NaN before the first."""
    if not len(values):
        return values
    return np.fmax.accumulate(values) if maximise else np.fmin.accumulate(values)


def _points(told: "pd.DataFrame", kinds: np.ndarray, kind: str) -> tuple[FloatArray, FloatArray]:
    """Numbers and values of the evaluations of one kind."""
    own = told[kinds == kind]
    return own["number"].to_numpy(), own["value"].to_numpy()


def _kinds(told: "pd.DataFrame") -> np.ndarray:
    """(n,) why an evaluation has no whole value, see `OF`; empty where it has one."""
    unknown = told["value"].isna()
    kinds = np.where(unknown & told["told"].isna(), "pending", np.where(unknown, "failed", ""))
    return np.where((told["stopped"] != "") & ~unknown, "stopped", kinds)


def _mark(ax: "Axes", told: "pd.DataFrame", kinds: np.ndarray) -> None:
    """Mark what has no whole value."""
    for kind, (marker, colour) in OF.items():
        numbers, values = _points(told, kinds, kind)
        if len(numbers) and kind == "stopped":
            ax.plot(numbers, values, marker, color=colour, markersize=5, alpha=0.5, label=kind)
        elif len(numbers):
            edge = ax.get_xaxis_transform()
            ax.plot(numbers, np.full(len(numbers), 0.02), marker, color=colour, label=kind, transform=edge)


def _column(search: "Overview", told: "pd.DataFrame", column: str) -> FloatArray:
    """(n,) a free column of what was evaluated.

    Raises:
        InputError: there is no such column.
    """
    numbers = [evaluations.find(search.catalog, name) for name in told["architecture"]]
    found = [search.catalog.architecture(number).columns for number in numbers]
    if found and column not in found[0]:
        known = ", ".join(found[0]) or "none"
        raise InputError(f"column={literal(column)}: must be one of the free columns of the space: {known}")
    return np.array([one.get(column, math.nan) for one in found])
