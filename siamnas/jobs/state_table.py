"""The states of jobs as people see them: a row for each, and how many are in which."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from siamnas.jobs import summary
from siamnas.runtime import terminal

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


def table(jobs: Iterable[StateRow]) -> Table:
    """One row per job, with the seconds that it took if they are known of any and there is room."""
    jobs = list(jobs)
    seconds = [summary.DASH if job.seconds is None else f"{job.seconds:.1f}" for job in jobs]
    columns = [
        terminal.Column("job", [job.name for job in jobs], folds=NAME, left=True),
        terminal.Column("state", [Text(job.state, style=COLOURS[job.state]) for job in jobs], left=True),
        terminal.Column("", [job.detail for job in jobs], folds=DETAIL, left=True),
    ]
    if any(job.seconds is not None for job in jobs):
        columns.append(terminal.Column("seconds", seconds, leaves=1))
    return terminal.fitted(columns, terminal.out.width, gap=3)


def count(states: Iterable[str]) -> Counter[str]:
    """Print how many jobs are in each state.

    Returns:
        The numbers.
    """
    counts = Counter(states)
    said = ", ".join(f"{counts[state]} {state}" for state in COLOURS if counts[state])
    terminal.out.print(f"{summary.plural(counts.total(), 'job')}: {said}", highlight=False)
    return counts
