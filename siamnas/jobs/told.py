"""The states of jobs, and how people are told of them: a row for each, and how many are what."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from rich.markup import escape
from rich.table import Table

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


class Told(NamedTuple):
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


def table(jobs: Iterable[Told]) -> Table:
    """One row per job, with the seconds that it took if they are known of any."""
    jobs = list(jobs)
    timed = any(job.seconds is not None for job in jobs)
    shown = terminal.table()
    shown.add_column("job", overflow="fold")
    shown.add_column("state", no_wrap=True)
    shown.add_column("", overflow="fold")
    if timed:
        shown.add_column("seconds", justify="right", no_wrap=True)
    for name, state, detail, seconds in jobs:
        time = [summary.DASH if seconds is None else f"{seconds:.1f}"] if timed else []
        shown.add_row(escape(name), f"[{COLOURS[state]}]{state}[/]", escape(detail), *time)
    return shown


def count(states: Iterable[str]) -> Counter[str]:
    """Print how many jobs are in each state.

    Returns:
        The numbers.
    """
    counts = Counter(states)
    said = ", ".join(f"{counts[state]} {state}" for state in COLOURS if counts[state])
    terminal.out.print(f"{summary.plural(counts.total(), 'job')}: {said}", highlight=False)
    return counts
