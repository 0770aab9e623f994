"""The anytime figure: the best so far against its cost, in the seconds of the benchmark's own table."""

from typing import TYPE_CHECKING

import numpy as np

from siamnas.report.compare.protocols import axis_text
from siamnas.report.draw import plots
from siamnas.report.draw.figure import BAND, ReportFigure, broken, measured
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import panels, render, write_title

if TYPE_CHECKING:
    import pandas as pd

STEEP = 0.4  # of the logarithmic axis, at the left: what is found there may leave the frame
FADED = 0.55  # opacity of a method's curves but that of its largest N


def over_seconds(benchmark: Benchmark, anytime: "pd.DataFrame", look: dict[str, Look], stem: str) -> ReportFigure:
    """One panel for all methods: evaluations, codes and low fidelities all cost time, which is one axis.

    Args:
        benchmark: that it is about.
        anytime: of this benchmark, see `Collection`.
        look: of every method.
        stem: first part of the file names.
    """
    metric = benchmark.metric
    several = anytime.groupby("method")["n"].transform("nunique") > 1
    anytime = anytime.assign(
        line=anytime["method"].where(~several, anytime["method"] + ", N = " + anytime["n"].astype(str))
    )
    largest = anytime.groupby("method")["n"].transform("max")
    ends = anytime.groupby("line", sort=False)["best_mean"].last().sort_values(ascending=not metric.maximise)
    with panels(1, 1, (7.4, 4.3)) as figure:
        (ax,) = figure.axes
        for (line, method), own in anytime.groupby(["line", "method"], sort=False):
            plots.against_seconds(own, str(line), look[str(method)], metric, ax)
            if own["n"].iloc[0] < largest[own.index[0]]:
                ax.lines[-1].set_alpha(FADED)
        plots.frame_late(anytime, metric, STEEP, ax)
        plots.optimum(benchmark.optimum, metric, ax)
        ax.set_xlabel("GPU-seconds of trainings, codes and low fidelities")
        ax.set_ylabel(f"best {axis_text(metric)}")
        write_title(figure, f"{benchmark.name}: anytime performance")
        plots.legend(figure, {str(line): broken(str(line)) for line in ends.index}, overlaid=False)
        svg, png = render(figure)
    text = (
        f"Best {metric.noun} of all evaluated architectures, against GPU-seconds in the times of the benchmark's own "
        "table: trainings, Estimation Codes and low fidelities. Mean over the repeats, from the time at which each "
        f"has evaluated something to the time at which the first one ends; {BAND}. {measured(benchmark)}."
    )
    return ReportFigure(benchmark.name, f"{stem}-seconds", text, 1, svg, png)


def select(anytime: "pd.DataFrame", ns: list[int], most: int) -> "pd.DataFrame":
    """The curves that are drawn: of every method those of `ns`, or its largest N where it has none of them.

    Where these are more than `most`, one for each method.
    """
    wanted = anytime["n"].isin(ns)
    largest = anytime["n"] == anytime.groupby("method")["n"].transform("max")
    has = wanted.groupby(anytime["method"]).transform("any")
    shown = anytime[np.where(has, wanted, largest)]
    return anytime[largest] if shown.groupby(["method", "n"]).ngroups > most else shown
