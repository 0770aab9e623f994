"""Lines that are named where they end, so that nobody has to look up a colour in a legend."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamnas.runtime.drawing import EMPHASISED, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Box = tuple[float, float, float, float]  # left, right, low, high in fractions of the axes
FAINT = {"linewidth": 0.7, "alpha": 0.45, "color": MUTED, "linestyle": "-"}
SPACING = 1.25  # from line to line of a text, in font sizes
WIDE = 0.75  # of a character, in font sizes, where the axes get narrower yet
OFFSETS = (0, 0.75, -0.75, 1.25, -1.25, 2, -2)  # in lines of a text, from the end of its line
LATE = 0.85  # of the axes: a line that ends before it is named there
CONTRAST = 4.5  # of a text on white, at least (WCAG 2.2, level AA)


def name_ends(ax: "Axes", first: Sequence[str] = (), shown: Callable[[str], str] = str) -> None:
    """Write the name of each line at its end, in its colour; of many lines those are faint that come last in `first`.

    A line that ends long before the right edge is named there, where no other line is in the way; the others are named
    at the edge. The limits of the axes must be as they stay.

    Args:
        ax: with lines of some labels, whose last points are ordered from left to right.
        first: labels in the order of their importance, of which the first `EMPHASISED` are named.
        shown: what to write for a label.
    """
    lines = fade(ax, first)
    ax.autoscale_view()  # where no limits were set they would be found only when it is drawn
    paths = {line: path for line in ax.get_lines() if len(path := _path(ax, line))}
    named = [(shown(label), line, np.clip(paths[line][-1], 0, 1)) for label, line in lines.items() if line in paths]
    size = float(ax.xaxis.label.get_fontsize()) - 0.5
    extent = ax.get_window_extent()
    unit = size / 72 * ax.figure.dpi / np.maximum([extent.width, extent.height], 1)  # (2,) of a font size
    style: dict[str, Any] = {"fontsize": size, "va": "center", "annotation_clip": False, "linespacing": 1.05}
    taken: list[Box] = []
    late = []
    for text, own, end in named:
        others = [path for line, path in paths.items() if line is not own]
        box = _beside(end, text, unit, others, taken) if end[0] < LATE else None
        if box is None:
            late.append((text, own, end))
            continue
        taken.append(box)
        ax.annotate(text, (box[0], (box[2] + box[3]) / 2), xycoords="axes fraction",
                    color=readable(own.get_color()), **style)  # fmt: skip
    heights = np.array([end[1] for _, _, end in late])
    sizes = SPACING * unit[1] * np.array([text.count("\n") + 1 for text, _, _ in late])
    for (text, own, end), seat in zip(late, apart(heights, sizes), strict=True):
        ax.annotate(
            "", tuple(end), (1, seat), "axes fraction", "axes fraction", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": own.get_color(), "linewidth": 0.5, "alpha": 0.6, "shrinkA": 0},
        )  # fmt: skip
        ax.annotate(text, (1, seat), (5, 0), "axes fraction", "offset points",
                    color=readable(own.get_color()), **style)  # fmt: skip


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


def readable(colour: Any, on: str = "white") -> Any:
    """A colour, mixed with ink, or with white on what is dark, until a text in it can be read."""
    from matplotlib.colors import to_rgb

    ground = luminance(np.array(to_rgb(on)))
    rgb, far = np.array(to_rgb(colour)), np.array(to_rgb(INK if ground > 0.5 else "white"))
    mixed = (rgb + share * (far - rgb) for share in np.linspace(0, 1, 21))
    return tuple(next(one for one in mixed if contrast(luminance(one), ground) >= CONTRAST).tolist())


def contrast(one: float, other: float) -> float:
    """The contrast of two luminances (WCAG 2.2)."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def luminance(rgb: NDArray[np.floating]) -> float:
    """The relative luminance of a colour (3,), as WCAG 2.2 defines it."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _beside(
    end: NDArray[np.floating],
    text: str,
    unit: NDArray[np.floating],
    paths: Sequence[NDArray[np.floating]],
    taken: Sequence[Box],
) -> Box | None:
    """The place of a text behind the end (2,) of its line, or a little above or below it; None where none is free."""
    rows = text.split("\n")
    width, height = unit * (WIDE * max(map(len, rows)), SPACING * len(rows))
    left = end[0] + 0.6 * unit[0]
    for rows_off in OFFSETS:
        middle = end[1] + rows_off * SPACING * unit[1]
        box = (left, left + width, middle - height / 2, middle + height / 2)
        if box[1] <= 1 and 0 <= box[2] and box[3] <= 1 and _is_free(box, paths, taken):
            return box
    return None


def _is_free(box: Box, paths: Sequence[NDArray[np.floating]], taken: Sequence[Box]) -> bool:
    """Whether no line and no other text is in a box."""
    left, right, low, high = box
    if any(left < other[1] and other[0] < right and low < other[3] and other[2] < high for other in taken):
        return False
    for path in paths:
        x = np.append(np.linspace(left, right, 24), path[:, 0].clip(left, right))
        x.sort()
        y = np.interp(x, path[:, 0], path[:, 1], left=np.nan, right=np.nan)
        if ((np.fmin(y[1:], y[:-1]) < high) & (np.fmax(y[1:], y[:-1]) > low)).any():
            return False
    return True


def _path(ax: "Axes", line: "Line2D") -> NDArray[np.floating]:
    """(n, 2) the points of a line that have a value, in fractions of the axes."""
    points = np.column_stack([np.asarray(values, dtype=float) for values in line.get_data()])
    points = points[np.isfinite(points).all(axis=1)]
    if line.get_transform() != ax.transData or not len(points):
        return np.empty((0, 2))  # a line through all of the axes has a transform of its own
    return ax.transAxes.inverted().transform(ax.transData.transform(points))
