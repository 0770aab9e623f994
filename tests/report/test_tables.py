"""One table in five formats: what a cell holds stays text, and what has no room leaves by its priority."""

import csv
import io
import itertools
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from scipy import stats

from siamnas.jobs import proportions
from siamnas.runtime.table import DASH, FORMULAS, METHOD, Column, Table

NASTY = [
    *("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "<script>alert(1)</script>", "a|b"),
    *("*bold* _it_ `code` [a](b)", "50 % & $x$ #1 {y} \\z ^~"),
]
VALUES = st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])))


class Cells(HTMLParser):
    """The text of the cells, and the tags that there are."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data.strip("\n"):
            self.cells[-1] += data


def table(name: str) -> Table:
    return Table(
        [METHOD, Column("best", "%", "{:.2f}".format)], [[name, 71.5], ["other", None]], name, name, name, {(0, 1)}
    )


@given(VALUES)
def test_html_shows_what_the_cell_holds(name: str):
    parsed = Cells(table(name).html(identifier="x"))
    assert parsed.cells == ["method", "best %", name, "71.50", "other", DASH]
    assert parsed.tags == {"table", "thead", "tbody", "tr", "th", "td"}


@given(VALUES)
def test_markdown_has_neither_html_nor_another_cell(name: str):
    (row,) = [line for line in table(name).markdown().splitlines() if line.endswith("| **71.50** |")]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert "<" not in table(name).markdown()
    if not set("\\|`$*_~]&<>\"'") & set(name):
        assert row == f"| {name} | **71.50** |"


def test_markup_of_names_is_no_markup():
    text = table("*bold* _it_ `code` [a](b) <i>").markdown()
    assert r"| \*bold* \_it\_ \`code\` [a\](b) &lt;i&gt; |" in text
    assert table("siams_nsam 0.42* [0, 3]").markdown().count("| siams_nsam 0.42* [0, 3] |") == 1, "no more than needed"


@given(VALUES)
def test_no_cell_of_a_csv_file_is_a_formula(name: str):
    (head, first, second) = csv.reader(io.StringIO(table(name).csv()))
    assert head == ["method", "best"] and second == ["other", ""]
    assert first == [f"'{name}" if name.startswith(FORMULAS) else name, "71.5"]


def test_latex_prints_what_the_cell_holds():
    assert (
        r"50 \% \& \$x\$ \#1 \{y\} \textbackslash{}z \textasciicircum{}\textasciitilde{} &" in table(NASTY[-1]).latex()
    )
    assert r"\textless{}script\textgreater{}" in table(NASTY[4]).latex()
    assert "\n{}[5pt] x \\textbar{} y &" in table("[5pt] x | y").latex(), "no argument of the line before"
    assert r"\textbf{71.50}" in table("x").latex() and "\nother & -- \\\\" in table("x").latex()


def test_numbers_of_a_csv_file_are_the_values():
    text = Table([Column("a"), Column("b"), Column("c")], [[1 / 3, 7, True], [float("nan"), None, -1e-9]]).csv()
    assert text == "a,b,c\n0.33333333,7,True\n,,-1e-09\n"


def shown(made: Table, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, soft_wrap=True).print(made.rich(width))
    return out.getvalue().splitlines()


@given(
    st.sampled_from([80, 100, 120]),
    st.lists(st.tuples(st.integers(4, 22), st.integers(0, 6)), min_size=1, max_size=14),
    st.integers(1, 60),
)
@example(80, [(4, 0), (21, 0), (22, 0), (22, 0)], 1)
def test_columns_leave_by_priority(width: int, others: list[tuple[int, int]], name: int):
    """Those that stay are all that fit, and no number is cut; the method never leaves."""
    columns = [METHOD, *(Column(f"c{i}", leaves=leaves) for i, (_, leaves) in enumerate(others))]
    numbers = ["9" * digits for digits, _ in others]
    lines = shown(Table(columns, [["m" * name, *numbers]]), width)

    def needed(left: list[int]) -> int:
        return min(max(name, 6), METHOD.folds) + sum(2 + others[i][0] for i in left)

    kept = list(range(len(others)))
    while needed(kept) > width and any(others[i][1] for i in kept):
        kept.remove(max(reversed(kept), key=lambda i: others[i][1]))
    assert lines[0].split() == ["method", *(f"c{i}" for i in kept)]
    assert max(map(len, lines)) <= max(width, needed(kept))
    assert lines[2].split()[1:] == [numbers[i] for i in kept]
    if needed(kept) <= width:
        assert "".join(line.split()[0] for line in lines[2:]) == "m" * name


def test_names_of_foreign_files_do_not_command_the_terminal():
    assert "\x1b" not in "".join(shown(Table([METHOD], [["\x1b[2J"]]), 80))


@pytest.mark.parametrize("count", [1, 5, 100])
def test_the_interval_of_a_share_is_wilsons(count: int):
    for hits in range(count + 1):
        theirs = stats.binomtest(hits, count).proportion_ci(method="wilson")
        assert proportions.wilson(hits / count, count) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert proportions.text(0.93, 100) == "93 [86, 97]" and proportions.text(float("nan"), 5) == DASH


def test_it_holds_the_share_nineteen_times_in_twenty():
    for share, count in itertools.product((0.02, 0.5, 0.93), (10, 100)):
        hits = range(count + 1)
        held = [low <= share <= high for low, high in (proportions.wilson(k / count, count) for k in hits)]
        assert sum(stats.binom(count, share).pmf(k) for k in hits if held[k]) > 0.88
