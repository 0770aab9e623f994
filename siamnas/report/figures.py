"""The figures of a report: which there are, and what is in their panels."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from siamnas.jobs.summary import plural
from siamnas.metric import Metric
from siamnas.report import paper, picture, plots, words
from siamnas.report.collect import Benchmark, Collection
from siamnas.report.picture import Picture
from siamnas.report.style import Look, looks, panels, render

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER_N = 30  # of Figure 6a
PANELS = 3  # side by side, at most
CURVES = 10  # methods at one N whose curves can be told apart; more are drawn as points
LONGEST, LIGHT_LONGEST = 170, 70  # K at the right end of curves over K: N + K = 200 and 100 at N = 30, as in the paper


def draw(found: Collection, ns: Sequence[int] = (), overlay: bool = True) -> Iterator[Picture]:
    """All figures of a report.

    Args:
        found: the results.
        ns: values of N whose curves over K are drawn; empty for a good choice.
        overlay: draw the paper's curves where that is fair.
    """
    look = looks(found.runs)
    stems = picture.stems(found.benchmarks)
    for benchmark in found.benchmarks:
        curves = found.curves[found.curves["benchmark"] == benchmark.name]
        for n_group in _rows(list(ns) or _choose(curves)):
            if (own := curves[curves["n"].isin(n_group)]).size:
                shown = [n for n in n_group if n in set(own["n"])]
                if own["method"].nunique() <= CURVES:
                    yield _fixed_n(benchmark, own, shown, look, overlay, f"{stems[benchmark.name]}-fixed-n")
                    continue
                for n in shown:
                    yield _points(benchmark, own[own["n"] == n], look, f"{stems[benchmark.name]}-points-n={n}")
        several = curves.groupby("method")["n"].nunique()
        if (own := curves[curves["method"].isin(several.index[several > 1])]).size:
            for ks in _rows([k for k in benchmark.ks if k in set(own["k"])]):
                yield _fixed_k(benchmark, own, ks, look, overlay, f"{stems[benchmark.name]}-fixed-k")


def _fixed_n(
    benchmark: Benchmark,
    curves: "pd.DataFrame",
    ns: list[int],
    look: dict[str, Look],
    overlay: bool,
    stem: str,
) -> Picture:
    """Curves over K, a panel per N."""
    longest = LIGHT_LONGEST if benchmark.light else LONGEST
    ends: dict[str, float] = {}
    laid = False
    with panels(1, len(ns), _size(len(ns))) as figure:
        for ax, n in zip(figure.axes, ns, strict=True):
            own = curves[curves["n"] == n]
            plots.best_over_k(own, look, benchmark.metric, ax, longest)
            laid |= overlay and _overlay(ax, own, benchmark.metric, paper.curves(benchmark, n=n))
            plots.optimum(benchmark.optimum, benchmark.metric, ax)
            ends |= _last(own[own["k"] <= longest])
            ax.set_title(f"N = {n}")
            ax.set_xlabel("N + K (K grows)")
        _finish(figure, benchmark, _names(curves, ends, benchmark.metric), laid)
        svg, png = render(figure)
    which = ", ".join(map(str, ns))
    first = f"Best {benchmark.metric.noun} among the first K of the ranking, with N = {which} fixed and K growing"
    stem = f"{stem}={'-'.join(map(str, ns))}"
    return Picture(
        benchmark.name, stem, picture.caption(f"{first} (Figure 6a).", benchmark, curves, laid), len(ns), svg, png
    )


def _fixed_k(
    benchmark: Benchmark,
    curves: "pd.DataFrame",
    ks: list[int],
    look: dict[str, Look],
    overlay: bool,
    stem: str,
) -> Picture:
    """Curves over N, a panel per K."""
    ends: dict[str, float] = {}
    laid = False
    with panels(1, len(ks), _size(len(ks))) as figure:
        for ax, k in zip(figure.axes, ks, strict=True):
            own = curves[curves["k"] == k]
            plots.best_over_n(own, look, benchmark.metric, ax)
            laid |= overlay and _overlay(ax, own, benchmark.metric, paper.curves(benchmark, k=k))
            plots.optimum(benchmark.optimum, benchmark.metric, ax)
            ends |= _last(own)
            ax.set_title(f"K = {k}")
            ax.set_xlabel("N + K (N grows)")
        _finish(figure, benchmark, _names(curves, ends, benchmark.metric), laid)
        svg, png = render(figure)
    which, number = ", ".join(map(str, ks)), "7" if benchmark.light else "6b"
    first = f"Best {benchmark.metric.noun} among the top K, with K = {which} fixed and N growing (Figure {number})."
    stem = f"{stem}={'-'.join(map(str, ks))}"
    return Picture(benchmark.name, stem, picture.caption(first, benchmark, curves, laid), len(ks), svg, png)


def _points(benchmark: Benchmark, curves: "pd.DataFrame", look: dict[str, Look], stem: str) -> Picture:
    """One N: a panel per K with a row per method, which is for more methods than curves can show."""
    ks = list(benchmark.ks)[:PANELS]
    ends = curves[curves["k"].isin(ks)].groupby("method", sort=False)["best_mean"].last()
    order = list(ends.sort_values(ascending=benchmark.metric.maximise).index)  # the best on top
    with panels(1, len(ks), (2.6 * len(ks) + 3.4, 0.9 + 0.24 * len(order))) as figure:
        for ax, k in zip(figure.axes, ks, strict=True):
            plots.points(curves[curves["k"] == k].set_index("method").reindex(order), look, benchmark.metric, ax)
            ax.set_title(f"K = {k}")
            ax.tick_params(axis="y", labelleft=ax is figure.axes[0])
        figure.supxlabel(f"best {words.axis_text(benchmark.metric)}", fontsize=9.5)
        figure.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
        svg, png = render(figure)
    n = int(curves["n"].iloc[0])
    first = (
        f"Best {benchmark.metric.noun} among the top K at N = {n}, with the 95 % interval of the mean over the repeats."
    )
    return Picture(benchmark.name, stem, f"{first} {picture.measured(benchmark)}.", len(ks), svg, png)


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
        names[method] = method.replace(" (", "\n(") + fewer
    return names


def _last(curves: "pd.DataFrame") -> dict[str, float]:
    """Where the curve of each method ends."""
    return curves.sort_values("n_plus_k").groupby("method")["best_mean"].last().to_dict()


def _finish(figure: "Figure", benchmark: Benchmark, names: dict[str, str], laid: bool) -> None:
    """What all figures share: one axis of values, title and legend."""
    limits = [ax.get_ylim() for ax in figure.axes]
    for ax in figure.axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
        ax.tick_params(axis="y", labelleft=ax is figure.axes[0])
    figure.axes[0].set_ylabel(f"best {words.axis_text(benchmark.metric)}")
    figure.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
    plots.legend(figure, names, laid)


def _choose(curves: "pd.DataFrame") -> list[int]:
    """All N where they fit side by side; else that of the paper, or the one that most methods have."""
    ns = sorted(set(curves["n"]))
    if len(ns) <= PANELS:
        return ns
    if PAPER_N in ns:
        return [PAPER_N]
    methods = curves.groupby("n")["method"].nunique()
    return [int(methods.idxmax())]


def _rows(values: list[int]) -> Iterator[list[int]]:
    """Cut into rows of panels."""
    for start in range(0, len(values), PANELS):
        yield values[start : start + PANELS]
