"""The figure of the regret over the evaluations."""

from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import PERCENT
from siamnas.report.draw import plots
from siamnas.report.draw.figure import ReportFigure, broken, measured, rest_text, spanned
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import panels, render, write_title
from siamnas.runtime.line_labels import name_ends

if TYPE_CHECKING:
    import pandas as pd

PANELS = {
    "mean": "mean, and the quartiles of the repeats",
    "worst": "the worst repeat",
}


def regret_figure(
    benchmark: Benchmark, curves: "pd.DataFrame", look: dict[str, Look], stem: str
) -> ReportFigure | None:
    """Regret over the evaluations, the mean beside the worst; None without anything to compare or a known optimum.

    Args:
        benchmark: that it is about.
        curves: of `regret.Equal`.
        look: of every method.
        stem: first part of the file names.
    """
    curves = curves[curves["benchmark"] == benchmark.name]
    if curves.empty or not benchmark.has_optimum:
        return None
    order = plots.by_end(curves)
    with panels(1, len(PANELS), (10.6, 4.3)) as figure:
        for ax, (column, title) in zip(figure.axes, PANELS.items(), strict=True):
            plots.regret(curves, column, look, benchmark.metric, ax)
            ax.set_title(title)
            ax.set_xlabel("evaluations")
            name_ends(ax, order, broken)
        unit = ", points" if benchmark.metric.unit == PERCENT else ""
        figure.axes[0].set_ylabel(f"regret: distance to the optimum{unit}")
        write_title(figure, f"{benchmark.name}: regret")
        svg, png = render(figure)
    caption = (
        f"Distance of the best so far to the optimum, against the evaluations: its mean over "
        f"{spanned(curves['repeats'])} repeats with the range of the middle half of them, and its "
        "largest. A method that ends with a ranking has a job of its own for each budget, which is a point. "
        f"{rest_text(order)}"
        f"{measured(benchmark)}."
    )
    return ReportFigure(benchmark.name, f"{stem}-regret", caption, len(PANELS), svg, png)
