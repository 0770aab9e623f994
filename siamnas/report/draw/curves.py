"""Figures of curves: a panel per N over the evaluations, or a panel per K over N."""

from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.summary import plural
from siamnas.report.compare import words
from siamnas.report.compare.protocols import TOPK, Protocol
from siamnas.report.draw import figure, paper, plots
from siamnas.report.draw.style import Look, panels, render
from siamnas.report.read.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST, LIGHT_LONGEST = 170, 70  # K at the right end: N + K = 200 and 100 at N = 30, as in the paper


def over_evaluations(
    benchmark: Benchmark, protocol: Protocol, curves: "pd.DataFrame", look: dict[str, Look], overlay: bool, stem: str
) -> Figure:
    """A panel per N, over the number of evaluations (Figure 6a, by the top-K only).

    Args:
        benchmark: that it is about.
        reading: which curves.
        curves: of this benchmark, those that are drawn.
        look: of every method.
        overlay: draw the paper's curves where that is fair.
        stem: first part of the file names.
    """
    longest = LIGHT_LONGEST if benchmark.light else LONGEST
    curves = curves[curves["evaluations"] <= curves["n"] + longest]
    return _figure(benchmark, protocol, "n", curves, look, overlay, stem)


def over_n(
    benchmark: Benchmark, protocol: Protocol, curves: "pd.DataFrame", look: dict[str, Look], overlay: bool, stem: str
) -> Figure:
    """A panel per K, over N + K while N grows (Figures 6b and 7, by the top-K only).

    Args:
        benchmark: that it is about.
        reading: which curves.
        curves: of this benchmark at the values of K that are drawn.
        look: of every method.
        overlay: draw the paper's curves where that is fair.
        stem: first part of the file names.
    """
    return _figure(benchmark, protocol, "k", curves, look, overlay, stem)


def _figure(
    benchmark: Benchmark,
    protocol: Protocol,
    fixed: str,
    curves: "pd.DataFrame",
    look: dict[str, Look],
    overlay: bool,
    stem: str,
) -> Figure:
    """A panel per value of what is fixed, `n` or `k`."""
    metric, mean = benchmark.metric, f"{protocol.column}_mean"
    values = sorted({int(value) for value in curves[fixed]})
    plot = plots.over_evaluations if fixed == "n" else plots.over_n
    ends: dict[str, float] = {}
    laid = False
    with panels(1, len(values), _size(len(values))) as figure:
        for ax, value in zip(figure.axes, values, strict=True):
            own = curves[curves[fixed] == value]
            plot(own, protocol.column, look, metric, ax)
            if overlay and protocol is TOPK:
                laid |= _overlay(ax, own, metric, paper.curves(benchmark, **{fixed: value}))
            plots.optimum(benchmark.optimum, metric, ax)
            ends |= own.sort_values("evaluations").groupby("method")[mean].last().to_dict()
            ax.set_title(f"{fixed.upper()} = {value}")
            ax.set_xlabel(protocol.axes[fixed])
        _finish(figure, benchmark, protocol, _names(curves, ends, metric), laid)
        svg, png = render(figure)
    first = protocol.captions[fixed].format(
        noun=metric.noun, values=", ".join(map(str, values)), figure="7" if benchmark.light else "6b"
    )
    text = figure.caption(first, benchmark, curves, protocol, laid)
    stem = f"{stem}-{protocol.stem}-{fixed}={'-'.join(map(str, values))}"
    return Figure(benchmark.name, stem, text, len(values), svg, png)


def _size(count: int) -> tuple[float, float]:
    """Width and height in inches of `count` panels side by side and a legend."""
    return (7.4, 4.1) if count == 1 else (3.4 * count + 2.0, 3.9)


def _overlay(ax: "Axes", curves: "pd.DataFrame", metric: Metric, points: "pd.DataFrame") -> bool:
    """Lay the paper's curves over those of the same predictors; says whether there were any."""
    points = points[points["option"].isin(curves["option"]) & points["n_plus_k"].between(*ax.get_xlim())]
    if len(points):
        plots.paper(points, metric, ax)
    return bool(len(points))


def _names(curves: "pd.DataFrame", ends: dict[str, float], metric: Metric) -> dict[str, str]:
    """What the legend calls the methods, the one whose curve ends best first; who has fewer repeats is said."""
    counts, names = curves.groupby("method")["repeats"].min(), {}
    for method in sorted(ends, key=lambda method: ends[method], reverse=metric.maximise):
        fewer = f"\n({plural(int(counts[method]), 'repeat')})" if counts[method] < counts.max() else ""
        names[method] = figure.broken(method) + fewer
    return names


def _finish(figure: "Figure", benchmark: Benchmark, protocol: Protocol, names: dict[str, str], laid: bool) -> None:
    """What all figures share: one axis of values, title and legend."""
    limits = [ax.get_ylim() for ax in figure.axes]
    for ax in figure.axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
        ax.tick_params(axis="y", labelleft=ax is figure.axes[0])
    figure.axes[0].set_ylabel(f"best {words.axis_text(benchmark.metric)}")
    figure.suptitle(f"{benchmark.name}{protocol.title}", x=0.008, ha="left", fontsize=11, fontweight="bold")
    plots.legend(figure, names, laid)
