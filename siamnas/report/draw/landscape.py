"""Figures of the spaces themselves, without a search: accuracy against FLOPs and against Estimation Codes."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from rich.table import Table as RichTable

from siamnas.config.validate import Condition, Positive
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import check_column
from siamnas.report.compare.correlation import TOP, correlations, signed
from siamnas.report.read import catalogue
from siamnas.report.read.catalogue import COLOURS
from siamnas.runtime import files, terminal
from siamnas.runtime.drawing import INK, MUTED, is_narrow, panels, render, small
from siamnas.runtime.table import Column, Table, frame_csv
from siamnas.spaces.benchmark import Benchmark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LOW = 0.03  # share that lies below the accuracy axis: architectures that hardly train would take most of its length
AXIS = (0.005, 0.985)  # quantiles of a code at the ends of its axis; losses have a long tail
BINS = 30  # of a density, each way
DENSITY = "Blues"  # one hue, dark where the architectures are many
FAINT = -2.0  # log of the count that would be white, so that a single architecture is seen
BROKEN = 9  # characters of a line above a narrow panel
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # of MFLOPs
LIGHT, OTHERS = COLOURS["siams_nsam_bts"], COLOURS["siams"]

COLUMNS = {  # of numbers, on the terminal
    "count": Column("number", text="{:,}".format),
    "best": Column("best acc.", "%", lambda share: f"{100 * share:.2f}"),
    "spearman": Column("Spearman", text="{:+.3f}".format),
    "kendall": Column("Kendall", text="{:+.3f}".format, leaves=1),
    "spearman_top": Column(f"Spearman, best {TOP:.0%}", text="{:+.3f}".format, leaves=2),
}


Spaces = Annotated[
    Mapping[str, Benchmark],
    Condition("a group of spaces", lambda v: v and all(isinstance(space, dict) for space in v.values())),
]


@dataclass(frozen=True)
class Landscape:
    """What a figure shows.

    Attributes:
        table: its numbers, one row per panel or part of one, accuracies as fractions.
        svg: its content.
        png: its content.
    """

    table: "pd.DataFrame"
    svg: str
    png: bytes

    def save(self, folder: Path, name: str) -> None:
        """Write `<name>.svg`, `.png` and `.csv` into a folder, which is made if it does not exist."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write(folder / f"{name}.svg", self.svg)
        files.write(folder / f"{name}.png", self.png)
        files.write(folder / f"{name}.csv", frame_csv(self.table))

    def to_rich(self) -> RichTable:
        """The numbers for the terminal; accuracies in percent."""
        columns = {name: COLUMNS.get(name, Column(name, left=True)) for name in self.table}
        return Table.of_frame(self.table, columns).rich(terminal.out.width)


def over_flops(spaces: Spaces, limit: Positive) -> Landscape:
    """Accuracy against FLOPs, the lightweight architectures marked (Figure 4); a panel per space.

    Args:
        spaces: name -> benchmark.
        limit: MFLOPs; those at or below are the lightweight ones.

    Raises:
        InputError: a space has no lightweight architecture.
    """
    import pandas as pd

    rows = []
    for name, benchmark in spaces.items():
        flops, report = benchmark.space.columns["flops"], benchmark.measured.report
        if limit < flops.min():
            raise InputError(f"figure.limit={limit:g}: must be at least {flops.min():g} (MFLOPs), the least of {name}")
        for part, which in (("all", np.full(len(flops), True)), (f"at most {limit:g} MFLOPs", flops <= limit)):
            own = {"space": name, "architectures": part, "count": int(which.sum()), "best": report[which].max()}
            rows.append(own | correlations(flops[which], report[which]))
    table = pd.DataFrame(rows)
    with panels(1, len(spaces), (1.0 + 4.2 * len(spaces), 4.3)) as figure:
        for ax, (name, benchmark), row in zip(figure.axes, spaces.items(), rows[::2], strict=True):
            _flops_panel(ax, benchmark.space.columns["flops"], benchmark.measured.report, limit)
            ax.set_title(f"{catalogue.SPACES.get(name, name)}   {signed(row)}")
        for ax in figure.axes if is_narrow() else figure.axes[:1]:
            ax.set_ylabel(_accuracy(*spaces.values()))
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2 if is_narrow() else len(labels))
        return Landscape(table, *render(figure))


def over_codes(
    spaces: Spaces,
    codes: Annotated[
        Mapping[str, Sequence[str]],
        Condition(
            "a group of names, each with a list of columns",
            lambda v: v and all(isinstance(c, list) and c and all(isinstance(w, str) for w in c) for c in v.values()),
        ),
    ],
) -> Landscape:
    """Density of the architectures over code and accuracy, with rank correlations (Figure 5); a row per space.

    Args:
        spaces: name -> benchmark.
        codes: name -> the columns whose mean it is; a space that lacks one of them has no panel there.

    Raises:
        InputError: a column is in none of the spaces, or one that only a query may see.
    """
    import pandas as pd

    known = sorted({column for benchmark in spaces.values() for column in _columns(benchmark)})
    for code, own in codes.items():
        for column in own:
            check_column(column, f"figure.codes.{code}=[{','.join(own)}]", known)
    rows = []
    shape, size, stated = (len(spaces), len(codes)), (0.9 + 1.28 * len(codes), 0.6 + 1.4 * len(spaces)), 8.5
    if is_narrow():  # a column for each space
        shape, size, stated = shape[::-1], (0.0, 0.6 + 0.85 * len(codes)), 6
    with panels(*shape, size, stacked=False) as figure:
        axes = np.array(figure.axes).reshape(shape)
        for line, (name, benchmark) in zip(axes.T if is_narrow() else axes, spaces.items(), strict=True):
            has_columns, report = _columns(benchmark), benchmark.measured.report
            for ax, (code, columns) in zip(line, codes.items(), strict=True):
                if set(columns) <= set(has_columns):
                    values = np.mean([has_columns[column] for column in columns], axis=0)
                    has = ~np.isnan(values)
                    numbers = correlations(values[has], report[has])
                    rows.append({"space": name, "code": code, "count": int(has.sum())} | numbers)
                    alone = is_narrow() or not any(other.images for other in line)
                    ax.tick_params(labelsize=stated - 0.5 * (not is_narrow()), labelleft=alone)
                    _code_panel(ax, values[has], report[has])
                    if is_narrow():
                        ax.locator_params(nbins=2, min_n_ticks=1)
                    ax.set_title(_lines(signed(numbers)), fontsize=stated)
                else:
                    ax.set(xticks=[], yticks=[], frame_on=False)
                    ax.set_title("not\nmeasured" if is_narrow() else "not measured", fontsize=stated)
        named, titles = list(map(_heading, codes)), [catalogue.SPACES.get(name, name) for name in spaces]
        if is_narrow():
            _head(axes, [_filled(title) for title in titles], named, stated)
        else:
            _head(axes, named, [title.replace(", ", "\n") for title in titles], stated)
        figure.supylabel(_accuracy(*spaces.values()), fontsize=stated + 1)
        return Landscape(pd.DataFrame(rows), *render(figure))


def _lines(text: str) -> str:
    """A title of a panel, whose double space is a line break where there is no room."""
    return text.replace("  ", "\n") if is_narrow() else text


def _filled(title: str) -> str:
    """The name of a space in short lines."""
    return textwrap.fill(title.replace(",", ""), BROKEN, break_long_words=False)


def _head(axes: "NDArray[np.object_]", across: Sequence[str], down: Sequence[str], size: float) -> None:
    """Name the columns of a grid of axes above their titles, and its rows at the left."""
    for ax, text in zip(axes[0], across, strict=True):
        ax.set_title(f"{text}\n{ax.get_title(loc='left')}", fontsize=size)
    for ax, text in zip(axes[:, 0], down, strict=True):
        ax.set_ylabel(text)
    axes[0, 0].figure.align_ylabels(axes[:, 0])


def _flops_panel(ax: "Axes", flops: FloatArray, report: FloatArray, limit: float) -> None:
    """The architectures, the best of them up to each FLOPs, and the limit.

    Args:
        ax: drawn on.
        flops: (M,) MFLOPs.
        report: (M,) accuracies as fractions.
        limit: MFLOPs.
    """
    percent = 100 * report
    light = flops <= limit
    for which, colour, name in ((light, LIGHT, f"at most {limit:g} MFLOPs"), (~light, OTHERS, "more")):
        ax.scatter(flops[which], percent[which], s=4, alpha=0.25, linewidths=0, color=colour, rasterized=True)
        ax.scatter([], [], s=16, color=colour, label=name)
    order = np.argsort(flops, kind="stable")
    best = np.maximum.accumulate(percent[order])
    ax.step(flops[order], best, where="post", color=INK, linewidth=1.1, label="the best at or below these FLOPs")
    ax.axvline(limit, color=MUTED, linewidth=0.9, linestyle=(0, (4, 2.5)))
    top = percent[light].max()
    ax.annotate(f"{top:.2f}", (limit, top), (-3, 3), textcoords="offset points", ha="right", fontsize=small())
    ax.set_xscale("log")
    ax.set_xticks([tick for tick in TICKS if flops.min() <= tick <= flops.max()], minor=False)
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter("{x:g}")
    low = np.quantile(percent, LOW)
    ax.set_xlim(0.9 * flops[percent >= low].min(), 1.1 * flops.max())
    ax.set_ylim(float(low), percent.max() + 0.05 * (percent.max() - low))
    ax.set_xlabel("MFLOPs")


def _code_panel(ax: "Axes", values: FloatArray, report: FloatArray) -> None:
    """How many architectures lie where, on a logarithmic scale.

    Args:
        ax: drawn on.
        values: (m,) of the code.
        report: (m,) accuracies as fractions.
    """
    percent = 100 * report
    limits = (np.quantile(percent, LOW), percent.max()), np.quantile(values, AXIS)
    counts, y, x = np.histogram2d(percent, values, BINS, limits)
    ax.imshow(
        np.log(np.where(counts, counts, np.nan)),
        cmap=DENSITY,
        origin="lower",
        extent=(x[0], x[-1], y[0], y[-1]),
        aspect="auto",
        interpolation="none",
        vmin=FAINT,
        zorder=2,
    )


def _columns(benchmark: Benchmark) -> dict[str, FloatArray]:
    """All columns that a search may know beforehand, free or not."""
    return {**benchmark.space.columns, **benchmark.measured.columns}


def _heading(code: str) -> str:
    """The name of a code for people."""
    return catalogue.COLUMNS.get(code, code.replace("_", " "))


def _accuracy(*spaces: Benchmark) -> str:
    """What the accuracy axis shows."""
    splits = {benchmark.measured.report_name.partition("_")[0] for benchmark in spaces}
    return {"test": "test ", "valid": "validation "}.get("".join(splits), "") + "accuracy, %"
