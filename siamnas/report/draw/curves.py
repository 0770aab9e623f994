"""Figures of curves: a panel per N over the evaluations, or a panel per K over N; with those of the paper's figures."""

import io
from typing import TYPE_CHECKING

from siamnas.benchmarks import shipped
from siamnas.benchmarks.metric import Metric
from siamnas.jobs.summary import plural
from siamnas.report.compare.protocols import TOPK, Protocol, axis_text
from siamnas.report.draw import plots
from siamnas.report.draw.figure import ReportFigure, broken, caption
from siamnas.report.draw.style import Look
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.drawing import is_narrow, panels, render, write_title

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST, LIGHT_LONGEST = 170, 70  # K at the right end: N + K = 200 and 100 at N = 30, as in the paper

# The curves of the paper's Figures 6 and 7.
FILE = "paper_curves.csv"
OPTIONS = {
    "predictor": "gcn",
    "siams": "siams",
    "siams +NSAM": "siams_nsam",
    "siams +NSAM +BTS": "siams_nsam_bts",
    "Tiny-NanoBench": "siams_nsam_bts",
    "Tiny-NASBench-201": "siams_nsam_bts",
}
LIGHT_CURVES = {"tiny_nb201": "Tiny-NASBench-201", "tiny_nanobench": "Tiny-NanoBench"}
SIZES = {"nb201_c100": 15_625, "tiny_nb201": 4_096}  # with another FLOPs limit it is another space
FIXED_N = {30: "6a"}
FIXED_K = {30: "6b"}
LIGHT_FIXED_K = {5: "7a", 10: "7b"}


def over_evaluations(
    benchmark: Benchmark, protocol: Protocol, curves: "pd.DataFrame", look: dict[str, Look], overlay: bool, stem: str
) -> ReportFigure:
    """A panel per N, over the number of evaluations (Figure 6a, by the top-K only).

    Args:
        benchmark: that it is about.
        protocol: which curves.
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
) -> ReportFigure:
    """A panel per K, over N + K while N grows (Figures 6b and 7, by the top-K only).

    Args:
        benchmark: that it is about.
        protocol: which curves.
        curves: of this benchmark at the values of K that are drawn.
        look: of every method.
        overlay: draw the paper's curves where that is fair.
        stem: first part of the file names.
    """
    return _figure(benchmark, protocol, "k", curves, look, overlay, stem)


def paper_curves(benchmark: Benchmark, *, n: int | None = None, k: int | None = None) -> "pd.DataFrame":
    """The paper's curves of a benchmark at a fixed N, or at a fixed K.

    Returns:
        Columns `option` (of the group predictor), `n_plus_k` and `best` (fraction); no rows where the paper has no
        curve for this space, this data set and this accuracy.
    """
    import pandas as pd

    table = pd.read_csv(io.BytesIO(shipped.read(FILE))).dropna()
    light = benchmark.space in LIGHT_CURVES
    figure = FIXED_N.get(n or 0) if k is None else (LIGHT_FIXED_K if light else FIXED_K).get(k)
    if not (light or benchmark.space == "nb201_c100") or SIZES.get(benchmark.space, benchmark.size) != benchmark.size:
        figure = None
    if benchmark.space in SIZES and not benchmark.metric.name.startswith("test_200"):
        figure = None
    table = table[table["figure"] == figure]
    if light:
        table = table[table["curve"] == LIGHT_CURVES[benchmark.space]]
    return pd.DataFrame(
        {
            "option": table["curve"].map(OPTIONS),
            "n_plus_k": table["trained_samples"].astype(int),
            "best": table["mean_acc_digitized"].astype(float),
        }
    ).reset_index(drop=True)


def _figure(
    benchmark: Benchmark,
    protocol: Protocol,
    fixed: str,
    curves: "pd.DataFrame",
    look: dict[str, Look],
    overlay: bool,
    stem: str,
) -> ReportFigure:
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
                laid |= _overlay(ax, own, metric, paper_curves(benchmark, **{fixed: value}))
            plots.optimum(benchmark.optimum, metric, ax)
            ends |= own.sort_values("evaluations").groupby("method")[mean].last().to_dict()
            ax.set_title(f"{fixed.upper()} = {value}")
            ax.set_xlabel(protocol.axes[fixed])
        _finish(figure, benchmark, protocol, _names(curves, ends, metric), laid)
        svg, png = render(figure)
    first = protocol.captions[fixed].format(
        noun=metric.noun, values=", ".join(map(str, values)), figure="7" if benchmark.light else "6b"
    )
    text = caption(first, benchmark, curves, protocol, laid)
    stem = f"{stem}-{protocol.stem}-{fixed}={'-'.join(map(str, values))}"
    return ReportFigure(benchmark.name, stem, text, len(values), svg, png)


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
        names[method] = broken(method) + fewer
    return names


def _finish(figure: "Figure", benchmark: Benchmark, protocol: Protocol, names: dict[str, str], laid: bool) -> None:
    """What all figures share: one axis of values, title and legend."""
    limits = [ax.get_ylim() for ax in figure.axes]
    for ax in figure.axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
        ax.tick_params(axis="y", labelleft=is_narrow() or ax is figure.axes[0])
    figure.axes[0].set_ylabel(f"best {axis_text(benchmark.metric)}")
    write_title(figure, f"{benchmark.name}{protocol.title}")
    plots.legend(figure, names, laid)
