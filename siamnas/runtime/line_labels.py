"""Lines that are named where they end, so that nobody has to look up a colour in a legend."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamnas.runtime.drawing import EMPHASISED, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

FAINT = {"linewidth": 0.7, "alpha": 0.45, "color": MUTED, "linestyle": "-"}
SPACING = 1.25  # from line to line of a text, in font sizes
CONTRAST = 4.5  # of a text on white, at least (WCAG 2.2, level AA)


def name_ends(ax: "Axes", first: Sequence[str] = (), shown: Callable[[str], str] = str) -> None:
    """Write the name of each line at its end, in its colour; of many lines those are faint that come last in `first`.

    The limits of the axes must be as they stay.

    Args:
        ax: with lines of some labels, whose last points are ordered from left to right.
        first: labels in the order of their importance, of which the first `EMPHASISED` are named.
        shown: what to write for a label.
    """
    lines = fade(ax, first)
    ax.autoscale_view()  # where no limits were set they would be found only when it is drawn
    named = [(shown(label), line, _end(ax, line)) for label, line in lines.items()]
    named = [one for one in named if np.isfinite(one[2]).all()]
    size = float(ax.xaxis.label.get_fontsize()) - 0.5
    heights = np.array([end[1] for _, _, end in named])
    line = SPACING * size / 72 / max(ax.get_window_extent().height / ax.figure.dpi, 0.1)
    sizes = line * np.array([text.count("\n") + 1 for text, _, _ in named])
    for (text, own, end), seat in zip(named, apart(heights, sizes), strict=True):
        ax.annotate(
            "", tuple(end), (1, seat), "axes fraction", "axes fraction", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": own.get_color(), "linewidth": 0.5, "alpha": 0.6, "shrinkA": 0},
        )  # fmt: skip
        ax.annotate(
            text, (1, seat), (5, 0), "axes fraction", "offset points", va="center", fontsize=size,
            color=readable(own.get_color()), annotation_clip=False, linespacing=1.05,
        )  # fmt: skip


def fade(ax: "Axes", first: Sequence[str] = ()) -> "dict[str, Line2D]":
    """Make all lines faint but the first `EMPHASISED`, see `name_ends`, and return these by their labels."""
    lines = {str(line.get_label()): line for line in ax.get_lines() if not str(line.get_label()).startswith("_")}
    order = [label for label in first if label in lines] or list(lines)
    for label in order[EMPHASISED:]:
        lines[label].set(**FAINT, marker="", zorder=1)
    return {label: lines[label] for label in order[:EMPHASISED]}


def apart(heights: NDArray[np.floating], sizes: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n,) heights in [0, 1] as close to `heights` (n,) as they can be where things of some sizes (n,) do not overlap.

    Neighbours that touch become one block around the mean of where they want to be (isotonic regression).
    """
    order = np.argsort(heights, kind="stable")
    below = np.cumsum(sizes[order]) - sizes[order] / 2  # where each would be in one block from 0
    blocks: list[list[float]] = []
    for offset in heights[order] - below:
        blocks.append([offset])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    starts = np.clip([np.mean(block) for block in blocks], 0, max(1 - sizes.sum(), 0))
    found = np.empty(len(heights))
    found[order] = below + np.repeat(starts, [len(block) for block in blocks])
    return found


def readable(colour: Any) -> Any:
    """A colour, darkened until a text in it can be read on white."""
    from matplotlib.colors import to_rgb

    rgb, ink = np.array(to_rgb(colour)), np.array(to_rgb(INK))
    mixed = (rgb + share * (ink - rgb) for share in np.linspace(0, 1, 21))
    return tuple(next(one for one in mixed if 1.05 / (luminance(one) + 0.05) >= CONTRAST).tolist())


def luminance(rgb: NDArray[np.floating]) -> float:
    """The relative luminance of a colour (3,), as WCAG 2.2 defines it."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _end(ax: "Axes", line: "Line2D") -> NDArray[np.floating]:
    """(2,) the last point of a line that has a value, in fractions of the axes."""
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    seen = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(seen):
        return np.full(2, np.nan)
    place = ax.transAxes.inverted().transform(ax.transData.transform((x[seen[-1]], y[seen[-1]])))
    return np.clip(place, 0, 1)
