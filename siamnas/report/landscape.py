"""Figures of the spaces themselves, without a search: accuracy against FLOPs and against Estimation Codes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.table import Table

from siamnas import terminal
from siamnas.errors import InputError
from siamnas.predictors.column import abbreviated
from siamnas.report import figures, naming, plots
from siamnas.schema import near
from siamnas.spaces.space import FloatArray, Space

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siamnas.figure import Figure

LOW = 0.03  # share of the cells that lie below the accuracy axis: those that hardly train would take most of its length
AXIS = (0.005, 0.985)  # quantiles of a code at the ends of its axis; losses have a long tail
BINS = 30  # of a density, each way
TOP = 0.1  # share of the cells, by accuracy, that `spearman_top` is about
DENSITY = "Blues"  # one hue, dark where the cells are many
FAINT = -2.0  # log of the count that would be white, so that a single cell is seen
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # of MFLOPs
COLUMNS = {  # of numbers: title and format on the terminal
    "count": ("cells", "{:,}"),
    "best": ("best acc.", "{:.2%}"),
    "spearman": ("Spearman", "{:+.3f}"),
    "kendall": ("Kendall", "{:+.3f}"),
    "spearman_top": (f"Spearman, best {TOP:.0%}", "{:+.3f}"),
}
LIGHT, OTHERS = plots.COLOURS["siams_nsam_bts"], plots.COLOURS["siams"]


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


def draw(asked: "Figure") -> None:
    """Draw a figure, write `<name>.svg`, `.png` and `.csv` into its folder and print its numbers.

    Raises:
        InputError: a field of the figure does not fit the spaces, or the folder cannot be written.
    """
    made = asked.make()
    name, folder = asked.name, asked.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.svg").write_text(made.svg, encoding="utf-8")
        (folder / f"{name}.png").write_bytes(made.png)
        made.table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    except OSError as error:
        raise InputError(f"out: cannot write to {folder}: {error.strerror}") from error
    terminal.out.print(_to_rich(made.table))
    terminal.out.print(f"figure: {folder / name}.svg, .png and .csv", markup=False, highlight=False)


def over_flops(spaces: Mapping[str, Space], limit: float) -> Landscape:
    """Accuracy against FLOPs, the lightweight cells marked (Figure 4); a panel per space.

    Args:
        spaces: name -> space.
        limit: MFLOPs; cells at or below are the lightweight ones.

    Raises:
        InputError: a space has no lightweight cell.
    """
    import pandas as pd

    rows = []
    for name, space in spaces.items():
        flops = space.columns["flops"]
        if limit < flops.min():
            raise InputError(f"figure.limit={limit:g}: must be at least {flops.min():g} (MFLOPs), the least of {name}")
        for cells, which in (("all", np.full(len(space), True)), (f"at most {limit:g} MFLOPs", flops <= limit)):
            own = {"space": name, "cells": cells, "count": int(which.sum()), "best": space.report[which].max()}
            rows.append(own | _correlations(flops[which], space.report[which]))
    table = pd.DataFrame(rows)
    with figures.panels(1, len(spaces), (1.0 + 4.2 * len(spaces), 4.3)) as figure:
        for ax, (name, space), row in zip(figure.axes, spaces.items(), rows[::2], strict=True):
            _flops_panel(ax, space, limit)
            ax.set_title(f"{naming.SPACES.get(name, name)}   {_signed(row)}")
        figure.axes[0].set_ylabel(_accuracy(*spaces.values()))
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        return Landscape(table, *figures.render(figure))


def over_codes(spaces: Mapping[str, Space], codes: Mapping[str, Sequence[str]]) -> Landscape:
    """Density of the cells over code and accuracy, with rank correlations (Figure 5); a row per space.

    Args:
        spaces: name -> space.
        codes: name -> the columns whose mean it is; a space that lacks one of them has no panel there.

    Raises:
        InputError: a column is in none of the spaces.
    """
    import pandas as pd

    known = sorted({column for space in spaces.values() for column in space.columns})
    for name, columns in codes.items():
        for column in columns:
            if column not in known:
                raise InputError(
                    f"figure.codes.{name}=[{','.join(columns)}]: no column {column}{near(column, known)}; "
                    f"must be of {', '.join(abbreviated(known))}"
                )
    rows = []
    with figures.panels(len(spaces), len(codes), (0.9 + 1.28 * len(codes), 0.6 + 1.4 * len(spaces))) as figure:
        axes = np.array(figure.axes).reshape(len(spaces), len(codes))
        for line, (name, space) in zip(axes, spaces.items(), strict=True):
            line[0].set_ylabel(naming.SPACES.get(name, name).replace(", ", "\n"))
            for ax, (code, columns) in zip(line, codes.items(), strict=True):
                said = "not measured"
                if set(columns) <= set(space.columns):
                    values = np.mean([space.columns[column] for column in columns], axis=0)
                    has = ~np.isnan(values)
                    numbers = _correlations(values[has], space.report[has])
                    rows.append({"space": name, "code": code, "count": int(has.sum())} | numbers)
                    ax.tick_params(labelsize=8, labelleft=not any(other.images for other in line))
                    _code_panel(ax, values[has], space.report[has])
                    said = _signed(numbers)
                else:
                    ax.set(xticks=[], yticks=[], frame_on=False)
                ax.set_title(f"{_heading(code)}\n{said}" if name == next(iter(spaces)) else said, fontsize=8.5)
        figure.align_ylabels(axes[:, 0])
        figure.supylabel(_accuracy(*spaces.values()), fontsize=9.5)
        return Landscape(pd.DataFrame(rows), *figures.render(figure))


def _flops_panel(ax: "Axes", space: Space, limit: float) -> None:
    """The cells, the best of them up to each FLOPs, and the limit."""
    flops, percent = space.columns["flops"], 100 * space.report
    light = flops <= limit
    for which, colour, name in ((light, LIGHT, f"at most {limit:g} MFLOPs"), (~light, OTHERS, "more")):
        ax.scatter(flops[which], percent[which], s=4, alpha=0.25, linewidths=0, color=colour, rasterized=True)
        ax.scatter([], [], s=16, color=colour, label=name)
    order = np.argsort(flops, kind="stable")
    best = np.maximum.accumulate(percent[order])
    ax.step(flops[order], best, where="post", color=plots.INK, linewidth=1.1, label="the best at or below these FLOPs")
    ax.axvline(limit, color=plots.MUTED, linewidth=0.9, linestyle=(0, (4, 2.5)))
    top = percent[light].max()
    ax.annotate(f"{top:.2f}", (limit, top), (-3, 3), textcoords="offset points", ha="right", fontsize=8.5)
    ax.set_xscale("log")
    ax.set_xticks([tick for tick in TICKS if flops.min() <= tick <= flops.max()], minor=False)
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter("{x:g}")
    low = np.quantile(percent, LOW)
    ax.set_xlim(0.9 * flops[percent >= low].min(), 1.1 * flops.max())
    ax.set_ylim(float(low), percent.max() + 0.05 * (percent.max() - low))
    ax.set_xlabel("MFLOPs")


def _code_panel(ax: "Axes", values: FloatArray, report: FloatArray) -> None:
    """How many cells lie where, on a logarithmic scale."""
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


def _correlations(values: FloatArray, report: FloatArray) -> dict[str, float]:
    """Rank correlations with the accuracy: Spearman's and Kendall's of all cells, Spearman's among the best of them."""
    from scipy import stats

    top = report >= np.quantile(report, 1 - TOP)
    return {
        "spearman": _correlation(stats.spearmanr, values, report),
        "kendall": _correlation(stats.kendalltau, values, report),
        "spearman_top": _correlation(stats.spearmanr, values[top], report[top]),
    }


def _correlation(of: Callable[..., Any], values: FloatArray, report: FloatArray) -> float:
    """One of them; NaN where all values or all accuracies are equal."""
    if np.ptp(values) == 0 or np.ptp(report) == 0:
        return float("nan")
    return float(of(values, report).statistic)


def _signed(numbers: Mapping[str, Any]) -> str:
    """Both rank correlations, for a title."""
    return f"ρ {numbers['spearman']:+.2f}  τ {numbers['kendall']:+.2f}".replace("-", "\u2212")


def _heading(code: str) -> str:
    """The name of a code for people."""
    return naming.COLUMNS.get(code, code.replace("_", " "))


def _accuracy(*spaces: Space) -> str:
    """What the accuracy axis shows."""
    splits = {space.report_name.partition("_")[0] for space in spaces}
    return {"test": "test ", "valid": "validation "}.get("".join(splits), "") + "accuracy, %"


def _to_rich(table: "pd.DataFrame") -> Table:
    """For the terminal; accuracies in percent."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in table:
        title, _ = COLUMNS.get(column, (column, ""))
        shown.add_column(title, justify="right" if column in COLUMNS else "left", no_wrap=True)
    for row in table.to_dict("records"):
        shown.add_row(*(COLUMNS.get(column, ("", "{}"))[1].format(value) for column, value in row.items()))
    return shown
