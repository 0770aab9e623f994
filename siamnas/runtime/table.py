"""A table, written for the terminal, Markdown, LaTeX, CSV and HTML; whatever a cell holds, it stays text there."""

import csv
import html
import io
import re
import textwrap
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from siamnas.runtime import terminal

if TYPE_CHECKING:
    import pandas as pd

DASH = "–"  # where there is no value
STAR = "*"  # behind a value that a test tells apart
EXTRA = 100  # `Column.leaves` from which on a column is not in a brief table
NAME = 18  # characters of a method, at least
PARTS = re.compile(r"[^\s/,]+[/,]*\s*|[/,]+\s*|\s+")  # of a text, behind which a line may end
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # beginnings of what a spreadsheet would compute
MARKUP = re.compile(r"[\\`|$]|\](?=[(\[:])|~~|\*(?=\S)|(?<!\w)_|_(?!\w)")  # of Markdown, beside HTML
LATEX = {character: "\\" + character for character in "&%_#${}"} | {
    "±": r"$\pm$", "≥": r"$\geq$", "<": r"\textless{}", ">": r"\textgreater{}", DASH: "--", STAR: r"$^*$",
    "\\": r"\textbackslash{}", "|": r"\textbar{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: above it; a line break is one on a terminal, and a space elsewhere.
        unit: behind the name.
        text: a value as it is shown; texts are shown as they are, and what is not there (None, NaN) is a dash.
        left: whether it holds words, which begin at the left.
        folds: characters down to which its words may be folded; 0 for numbers, which are never cut.
        leaves: 0 for one that never leaves; of the others that with the largest number leaves a narrow terminal first.
    """

    name: str
    unit: str = ""
    text: Callable[[Any], str] = str
    left: bool = False
    folds: int = 0
    leaves: int = 0

    @property
    def head(self) -> str:
        """Name and unit."""
        return f"{self.name}{' ' if self.unit == '%' else ', ' * bool(self.unit)}{self.unit}"

    def shown(self, value: Any) -> str:
        """A value as it is shown; a name in a foreign file must not command a terminal."""
        if not isinstance(value, str):
            return DASH if value is None or value != value else self.text(value)
        return value if value.isprintable() else value.encode("unicode_escape").decode()


METHOD = Column("method", left=True, folds=NAME)


@dataclass(frozen=True)
class Table:
    """Values under columns.

    Attributes:
        columns: from left to right.
        rows: a value for each column; a text is shown as it is, also a styled one of rich on a terminal.
        name: what it is about.
        title: what the values are.
        remarks: sentences that a reader of the columns needs.
        best: (row, column) of the values that are bold.
        grouped: whether rows with the same first value stand together.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    name: str = ""
    title: str = ""
    remarks: str = ""
    best: Container[tuple[int, int]] = ()
    grouped: bool = False

    @classmethod
    def of_frame(cls, frame: "pd.DataFrame", columns: Mapping[str, Column] | None = None) -> "Table":
        """That of a data frame, or of some columns of it."""
        shown = {str(name): Column(str(name)) for name in frame} if columns is None else columns
        return cls(list(shown.values()), list(zip(*(frame[name].tolist() for name in shown), strict=True)))

    @property
    def heading(self) -> str:
        """Name and title in one line."""
        return ": ".join(filter(None, (self.name, self.title)))

    def begins(self, row: int) -> bool:
        """Whether a row is the first one of another group."""
        return self.grouped and row > 0 and self.rows[row][0] != self.rows[row - 1][0]

    def brief(self) -> "Table":
        """Without the columns that few have room for."""
        return self._of([i for i, column in enumerate(self.columns) if column.leaves < EXTRA])

    def fitted(self, width: int, gap: int = 2) -> "Table":
        """With as many columns as have room in so many characters, and `gap` between them."""
        shown = list(enumerate(self._fitted()))
        while sum(f.least + gap for _, f in shown) - gap > width and any(f.column.leaves for _, f in shown):
            shown.remove(max(reversed(shown), key=lambda one: one[1].column.leaves))
        return self._of([i for i, _ in shown])

    def turned(self, first: Column) -> "Table":
        """Rows as columns, which leave a narrow terminal from the right, and columns as rows, named under `first`."""
        heads = [str(row[0]) for row in self.rows]
        columns = [first, *(Column(head, leaves=max(i - 1, 0)) for i, head in enumerate(heads))]
        rows = [
            [column.head, *(column.shown(row[j]) for row in self.rows)]
            for j, column in enumerate(self.columns)
            if j > 0
        ]
        best = [(j - 1, i + 1) for i in range(len(heads)) for j in range(len(self.columns)) if (i, j) in self.best]
        return replace(self, columns=columns, rows=rows, best=best, grouped=False)

    def _of(self, kept: Sequence[int]) -> "Table":
        """With some of the columns, by their numbers."""
        best = [(row, new) for new, old in enumerate(kept) for row in range(len(self.rows)) if (row, old) in self.best]
        rows = [[row[i] for i in kept] for row in self.rows]
        return replace(self, columns=[self.columns[i] for i in kept], rows=rows, best=best)

    def _told(self, shown: "Table") -> str:
        """The remarks, and which columns had no room."""
        names = dict.fromkeys(column.name.partition("\n")[0] for column in self.columns if column not in shown.columns)
        left = names.keys() - {column.name.partition("\n")[0] for column in shown.columns}
        lost = f"Without room here: {', '.join(name for name in names if name in left)}." if left else ""
        return " ".join(filter(None, (self.remarks, lost if self.remarks else "")))

    def _fitted(self) -> "list[_Fitted]":
        """All columns as a terminal shows them."""
        return [
            _Fitted(column, [_styled(column, row[j], (i, j) in self.best) for i, row in enumerate(self.rows)])
            for j, column in enumerate(self.columns)
        ]

    def rich(self, width: int, gap: int = 2) -> RichTable:
        """For a terminal of so many characters: as many columns as have room, with `gap` (2 or 3) between them."""
        kept = self.fitted(width, gap)
        shown = kept._fitted()
        heading, remarks = (_filled(text, width) for text in (self.heading, self._told(kept)))
        made = terminal.table(
            title=Text(heading) if heading else None, title_justify="left",
            caption=Text(remarks) if remarks else None, caption_justify="left", collapse_padding=gap == 2,
        )  # fmt: skip
        gaps = gap * (len(shown) - 1)
        rooms = _widths(shown, width - gaps)
        if sum(rooms) + gaps > width:
            made.width = sum(rooms) + gaps  # no number is cut: the lines are longer then
        for fitted, room in zip(shown, rooms, strict=True):
            column = fitted.column
            made.add_column(
                Text(column.head), justify="left" if column.left else "right", width=room,
                no_wrap=not column.folds, overflow="fold",
            )  # fmt: skip
        cells = (
            (_broken(cell, room) if fitted.column.folds else cell for cell in fitted.cells)
            for fitted, room in zip(shown, rooms, strict=True)
        )
        for i, row in enumerate(zip(*cells, strict=True)):
            made.add_row(*row, end_section=i + 1 == len(self.rows) or self.begins(i + 1))
        return made

    def markdown(self) -> str:
        """For GitHub."""
        lines = [
            f"**{_markdown(self.name)}** ({_markdown(self.title)})",
            "",
            f"| {' | '.join(_markdown(_line(column.head)) for column in self.columns)} |",
            "|" + "|".join("---" if column.left else "--:" for column in self.columns) + "|",
        ]
        lines += [f"| {' | '.join(row)} |" for row in self._written(_markdown, "**{}**")]
        return "\n".join([*lines, "", _markdown(self.remarks)]) + "\n"

    def latex(self) -> str:
        """For LaTeX."""
        lines = [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex(self.heading)}. {_latex(self.remarks)}}}",
            rf"\begin{{tabular}}{{{''.join('l' if column.left else 'r' for column in self.columns)}}}",
            r"\toprule",
            " & ".join(_latex(_line(column.head)) for column in self.columns) + r" \\",
            r"\midrule",
        ]
        for i, row in enumerate(self._written(_latex, r"\textbf{{{}}}")):
            open_row = "{}" * row[0].startswith("[")  # or it would be an argument of the line before
            lines += [r"\addlinespace"] * self.begins(i) + [open_row + " & ".join(row) + r" \\"]
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"]) + "\n"

    def csv(self) -> str:
        """The values themselves, under the names of the columns."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([_csv(_line(column.name)) for column in self.columns])
        writer.writerows(map(_csv, row) for row in self.rows)
        return text.getvalue()

    def html(self, caption: str = "", identifier: str = "") -> str:
        """For a page; with an identifier its script sorts and filters the rows by their exact values."""
        kinds = [" ".join(["text"] * column.left + ["wrap"] * bool(column.folds)) for column in self.columns]
        head = "".join(_tag("th", _line(c.head), {"class": kind}) for c, kind in zip(self.columns, kinds, strict=True))
        lines = [f"<thead><tr>{head}</tr></thead>", "<tbody>"]
        for i, row in enumerate(self.rows):
            cells = [
                _tag("td", column.shown(value), {
                    "class": f"{kind} best".strip() if (i, j) in self.best else kind,
                    "data-v": _exact(value) if identifier and not column.left else "",
                }) for j, (column, kind, value) in enumerate(zip(self.columns, kinds, row, strict=True))
            ]  # fmt: skip
            told = {"class": "first" * self.begins(i), "data-find": self._words(row) if identifier else ""}
            lines.append(f"<tr{_attributes(told)}>{''.join(cells)}</tr>")
        said = [_tag("caption", caption, {})] if caption else []
        own = _attributes({"class": "sortable" if identifier else "", "id": identifier})
        return "\n".join([f"<table{own}>", *said, *lines, "</tbody>", "</table>"])

    def __html__(self) -> str:
        return self.html()

    def _written(self, escape: Callable[[str], str], bold: str) -> Iterable[list[str]]:
        """The text of all cells, where those of the best are bold."""
        for i, row in enumerate(self.rows):
            texts = [escape(column.shown(value)) for column, value in zip(self.columns, row, strict=True)]
            yield [bold.format(text) if (i, j) in self.best else text for j, text in enumerate(texts)]

    def _words(self, row: Sequence[Any]) -> str:
        """What a row is found by: its texts, and its counts as `n=30`."""
        pairs = zip(self.columns, row, strict=True)
        return " ".join(
            value.lower() if isinstance(value, str) else f"{column.name.lower()}={value}"
            for column, value in pairs
            if isinstance(value, str | int)
        )


def rank(name: str, leave: Sequence[str]) -> int:
    """`Column.leaves` of a column, by the names in the order in which they leave; 0 for one that is not there."""
    return len(leave) - leave.index(name) if name in leave else 0


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A column of a terminal, with its cells."""

    column: Column
    cells: Sequence[Text]

    @property
    def widest(self) -> int:
        """Characters of its widest line."""
        return max(cell_len(text) for text in (*self.column.head.split("\n"), *map(str, self.cells)))

    @property
    def least(self) -> int:
        """Characters that it needs."""
        return min(self.widest, self.column.folds) if self.column.folds else self.widest


def _widths(columns: Sequence[_Fitted], width: int) -> list[int]:
    """Of all columns together at most `width`, if that is possible; those that fold share what the others leave."""
    widths = [c.least for c in columns]
    spare = max(width - sum(widths), 0)
    folding = sorted((i for i, c in enumerate(columns) if c.column.folds), key=lambda i: columns[i].widest - widths[i])
    for rest, i in zip(range(len(folding), 0, -1), folding, strict=True):
        more = min(columns[i].widest - widths[i], spare // rest)
        widths[i] += more
        spare -= more
    return widths


def _styled(column: Column, value: Any, best: bool) -> Text:
    return value if isinstance(value, Text) else Text(column.shown(value), style="bold" if best else "")


def _broken(text: Text, width: int) -> Text:
    """A text in lines that end behind a blank, a slash or a comma; a longer part stays for rich to break."""
    ends, begin = [], 0
    for part in PARTS.finditer(text.plain):
        if part.start() > begin and cell_len(text.plain[begin : part.end()].rstrip()) > width:
            begin = part.start()
            ends.append(begin)
    lines = text.divide(ends)
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines) if ends else text


def _filled(text: str, width: int) -> str:
    """A text in lines of so many characters, none of which ends between a number and its %."""
    bound = "\N{NO-BREAK SPACE}%"
    return textwrap.fill(text.replace(" %", bound), width).replace(bound, " %")


def _line(head: str) -> str:
    return head.replace("\n", " ")


def _markdown(text: str) -> str:
    return MARKUP.sub(lambda found: "\\" + found[0], html.escape(text, quote=False))


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)


def not_computed(text: str) -> str:
    """A text for a CSV file: one that a spreadsheet would compute gets a quote before it."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def frame_csv(frame: "pd.DataFrame", numbers: str | None = "%.6g") -> str:
    """A frame as a CSV file, without its index and without formulas; numbers in this format, None for in full."""
    safe = frame.map(lambda value: not_computed(value) if isinstance(value, str) else value)
    safe.columns = [not_computed(str(name)) for name in frame.columns]
    return str(safe.to_csv(index=False, float_format=numbers))


def _csv(value: Any) -> Any:
    """A number with eight digits, or a text that no spreadsheet computes."""
    if isinstance(value, str):
        return not_computed(value)
    if isinstance(value, float):
        return "" if value != value else f"{value:.8g}"
    return value


def _exact(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) and value == value else ""


def _tag(name: str, text: str, attributes: Mapping[str, str]) -> str:
    return f"<{name}{_attributes(attributes)}>{html.escape(text)}</{name}>"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in values.items() if value)
