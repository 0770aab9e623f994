"""A search as a picture: its evaluations in their order, and the best so far."""

import math
from typing import TYPE_CHECKING

import numpy as np

from siamnas.errors import InputError, shown
from siamnas.search import evaluations

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siamnas.search.overview import Overview

BEST, VALUE, OFF = "#0b559f", "#5c6b7a", "#c0392b"
OF = {"failed": ("x", OFF), "stopped": ("v", VALUE), "pending": ("|", VALUE)}
"""What has no whole value -> its marker and colour."""


def plot(search: "Overview", column: str | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw each evaluation at its number in the order of the asks, and the best so far as a stair.

    Those that failed or are pending have no value, and are marked on the lower edge; one that was stopped early is
    marked at its last value. What was added from elsewhere stands among the others.

    Args:
        search: drawn as it is now.
        column: a free column of the space, such as `flops`, that colours the evaluations.
        ax: to draw on; new ones if None.

    Returns:
        The axes.

    Raises:
        InputError: the space has no such column.
    """
    from matplotlib import pyplot as plt
    from matplotlib import ticker

    told = search.history()
    told["number"] = np.arange(1, len(told) + 1)
    colours = None if column is None else _column(search, told, column)
    ax = plt.subplots(figsize=(7, 4), layout="constrained")[1] if ax is None else ax
    kinds = _kinds(told)
    whole = told[kinds == ""]
    if colours is None:
        ax.plot(whole["number"], whole["value"], "o", color=VALUE, markersize=4, label="evaluated")
    else:
        dots = ax.scatter(whole["number"], whole["value"], c=colours[kinds == ""], s=20, label="evaluated")
        ax.figure.colorbar(dots, ax=ax, label=column)
    _mark(ax, told, kinds)
    better = np.fmax if search.setting.maximise else np.fmin
    best = better.accumulate(told["value"].where(kinds == "").to_numpy()) if len(told) else []
    ax.step(told["number"], best, where="post", color=BEST, label="best so far")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    ax.set(xlabel="evaluation", ylabel="value", title=search.catalog.title)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False)
    return ax


def _kinds(told: "pd.DataFrame") -> np.ndarray:
    """(n,) why an evaluation has no whole value, see `OF`; empty where it has one."""
    unknown = told["value"].isna()
    kinds = np.where(unknown & told["told"].isna(), "pending", np.where(unknown, "failed", ""))
    return np.where((told["stopped"] != "") & ~unknown, "stopped", kinds)


def _mark(ax: "Axes", told: "pd.DataFrame", kinds: np.ndarray) -> None:
    """Mark what has no whole value."""
    for kind, (marker, colour) in OF.items():
        own = told[kinds == kind]
        if own.empty:
            continue
        if kind == "stopped":
            ax.plot(own["number"], own["value"], marker, color=colour, markersize=5, alpha=0.5, label=kind)
        else:
            edge = ax.get_xaxis_transform()
            ax.plot(own["number"], [0.02] * len(own), marker, color=colour, transform=edge, clip_on=False, label=kind)


def _column(search: "Overview", told: "pd.DataFrame", column: str) -> np.ndarray:
    """(n,) a free column of what was evaluated.

    Raises:
        InputError: there is no such column.
    """
    numbers = [evaluations.find(search.catalog, name) for name in told["architecture"]]
    found = [search.catalog.architecture(number).columns for number in numbers]
    if found and column not in found[0]:
        known = ", ".join(found[0]) or "none"
        raise InputError(f"column={shown(column)}: must be one of the free columns of the space: {known}")
    return np.array([one.get(column, math.nan) for one in found])
