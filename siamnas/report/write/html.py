"""Pieces of HTML: tables to read, tables to sort, figures that are part of the page."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.summary import DASH
from siamnas.report.draw import style
from siamnas.report.draw.figure import ReportFigure
from siamnas.report.write.table import ReportTable

if TYPE_CHECKING:
    import pandas as pd

THEME = {style.INK: "var(--ink)", style.MUTED: "var(--muted)", style.GRID: "var(--grid)"}
Columns = Mapping[str, tuple[str, int | Metric | None]]
"""Column -> its title, and how it is shown: digits, as values of a metric, or as text (None)."""


def figure(figure: ReportFigure, prefix: str) -> str:
    """A figure with its caption; `prefix` makes its ids those of one figure only."""
    kind = ' class="single"' if figure.panels == 1 else ""
    caption = f"{escape(figure.caption)} <code>{escape(figure.stem)}.svg</code>"
    plot = f'<div class="plot">{inline(figure.svg, prefix)}</div>'
    return f"<figure{kind}>{plot}<figcaption>{caption}</figcaption></figure>"


def inline(svg: str, prefix: str) -> str:
    """An SVG file as part of a page: as wide as there is room, in the colours of the theme, with ids of its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for colour, variable in THEME.items():
        svg = svg.replace(colour, variable)
    return svg


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], wrapped: Sequence[str] = ()) -> str:
    """A table of words; the `wrapped` columns may have several lines."""
    head = "".join(f'<th class="text">{escape(column)}</th>' for column in columns)
    body = []
    for row in rows:
        kinds = ["text wrap" if column in wrapped else "text" for column in columns]
        cells = (f'<td class="{kind}">{escape(str(word))}</td>' for kind, word in zip(kinds, row, strict=True))
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def report_table(table: ReportTable) -> str:
    """A table to read."""
    kinds = ["text wrap" if column == "method" else "" for column in table.columns]
    head = "".join(f'<th class="{kind}">{escape(c)}</th>' for c, kind in zip(table.columns, kinds, strict=True))
    rows = []
    for i, row in enumerate(table.rows):
        first = ' class="first"' if table.begins(i) else ""
        cells = "".join(
            f'<td class="{kind}{" best" if (i, j) in table.best else ""}">{escape(word)}</td>'
            for j, (word, kind) in enumerate(zip(row, kinds, strict=True))
        )
        rows.append(f"<tr{first}>{cells}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def long_table(frame: "pd.DataFrame", columns: Columns, name: str) -> str:
    """A table that can be sorted and filtered; `name` is its id."""
    head = "".join(f'<th class="{"text" if shown is None else ""}">{escape(t)}</th>' for t, shown in columns.values())
    rows = []
    for row in frame[list(columns)].to_dict("records"):
        cells = "".join(_cell(row[key], key, shown) for key, (_, shown) in columns.items())
        words = " ".join(
            f"{title.lower()}={row[key]}" if shown == 0 else str(row[key]).lower()
            for key, (title, shown) in columns.items()
            if shown in (0, None)
        )
        rows.append(f'<tr data-find="{escape(words)}">{cells}</tr>')
    return (
        f'<div class="filter"><input type="search" data-table="{name}" aria-label="filter the rows" '
        f'placeholder="filter, for example: nsam n=30"></div>'
        f'<div class="scroll tall"><table class="sortable" id="{name}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(value: Any, key: str, shown: int | Metric | None) -> str:
    """One cell with the exact value for sorting."""
    if shown is None:
        return f'<td class="text">{escape(str(value))}</td>'
    if value != value:
        return f'<td data-v="">{DASH}</td>'
    if isinstance(shown, Metric):
        return f'<td data-v="{shown.scale * value:.6g}">{shown.text(value)}</td>'
    text = "&lt; 0.0001" if key in ("p", "holm_p") and value < 1e-4 else f"{value:.{shown}f}"
    return f'<td data-v="{value:.6g}">{text}</td>'
