"""The figure of predictions: against the truth, and how honest their spread is."""

from typing import TYPE_CHECKING

from siamnas.predictors.calibration import Predictions
from siamnas.report.compare.protocols import axis_text
from siamnas.report.draw.figure import ReportFigure, broken, measured
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import EMPHASISED, panels, render, write_title
from siamnas.search import predicted

if TYPE_CHECKING:
    import pandas as pd

MOST = 3  # methods whose predictions have panels of their own


def predicted_figure(
    benchmark: Benchmark, found: "pd.DataFrame", look: dict[str, Look], stem: str
) -> ReportFigure | None:
    """A panel of predictions per method, then the coverage of all; None where nothing was predicted.

    Args:
        benchmark: that it is about.
        found: of `siamnas.report.compare.predicted.frame`.
        look: of every method.
        stem: first part of the file names.
    """
    rows = found[found["benchmark"] == benchmark.name]
    if rows.empty:
        return None
    scale, axis = benchmark.metric.scale, axis_text(benchmark.metric)
    own = {str(method): part for method, part in rows.groupby("method", sort=False)}
    shown = list(own)[:MOST]
    with panels(1, len(shown) + 1, (3.5 * (len(shown) + 1), 3.9)) as figure:
        *scatters, last = figure.axes
        for ax, method in zip(scatters, shown, strict=True):
            made = Predictions.of(own[method])
            predicted.scatter(ax, scale * own[method]["value"].to_numpy(), made, look[method].colour)
            ax.set_title(f"{broken(method)}\n{ax.get_title(loc='left')}")
            ax.set(xlabel=f"true {axis}", ylabel="predicted from all others" if ax is scatters[0] else "")
        found_by = {method: Predictions.of(own[method]) for method in list(own)[:EMPHASISED]}
        names = {method: f"{broken(method)}\n{_score(one)}" for method, one in found_by.items()}
        predicted.coverage(
            last,
            {names[method]: one for method, one in found_by.items()},
            {name: look[method].colour for method, name in names.items()},
        )
        last.set_title("calibration, and score (CRPS)\nby that without a predictor")
        write_title(figure, f"{benchmark.name}: predictions")
        svg, png = render(figure)
    seeds = rows.groupby("method")["seed"].nunique().max()
    caption = (
        "What a predictor says of each evaluation of a search when it has learnt from all others, in "
        f"{'the first repeat' if seeds == 1 else f'the first {seeds} repeats'}, with its standard deviation: against "
        "the truth, with Kendall's tau; and the share of the truth within the central intervals of these predictions, "
        "which is on the dotted line where the spread is honest. The continuous ranked probability score (CRPS), "
        "smaller is better, is a share of that of the mean and the standard deviation of all evaluations. "
        f"{measured(benchmark)}."
    )
    return ReportFigure(benchmark.name, f"{stem}-predicted", caption, len(shown) + 1, svg, png)


def _score(found: Predictions) -> str:
    """The score by that without a predictor."""
    return f"{found.crps / found.without.crps:.0%}"
