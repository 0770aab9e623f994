"""How every figure of siamnas looks, and how it becomes files."""

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from siamnas.errors import InputError, literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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
    "figure.titlesize": 11,
    "figure.titleweight": "bold",
    "savefig.dpi": 160,
    "text.parse_math": False,  # names may hold a $
}
SINGLE = (4.6, 3.1)  # inches of axes alone: no text is below 6 points where they are printed 80 mm wide
COLUMN = 80 / 25.4  # inches: of a paper with two columns
NARROW: dict[Any, Any] = {  # in place of STYLE, for figures of this width
    "font.size": 7, "axes.titlesize": 7.5, "axes.labelsize": 7, "legend.fontsize": 6.5, "figure.titlesize": 8,
    "lines.linewidth": 1.2, "xtick.major.size": 2.5, "ytick.major.size": 2.5, "savefig.dpi": 300,
}  # fmt: skip
WRAPPED = 42  # characters of the title of a narrow figure
HEIGHT = 2.3  # inches of each panel of a narrow figure
EMPHASISED = 7  # lines that a reader can follow
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)


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


def single(ax: "Axes | None") -> "Axes":
    """The axes that a user gives, or new ones.

    Raises:
        InputError: they are no axes.
    """
    from matplotlib import pyplot as plt

    if ax is not None and not hasattr(ax, "annotate"):
        raise InputError(f"ax={literal(ax)}: must be axes of matplotlib, one of them")
    return plt.subplots(figsize=SINGLE, layout="constrained")[1] if ax is None else ax


@contextmanager
def narrow(wanted: bool = True) -> Iterator[None]:
    """Figures for a column of a paper within it: 80 mm wide, panels one below the other, no text below 6 points."""
    token = _narrow.set(wanted)
    try:
        yield
    finally:
        _narrow.reset(token)


def write_title(figure: "Figure", text: str) -> None:
    """Write the title of a whole figure, in lines that fit."""
    figure.suptitle("\n".join(textwrap.wrap(text, WRAPPED)) if is_narrow() else text, x=0.008, ha="left")


def small() -> float:
    """The size of what is written among the lines."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points()) - 0.5


def narrow_file(stem: str) -> str:
    """What the file of a narrow figure is called, beside `stem`.svg."""
    return f"{stem}-80mm.svg"


def is_narrow() -> bool:
    """Whether figures are for a column of a paper."""
    return _narrow.get()


@contextmanager
def panels(rows: int, columns: int, size: tuple[float, float], stacked: bool = True) -> Iterator["Figure"]:
    """A figure of rows x columns axes, in the style of the report; see `narrow`, too.

    Args:
        rows: of axes.
        columns: of axes.
        size: inches, width and height.
        stacked: whether the panels of a narrow figure stand one below the other; else it is as high as `size` says.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    style = STYLE
    if is_narrow():
        rows, columns = (rows * columns, 1) if stacked else (rows, columns)
        style, size = STYLE | NARROW, (COLUMN, HEIGHT * rows if stacked else size[1])
    with plt.rc_context():
        matplotlib.rcdefaults()  # a file matplotlibrc, of the user or in this folder, says how figures of others look
        matplotlib.rcParams.update(style)
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
