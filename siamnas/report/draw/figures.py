"""The figures of a report: which there are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from siamnas.report.compare.pareto import Front
from siamnas.report.compare.pareto import curves as hypervolumes
from siamnas.report.compare.protocols import MAIN, PROTOCOLS, axis_text
from siamnas.report.compare.regret import Equal
from siamnas.report.draw import plots
from siamnas.report.draw.anytime import over_seconds, select
from siamnas.report.draw.curves import over_evaluations, over_n
from siamnas.report.draw.figure import ReportFigure, measured, stems
from siamnas.report.draw.pareto import pareto_figure
from siamnas.report.draw.predicted import predicted_figure
from siamnas.report.draw.regret import regret_figure
from siamnas.report.draw.style import Look, looks
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.runtime.drawing import is_narrow, panels, render, write_title

if TYPE_CHECKING:
    import pandas as pd

USUAL_NS = (30, 100)  # of curves over the evaluations: that of Figure 6a, and a larger one
PANELS = 3  # side by side, at most
CURVES = 10  # methods at one N whose curves can be told apart; more are drawn as points


def draw(
    found: Collection,
    equal: Equal,
    fronts: Sequence[Front],
    references: Mapping[str, str],
    ns: Sequence[int] = (),
    overlay: bool = True,
    predicted: "pd.DataFrame | None" = None,
) -> Iterator[ReportFigure]:
    """All figures of a report: of each benchmark by the main protocol, by the top-K only, and over the cost.

    Args:
        found: the results.
        equal: of `regret.compare`.
        fronts: of `pareto.compare`.
        references: benchmark -> the method that points are compared with.
        ns: values of N whose curves over the evaluations are drawn; empty for a good choice.
        overlay: draw the paper's curves where that is fair.
        predicted: of `predicted.frame`; None where it was not asked for.
    """
    look = looks(found.runs)
    stem_of = stems(found.benchmarks)
    for benchmark in found.benchmarks:
        stem, curves = stem_of[benchmark.name], found.curves[found.curves["benchmark"] == benchmark.name]
        if front := next((front for front in fronts if front.benchmark == benchmark.name), None):
            yield pareto_figure(benchmark, front, hypervolumes(front), look, stem)
        if regret := regret_figure(benchmark, equal.curves, look, stem):
            yield regret
            ranked = curves.groupby(["method", "n"])["k"].transform("count") > 0
            curves = curves[ranked]  # the others are in that figure
        shown = list(ns) or _choose(curves)
        yield from _by_protocol(benchmark, curves, shown, references[benchmark.name], look, overlay, stem)
        anytime = found.anytime[found.anytime["benchmark"] == benchmark.name]
        if anytime["method"].nunique() > 1:
            yield over_seconds(benchmark, select(anytime, shown, CURVES), look, stem)
        if predicted is not None and (made := predicted_figure(benchmark, predicted, look, stem)):
            yield made


def _by_protocol(
    benchmark: Benchmark,
    curves: "pd.DataFrame",
    ns: list[int],
    reference: str,
    look: dict[str, Look],
    overlay: bool,
    stem: str,
) -> Iterator[ReportFigure]:
    """The figures by the main protocol and by the top-K only: over the evaluations at some N, and over N at each K."""
    for protocol in PROTOCOLS:
        own = curves.dropna(subset=f"{protocol.column}_mean")
        for n_group in _rows([n for n in ns if n in set(own["n"])]):
            shown = own[own["n"].isin(n_group)]
            if shown["method"].nunique() <= CURVES or shown["k"].isna().all():
                yield over_evaluations(benchmark, protocol, shown, look, overlay, stem)
            elif protocol is MAIN:  # points show both
                for n in n_group:
                    yield _points(benchmark, shown[shown["n"] == n], reference, look, f"{stem}-points-n={n}")
        several = own.groupby("method")["n"].nunique()
        own = own[own["method"].isin(several.index[several > 1])]
        for ks in _rows([k for k in benchmark.ks if k in set(own["k"])]):
            yield over_n(benchmark, protocol, own[own["k"].isin(ks)], look, overlay, stem)


def _points(
    benchmark: Benchmark, curves: "pd.DataFrame", reference: str, look: dict[str, Look], stem: str
) -> ReportFigure:
    """One N: a panel per K with a row per method, which is for more methods than curves can show."""
    ks = [k for k in benchmark.ks if k][:PANELS]
    ends = curves[curves["k"].isin(ks)].groupby("method", sort=False)["best_mean"].last()
    order = list(ends.sort_values(ascending=benchmark.metric.maximise).index)  # the best on top
    n = int(curves["n"].iloc[0])
    with panels(1, len(ks), (2.6 * len(ks) + 3.4, 0.9 + 0.24 * len(order))) as figure:
        for ax, k in zip(figure.axes, ks, strict=True):
            rows = curves[curves["k"] == k].set_index("method").reindex(order)
            plots.points(rows, reference, look, benchmark.metric, ax)
            ax.set_title(f"K = {k}, {n + k} evaluations")
            ax.tick_params(axis="y", labelleft=is_narrow() or ax is figure.axes[0])
        figure.axes[len(ks) // 2].set_xlabel(f"best {axis_text(benchmark.metric)}")
        write_title(figure, benchmark.name)
        svg, png = render(figure)
    noun = benchmark.metric.noun
    first = (
        f"Best {noun} of all evaluated architectures, N = {n} and then the top K, with the 95 % interval of the mean "
        f"over the repeats (Student's t); the line is {reference}. The rings are the top-K only: the best {noun} of "
        "the top K of the ranking alone."
    )
    return ReportFigure(benchmark.name, stem, f"{first} {measured(benchmark)}.", len(ks), svg, png)


def _choose(curves: "pd.DataFrame") -> list[int]:
    """All N where they fit side by side; else the usual ones, or the one that most methods have."""
    ns = sorted(set(curves["n"]))
    if len(ns) <= PANELS:
        return ns
    methods = curves.groupby("n")["method"].nunique()
    return [n for n in USUAL_NS if n in ns] or [int(methods.idxmax())]


def _rows(values: list[int]) -> Iterator[list[int]]:
    """Cut into rows of panels."""
    for start in range(0, len(values), PANELS):
        yield values[start : start + PANELS]
