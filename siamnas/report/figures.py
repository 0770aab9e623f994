"""The figures of a report: which there are, their captions and their files."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.jobs import summary
from siamnas.report import naming, paper, plots
from siamnas.report.collect import Benchmark, Collection

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER_N = 30  # of Figure 6a
PANELS = 3  # side by side, at most
CURVES = 10  # methods at one N whose curves can be told apart; more are drawn as points
LONGEST, LIGHT_LONGEST = 170, 70  # K at the right end of curves over K: N + K = 200 and 100 at N = 30, as in the paper
SINGLE_RUN_OPTIMUM = {"nb201_c100": " (best single run 74.28, mean 73.51)"}


@dataclass(frozen=True)
class Picture:
    """A figure that is finished.

    Attributes:
        benchmark: its name.
        stem: of the file names.
        caption: text below it.
        panels: side by side.
        svg: its content.
        png: its content.
    """

    benchmark: str
    stem: str
    caption: str
    panels: int
    svg: str
    png: bytes

    def save(self, folder: Path) -> None:
        """Write both files."""
        (folder / f"{self.stem}.svg").write_text(self.svg, encoding="utf-8")
        (folder / f"{self.stem}.png").write_bytes(self.png)


def draw(found: Collection, ns: Sequence[int] = (), overlay: bool = True) -> Iterator[Picture]:
    """All figures of a report.

    Args:
        found: the results.
        ns: values of N whose curves over K are drawn; empty for a good choice.
        overlay: draw the paper's curves where that is fair.
    """
    look = plots.looks(found.runs)
    stems = _stems(found.benchmarks)
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
            for ks in _rows(list(benchmark.ks)):
                yield _fixed_k(benchmark, own, ks, look, overlay, f"{stems[benchmark.name]}-fixed-k")


def _fixed_n(
    benchmark: Benchmark,
    curves: "pd.DataFrame",
    ns: list[int],
    look: dict[str, plots.Look],
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
            plots.best_over_k(own, look, ax, longest)
            laid |= overlay and _overlay(ax, own, paper.curves(benchmark, n=n))
            plots.optimum(benchmark.optimum, ax)
            ends |= _last(own[own["k"] <= longest])
            ax.set_title(f"N = {n}")
            ax.set_xlabel("N + K (K grows)")
        _finish(figure, benchmark, _names(curves, ends), laid)
        svg, png = render(figure)
    which = ", ".join(map(str, ns))
    caption = f"Best accuracy among the first K of the ranking, with N = {which} fixed and K growing (Figure 6a)."
    stem = f"{stem}={'-'.join(map(str, ns))}"
    return Picture(benchmark.name, stem, _caption(caption, benchmark, curves, laid), len(ns), svg, png)


def _fixed_k(
    benchmark: Benchmark,
    curves: "pd.DataFrame",
    ks: list[int],
    look: dict[str, plots.Look],
    overlay: bool,
    stem: str,
) -> Picture:
    """Curves over N, a panel per K."""
    ends: dict[str, float] = {}
    laid = False
    with panels(1, len(ks), _size(len(ks))) as figure:
        for ax, k in zip(figure.axes, ks, strict=True):
            own = curves[curves["k"] == k]
            plots.best_over_n(own, look, ax)
            laid |= overlay and _overlay(ax, own, paper.curves(benchmark, k=k))
            plots.optimum(benchmark.optimum, ax)
            ends |= _last(own)
            ax.set_title(f"K = {k}")
            ax.set_xlabel("N + K (N grows)")
        _finish(figure, benchmark, _names(curves, ends), laid)
        svg, png = render(figure)
    which, number = ", ".join(map(str, ks)), "7" if benchmark.light else "6b"
    caption = f"Best accuracy among the top K, with K = {which} fixed and N growing (Figure {number})."
    stem = f"{stem}={'-'.join(map(str, ks))}"
    return Picture(benchmark.name, stem, _caption(caption, benchmark, curves, laid), len(ks), svg, png)


def _points(benchmark: Benchmark, curves: "pd.DataFrame", look: dict[str, plots.Look], stem: str) -> Picture:
    """One N: a panel per K with a row per method, which is for more methods than curves can show."""
    ks = list(benchmark.ks)[:PANELS]
    order = list(curves[curves["k"] == ks[-1]].sort_values("best_mean")["method"])
    with panels(1, len(ks), (2.6 * len(ks) + 3.4, 0.9 + 0.24 * len(order))) as figure:
        for ax, k in zip(figure.axes, ks, strict=True):
            plots.points(curves[curves["k"] == k].set_index("method").loc[order], look, ax)
            ax.set_title(f"K = {k}")
            ax.tick_params(axis="y", labelleft=ax is figure.axes[0])
        figure.supxlabel(f"best {_split(benchmark)} accuracy, %", fontsize=9.5)
        figure.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
        svg, png = render(figure)
    n = int(curves["n"].iloc[0])
    caption = f"Best accuracy among the top K at N = {n}, with the 95 % interval of the mean over the repeats."
    parts = [caption, f"Accuracy: {naming.label_text(benchmark.report)}."]
    return Picture(benchmark.name, stem, " ".join(parts), len(ks), svg, png)


@contextmanager
def panels(rows: int, columns: int, size: tuple[float, float]) -> Iterator["Figure"]:
    """A figure of rows x columns axes, `size` inches wide and high, in the style of the report."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    with plt.rc_context(plots.STYLE):
        figure, _ = plt.subplots(rows, columns, figsize=size, layout="constrained")
        try:
            yield figure
        finally:
            plt.close(figure)


def _size(count: int) -> tuple[float, float]:
    """Width and height in inches of `count` panels side by side and a legend."""
    return (7.4, 4.1) if count == 1 else (3.4 * count + 2.0, 3.9)


def _overlay(ax: "Axes", curves: "pd.DataFrame", points: "pd.DataFrame") -> bool:
    """Lay the paper's curves over those of the same predictors; says whether there were any."""
    points = points[points["option"].isin(curves["option"]) & points["n_plus_k"].between(*ax.get_xlim())]
    if len(points):
        plots.paper(points, ax)
    return bool(len(points))


def _names(curves: "pd.DataFrame", ends: dict[str, float]) -> dict[str, str]:
    """What the legend calls the methods, the one whose curve ends highest first; who has fewer repeats is said."""
    counts, names = curves.groupby("method")["repeats"].min(), {}
    for method in sorted(ends, key=lambda method: -ends[method]):
        fewer = f"\n({summary.plural(int(counts[method]), 'repeat')})" if counts[method] < counts.max() else ""
        names[method] = method.replace(" (", "\n(") + fewer
    return names


def _last(curves: "pd.DataFrame") -> dict[str, float]:
    """Where the curve of each method ends."""
    return curves.sort_values("n_plus_k").groupby("method")["best_mean"].last().to_dict()


def _finish(figure: "Figure", benchmark: Benchmark, names: dict[str, str], laid: bool) -> None:
    """What all figures share: one accuracy axis, title and legend."""
    limits = [ax.get_ylim() for ax in figure.axes]
    for ax in figure.axes:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
        ax.tick_params(axis="y", labelleft=ax is figure.axes[0])
    figure.axes[0].set_ylabel(f"best {_split(benchmark)} accuracy, %")
    figure.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
    plots.legend(figure, names, laid)


def _split(benchmark: Benchmark) -> str:
    """The images behind the reported accuracy."""
    return "validation" if benchmark.report.startswith("valid") else "test"


def _caption(first: str, benchmark: Benchmark, curves: "pd.DataFrame", laid: bool) -> str:
    """What a reader must know to read a figure."""
    counts = sorted(set(curves["repeats"]))
    few = summary.plural(counts[0], "repeat")
    repeats = few if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats (see the table)"
    parts = [
        first,
        f"Mean over {repeats}; the band is a quarter of the standard deviation.",
        f"Accuracy: {naming.label_text(benchmark.report)}; the line is the best of all {benchmark.cells:,} cells.",
    ]
    if "column" in set(curves["option"]):
        parts.append("A fixed order trains on nothing and pays for its K only; it is drawn at the same N + K.")
    if laid:
        parts.append(
            "Dashed: the paper's curves, read off its figures. Its accuracies are single training runs, whose optimum "
            f"lies higher{SINGLE_RUN_OPTIMUM.get(benchmark.space, '')}: compare orders, gaps and shapes, not heights."
        )
    return " ".join(parts)


def render(figure: "Figure") -> tuple[str, bytes]:
    """The contents of the SVG, the same for the same figure, and of the PNG."""
    import matplotlib

    vector, pixels = io.StringIO(), io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "siamnas"}):
        figure.savefig(vector, format="svg", metadata={"Date": None}, transparent=True)
    figure.savefig(pixels, format="png", facecolor="white")
    return re.sub(r"(\.\d\d)\d+", r"\1", vector.getvalue()), pixels.getvalue()


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


def _stems(benchmarks: Sequence[Benchmark]) -> dict[str, str]:
    """A file name for each benchmark: the option of its space where that is unique."""
    stems = {}
    for benchmark in benchmarks:
        unique = sum(other.space == benchmark.space for other in benchmarks) == 1
        stems[benchmark.name] = (
            benchmark.space if unique else re.sub(r"[^a-z0-9.=]+", "-", benchmark.name.lower()).strip("-")
        )
    return stems
