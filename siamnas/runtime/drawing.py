"""How every figure of siamnas looks, and how it becomes files."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#1c1c21", "#6c6c78", "#e4e4ea"  # the HTML page replaces these three by those of its theme
TAG, DIGITS = re.compile(r"<[^>]*>"), re.compile(r"(\.\d\d)\d+")  # of an SVG: coordinates need no more; text keeps all
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
    "text.parse_math": False,  # names may hold a $
}


@contextmanager
def styled() -> Iterator[None]:
    """The style within it, for axes that a user looks at, in a notebook too.

    `rc_context` would take back what the backend of a notebook sets with its first figure, and show no second one.
    """
    from matplotlib import rcParams

    before = {key: rcParams[key] for key in STYLE}
    rcParams.update(STYLE)
    try:
        yield
    finally:
        rcParams.update(before)


@contextmanager
def panels(rows: int, columns: int, size: tuple[float, float]) -> Iterator["Figure"]:
    """A figure of rows x columns axes, `size` inches wide and high, in the style of the report."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    with plt.rc_context(STYLE):
        figure, _ = plt.subplots(rows, columns, figsize=size, layout="constrained")
        try:
            yield figure
        finally:
            plt.close(figure)


def render(figure: "Figure") -> tuple[str, bytes]:
    """The contents of the SVG, the same for the same figure, and of the PNG."""
    import matplotlib

    vector, pixels = io.StringIO(), io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "siamnas"}):
        figure.savefig(vector, format="svg", metadata={"Date": None}, transparent=True)
    figure.set_layout_engine(None)  # the axes stay where they are: finding their places takes longer than drawing
    figure.savefig(pixels, format="png", facecolor="white")
    return TAG.sub(lambda tag: DIGITS.sub(r"\1", tag[0]), vector.getvalue()), pixels.getvalue()
