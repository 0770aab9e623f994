"""Tables in a narrow terminal: columns leave by their priority, the method never does, numbers are never cut."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.jobs import state_table, summary
from siamnas.jobs.store import Result
from siamnas.runtime import terminal
from siamnas.runtime.table import METHOD, Column, Table
from tests.report.support import path_of

WIDTHS = 80, 100, 120
LONG = "Gaussian process (acquisition=ucb, search=low_fidelity)"


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """That of the terminal."""
    monkeypatch.setattr(terminal.out, "_width", request.param)
    return request.param


def lines(made: object) -> list[str]:
    """A table as it is printed."""
    with terminal.out.capture() as shown:
        terminal.out.print(made)
    return shown.get().splitlines()


def check(shown: list[str], width: int) -> None:
    """No line is too long, and no number is cut."""
    text = "\n".join(shown)
    assert max(map(len, shown)) <= width and "…" not in text
    assert len(re.findall(r"\d ± \d+\.\d\d", text)) == text.count("±") - text.count("Mean ± ")


def test_the_table_of_a_job(sweep: Path, width: int):
    result = Result.load(path_of(sweep, "random", 20))
    shown = lines(summary.table(result, width))
    check(shown, width)
    assert shown[1].startswith("method") and shown[3].startswith("random")
    assert [name in shown[1] for name in ("best acc. %", "codes", "space")] == [True, width == 120, width == 120]


@pytest.mark.usefixtures("blank")
def test_the_tables_of_a_report(siamnas, sweep: Path, width: int):
    shown = siamnas("report", str(sweep)).out.splitlines()
    tables = shown[: next(i for i, line in enumerate(shown) if line.startswith("report:"))]
    check(tables, width)
    assert sum("random search" in line for line in tables) >= 2 and sum("FLOPs order" in line for line in tables) == 2
    assert any(line.split()[:5] == ["N", "method", "K=10", "K=20", "K=30"] for line in tables)


def test_a_long_method_folds_and_the_last_budget_stays(width: int):
    budgets = ["20", "30", "40", "60", "100"]
    columns = [METHOD, *(Column(budget, leaves=4 - i) for i, budget in enumerate(budgets))]
    columns += [Column("found %", leaves=5), Column("repeats", leaves=6)]
    row = [LONG, *(f"{budget}.00 ± 1.25*" for budget in budgets), "70 / 100", 10]
    shown = lines(Table(columns, [row], "cells", "regret", "word " * 60).rich(width))
    check(shown, width)
    assert shown[3].startswith("Gaussian process")
    assert any("100.00 ± 1.25*" in line for line in shown)
    assert ["20.00 ± 1.25*" in "\n".join(shown), "repeats" in shown[1]] == [width >= 100, width == 120]


def test_the_table_of_states(width: int):
    name = "predictor=siams_nsam_bts space=nb201_c100 search.n=20"
    jobs = [
        state_table.StateRow(name, "done", "best acc. 71.39 ± 1.24 %", 3.0),
        state_table.StateRow("a[b]", "running", "said " * 30),
    ]
    shown = lines(state_table.table(jobs))
    check(shown, width)
    assert "predictor=siams_nsam_bts" in shown[2] and "71.39 ± 1.24 %" in shown[2] and shown[2].endswith("3.0")
    assert any(line.startswith("a[b] ") for line in shown)


def test_the_environment_says_how_wide_a_pipe_is():
    code = "from siamnas.runtime import terminal; print(terminal.out.width)"
    plain = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    for said, width in (({}, terminal.PLAIN_WIDTH), ({"COLUMNS": "80"}, 80)):
        done = subprocess.run(
            [sys.executable, "-c", code], env=plain | said, capture_output=True, check=True, text=True
        )
        assert int(done.stdout) == width


def test_a_table_of_many_tasks_is_turned():
    rows = [[name, rank, *[f"{rank}.{i} ± 0.10" for i in range(15)]] for rank, name in enumerate("abc", start=1)]
    table = Table([METHOD, Column("rank"), *(Column(f"task{i}") for i in range(15))], rows, best={(0, 2), (2, 16)})
    turned = table.turned(Column("task", left=True))
    assert [column.name for column in turned.columns] == ["task", "a", "b", "c"]
    assert turned.rows[0] == ["rank", "1", "2", "3"] and turned.rows[15] == [
        "task14",
        *(f"{r}.14 ± 0.10" for r in (1, 2, 3)),
    ]
    assert set(turned.best) == {(1, 1), (15, 3)}
    check(lines(turned.rich(80)), 80)
    assert max(map(len, lines(table.rich(80)))) > 80, "which is why"


def test_a_page_has_the_columns_that_a_terminal_of_its_width_has(width: int):
    columns = [METHOD, *(Column(f"K={k}", leaves=k) for k in range(1, 20))]
    table = Table(columns, [["random search", *("71.39 ± 1.07",) * 19]])
    (head, *_) = [line for line in lines(table.rich(width)) if "method" in line]
    assert [column.name for column in table.fitted(width).columns] == head.split()


@pytest.mark.usefixtures("blank")
def test_a_report_says_what_it_does_where_there_is_no_terminal(
    siamnas, sweep: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(terminal, "PLAIN_EVERY", 0.005)
    caplog.set_level(logging.INFO, "siamnas")
    assert siamnas("report", str(sweep)).code == 0
    said = {record.getMessage().partition(":")[0] for record in caplog.records}
    assert {"reading results", "drawing figures"} <= said
    assert any(type(handler).__name__ == "_ErrHandler" for handler in logging.getLogger().handlers), "on stderr"


@given(st.lists(st.text("ab1=_", min_size=1, max_size=12), min_size=2, max_size=8), st.sampled_from(["/", ",", " "]))
def test_a_name_is_broken_behind_what_separates_its_parts(parts: list[str], separator: str):
    shown = lines(Table([Column("job", left=True, folds=15)], [[separator.join(parts)]]).rich(15))
    folded = [line.rstrip() for line in shown[2:]]
    expected, line = [], ""
    for part in [*(part + separator for part in parts[:-1]), parts[-1]]:
        if line and len(line + part.rstrip()) > 15:
            expected.append(line.rstrip())
            line = ""
        line += part
    assert folded == [*expected, line]
