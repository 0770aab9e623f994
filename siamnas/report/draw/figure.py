"""A finished figure: its files, what they are called, and the text below it."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.jobs.summary import plural
from siamnas.report.compare.protocols import Protocol, metric_text
from siamnas.report.draw.style import worded
from siamnas.report.read.collect import Benchmark
from siamnas.runtime import files
from siamnas.runtime.drawing import EMPHASISED

if TYPE_CHECKING:
    import pandas as pd

SINGLE_RUN_OPTIMUM = {"nb201_c100": " (best single run 74.28, mean 73.51)"}
BAND = "the band is the 95 % interval of the mean (Student's t)"
NAMED = 30  # characters of a line of a legend
UNSAFE = re.compile(r"[^A-Za-z0-9._=-]+")  # in the name of a file


@dataclass(frozen=True)
class ReportFigure:
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
        files.write(folder / f"{self.stem}.svg", self.svg)
        files.write(folder / f"{self.stem}.png", self.png)


def stems(benchmarks: Sequence[Benchmark]) -> dict[str, str]:
    """The first part of the file names of each benchmark: the option of its space where that is unique, else its name.

    Every part is safe as a file name, and no two of them differ in upper and lower case only.
    """
    found: dict[str, str] = {}
    for benchmark in benchmarks:
        unique = sum(other.space == benchmark.space for other in benchmarks) == 1
        stem = UNSAFE.sub("-", benchmark.space if unique else benchmark.name.lower()).strip("-.") or "space"
        taken = {other.lower() for other in found.values()}
        same = next(i for i in range(1, len(benchmarks) + 1) if _numbered(stem, i).lower() not in taken)
        found[benchmark.name] = _numbered(stem, same)
    return found


def caption(first: str, benchmark: Benchmark, curves: "pd.DataFrame", protocol: Protocol, laid: bool) -> str:
    """The text that a reader of curves needs.

    Args:
        first: the sentence that says what they are.
        benchmark: that they are of.
        curves: those that are drawn.
        protocol: which of the two.
        laid: whether the paper's curves are drawn too.
    """
    counts = sorted(set(curves["repeats"]))
    few = plural(counts[0], "repeat")
    best = f"; the line is the best of all {benchmark.size:,} architectures" if benchmark.has_optimum else ""
    repeats = few if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats (see the table)"
    parts = [
        first,
        f"Mean over {repeats}; {BAND}." if counts[-1] > 1 else "One repeat.",
        f"{measured(benchmark)}{best}.",
    ]
    if {"column", "random"} & set(curves["option"]):
        parts.append(protocol.baselines)
    if laid:
        parts.append("Dashed: the paper's curves, read off its figures. Its accuracies are single training runs")
        parts[-1] += (  # where every repeat draws such runs there is no optimum of all, and they are alike
            f", whose optimum lies higher{SINGLE_RUN_OPTIMUM.get(benchmark.space, '')}: compare orders, gaps and "
            "shapes, not heights; those are of experiment=fig6_single_run."
            if benchmark.has_optimum
            else ", as are ours."
        )
    return " ".join(parts)


def spanned(counts: "pd.Series") -> str:
    """Numbers of repeats as one or as a range: `100`, or `25 to 100`."""
    least, most = int(counts.min()), int(counts.max())
    return str(least) if least == most else f"{least} to {most}"


def broken(method: str) -> str:
    """The name of a method for a legend, in lines of a few words, what is in brackets on a line of its own."""
    lines = worded(method).replace(" (", "\n(").split("\n")
    return "\n".join(textwrap.fill(line, NAMED) for line in lines)


def rest_text(order: Sequence[str]) -> str:
    """What must be said of lines that are not named; empty where all are."""
    left = len(order) - EMPHASISED
    return f"Named are the {EMPHASISED} that end best; {plural(left, 'other')} faint. " if left > 0 else ""


def measured(benchmark: Benchmark) -> str:
    """The metric, as the start of a sentence."""
    kind = "Accuracy" if benchmark.metric.noun == "accuracy" else "Metric"
    return "; ".join(filter(None, [f"{kind}: {metric_text(benchmark.metric)}", benchmark.remark]))


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"
