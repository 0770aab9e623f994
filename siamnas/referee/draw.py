"""The critical-difference diagram (Demsar 2006): mean ranks on a line, and who can't be told apart."""

from typing import TYPE_CHECKING

from siamnas.jobs.summary import plural
from siamnas.referee.statistics import Ranks
from siamnas.runtime import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = 9  # points: above 6 where the figure is printed 80 mm wide
LINE = 0.24  # inches of a line of text
WIDE = 10  # ranks of which every second one has its number


def critical_difference(ranks: Ranks) -> tuple[str, bytes]:
    """The SVG and the PNG."""
    half = -(-len(ranks.methods) // 2)
    groups = ranks.groups()
    with drawing.panels(1, 1, (drawing.SINGLE[0], LINE * (half + len(groups) / 2 + 5))) as figure:
        axes = figure.axes[0]
        axes.set_axis_off()
        low, high = 1, max(len(ranks.methods), 2)
        axes.plot([low, high], [0, 0], color=drawing.INK)
        for rank in range(low, high + 1):
            axes.plot([rank, rank], [0, 0.3], color=drawing.INK, linewidth=1)
            if (rank - low) % (1 if high < WIDE else 2) == 0:
                axes.text(rank, 0.5, str(rank), ha="center", va="bottom", fontsize=SIZE)
        axes.text(
            (low + high) / 2,
            1.3,
            f"mean rank over {plural(ranks.tasks, 'task')}, 1 is best",
            ha="center",
            va="bottom",
            fontsize=SIZE,
        )
        axes.plot([low, low + ranks.critical], [3.2, 3.2], color=drawing.MUTED)
        axes.text(low, 3.4, f"critical difference {ranks.critical:.2f} (Nemenyi, 5 %)", fontsize=SIZE, va="bottom")
        for seat, (first, last) in enumerate(groups, start=1):
            ends = ranks.means[first] - 0.05, ranks.means[last] + 0.05
            axes.plot(ends, [-0.5 * seat] * 2, color=drawing.INK, linewidth=3)
        begin = -0.5 * len(groups) - 1
        for seat in range(len(ranks.methods)):
            left = seat < half
            line = seat if left else len(ranks.methods) - 1 - seat
            _label(axes, ranks, seat, begin - line, low - 0.3 if left else high + 0.3)
        axes.set_ylim(begin - half, 4.5)
        return drawing.render(figure)


def _label(axes: "Axes", ranks: Ranks, seat: int, height: float, end: float) -> None:
    """The name of a method, and the line from it to its rank."""
    mean = float(ranks.means[seat])
    axes.plot([mean, mean, end], [0, height, height], color=drawing.MUTED, linewidth=0.8)
    left = end < mean
    text = f"{ranks.methods[seat]}  {mean:.2f}" if left else f"{mean:.2f}  {ranks.methods[seat]}"
    axes.text(
        end, height, f"{text} " if left else f" {text}", ha="right" if left else "left", va="center", fontsize=SIZE
    )
