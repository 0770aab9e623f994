"""The figure of what was found against what it has cost, in the benchmark's own seconds."""

from typing import TYPE_CHECKING

import numpy as np

from siamnas.report.compare import words
from siamnas.report.draw import plots
from siamnas.report.draw.style import Look, panels, render
from siamnas.report.read.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd

STEEP = 0.4  # of the logarithmic axis, at the left: what is found there may leave the frame
FADED = 0.55  # opacity of a method's curves but that of its largest N


def over_seconds(benchmark: Benchmark, anytime: "pd.DataFrame", look: dict[str, Look], stem: str) -> Figure:
    """One panel for all methods: whatever they have paid for, evaluations, codes or low fidelities, is on one axis.

    Args:
        benchmark: that it is about.
        costs: of this benchmark, see `Collection`.
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
        ax.set_ylabel(f"best {words.axis_text(metric)}")
        figure.suptitle(f"{benchmark.name}: what it costs", x=0.008, ha="left", fontsize=11, fontweight="bold")
        plots.legend(figure, {str(line): figure.broken(str(line)) for line in ends.index}, overlaid=False)
        svg, png = render(figure)
    text = (
        f"Best {metric.noun} of everything that was paid for, against GPU-seconds in the times of the benchmark's own "
        "table: trainings, Estimation Codes and low fidelities. Mean over the repeats, from where each of them has found "
        f"something to where one has spent all. {figure.measured(benchmark)}."
    )
    return Figure(benchmark.name, f"{stem}-seconds", text, 1, svg, png)


def choose(anytime: "pd.DataFrame", ns: list[int], most: int) -> "pd.DataFrame":
    """The curves that are drawn: of every method those of `ns`, or its largest N where it has none of them.

    Where these are more than `most`, one for each method.
    """
    wanted = anytime["n"].isin(ns)
    largest = anytime["n"] == anytime.groupby("method")["n"].transform("max")
    has = wanted.groupby(anytime["method"]).transform("any")
    shown = anytime[np.where(has, wanted, largest)]
    return anytime[largest] if shown.groupby(["method", "n"]).ngroups > most else shown
