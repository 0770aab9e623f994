"""Figures of the spaces themselves, without a search: accuracy against FLOPs and against Estimation Codes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.table import Table

from siamnas import build, terminal
from siamnas.errors import InputError
from siamnas.report import catalogue
from siamnas.report.correlation import TOP, correlations, signed
from siamnas.report.landscape_panels import code_panel, flops_panel
from siamnas.report.style import panels, render
from siamnas.schema import near
from siamnas.spaces.options import HIDDEN
from siamnas.spaces.space import Space

if TYPE_CHECKING:
    import pandas as pd

    from siamnas.config import Job

COLUMNS = {  # of numbers: title and format on the terminal
    "count": ("cells", "{:,}"),
    "best": ("best acc.", "{:.2%}"),
    "spearman": ("Spearman", "{:+.3f}"),
    "kendall": ("Kendall", "{:+.3f}"),
    "spearman_top": (f"Spearman, best {TOP:.0%}", "{:+.3f}"),
}


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


def draw(job: "Job") -> None:
    """Draw the figure of an experiment, write `<name>.svg`, `.png` and `.csv` into its folder and print its numbers.

    Raises:
        InputError: a field of the figure does not fit the spaces, or the folder cannot be written.
    """
    made = build.figure(job)
    name, folder = job.config["name"], job.root
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
            rows.append(own | correlations(flops[which], space.report[which]))
    table = pd.DataFrame(rows)
    with panels(1, len(spaces), (1.0 + 4.2 * len(spaces), 4.3)) as figure:
        for ax, (name, space), row in zip(figure.axes, spaces.items(), rows[::2], strict=True):
            flops_panel(ax, space.columns["flops"], space.report, limit)
            ax.set_title(f"{catalogue.SPACES.get(name, name)}   {signed(row)}")
        figure.axes[0].set_ylabel(_accuracy(*spaces.values()))
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        return Landscape(table, *render(figure))


def over_codes(spaces: Mapping[str, Space], codes: Mapping[str, Sequence[str]]) -> Landscape:
    """Density of the cells over code and accuracy, with rank correlations (Figure 5); a row per space.

    Args:
        spaces: name -> space.
        codes: name -> the columns whose mean it is; a space that lacks one of them has no panel there.

    Raises:
        InputError: a column is in none of the spaces, or one that only a query may see.
    """
    import pandas as pd

    _check_columns(codes, {column for space in spaces.values() for column in space.columns})
    rows = []
    with panels(len(spaces), len(codes), (0.9 + 1.28 * len(codes), 0.6 + 1.4 * len(spaces))) as figure:
        axes = np.array(figure.axes).reshape(len(spaces), len(codes))
        for line, (name, space) in zip(axes, spaces.items(), strict=True):
            line[0].set_ylabel(catalogue.SPACES.get(name, name).replace(", ", "\n"))
            for ax, (code, columns) in zip(line, codes.items(), strict=True):
                said = "not measured"
                if set(columns) <= set(space.columns):
                    values = np.mean([space.columns[column] for column in columns], axis=0)
                    has = ~np.isnan(values)
                    numbers = correlations(values[has], space.report[has])
                    rows.append({"space": name, "code": code, "count": int(has.sum())} | numbers)
                    ax.tick_params(labelsize=8, labelleft=not any(other.images for other in line))
                    code_panel(ax, values[has], space.report[has])
                    said = signed(numbers)
                else:
                    ax.set(xticks=[], yticks=[], frame_on=False)
                ax.set_title(f"{_heading(code)}\n{said}" if name == next(iter(spaces)) else said, fontsize=8.5)
        figure.align_ylabels(axes[:, 0])
        figure.supylabel(_accuracy(*spaces.values()), fontsize=9.5)
        return Landscape(pd.DataFrame(rows), *render(figure))


def _check_columns(codes: Mapping[str, Sequence[str]], columns: Iterable[str]) -> None:
    """See that every column exists somewhere and is no accuracy: a code is what a search may know beforehand."""
    known = sorted(column for column in columns if not HIDDEN.fullmatch(column))
    for name, own in codes.items():
        for column in own:
            if column in known:
                continue
            hidden = f"{column} is an accuracy, which only a query may see"
            why = hidden if HIDDEN.fullmatch(column) else f"no column {column}{near(column, known)}"
            allowed = ", ".join(dict.fromkeys(re.sub(r"_\d+$", "_<i>", other) for other in known))
            raise InputError(f"figure.codes.{name}=[{','.join(own)}]: {why}; must be of {allowed}")


def _heading(code: str) -> str:
    """The name of a code for people."""
    return catalogue.COLUMNS.get(code, code.replace("_", " "))


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
