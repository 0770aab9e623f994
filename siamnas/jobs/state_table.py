"""The states of jobs as people see them: a row for each, and how many are in which."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.table import Table as RichTable
from rich.text import Text

from siamnas.jobs import summary
from siamnas.runtime import terminal
from siamnas.runtime.table import Column, Table

COLOURS = {
    "done": "green",
    "skipped": "green",
    "running": "cyan",
    "failed": "red",
    "interrupted": "yellow",
    "missing": "yellow",
}
"""State of a job -> its colour, in the order in which they are told.

Skipped is what a sweep has found done before, interrupted what was begun and is left, and missing what was not begun,
or what has said nothing.
"""
DONE = ("done", "skipped")
NAME, DETAIL = 24, 30  # characters of a job and of what is said of it, at least


class StateRow(NamedTuple):
    """What there is to say about a job.

    Attributes:
        name: what tells it from the others.
        state: one of `COLOURS`.
        detail: its result, or why it has none.
        seconds: that it took; None where that says nothing.
    """

    name: str
    state: str
    detail: str = ""
    seconds: float | None = None


def table(jobs: Sequence[StateRow]) -> RichTable:
    """One row per job, with the seconds that it took if they are known of any and there is room."""
    columns = [Column("job", left=True, folds=NAME), Column("state", left=True), Column("", left=True, folds=DETAIL)]
    rows: list[list[Any]] = [[job.name, Text(job.state, style=COLOURS[job.state]), job.detail] for job in jobs]
    seconds = [job.seconds for job in jobs]
    if any(own is not None for own in seconds):
        columns.append(Column("seconds", text="{:.1f}".format, leaves=1))
        rows = [[*row, own] for row, own in zip(rows, seconds, strict=True)]
    return Table(columns, rows).rich(terminal.out.width, gap=3)


def count(states: Iterable[str]) -> Counter[str]:
    """Print how many jobs are in each state.

    Returns:
        The numbers.
    """
    counts = Counter(states)
    said = ", ".join(f"{counts[state]} {state}" for state in COLOURS if counts[state])
    terminal.out.print(f"{summary.plural(counts.total(), 'job')}: {said}", highlight=False)
    return counts
