"""The results as a table: the file that spaces read, and the summary that is printed."""

import csv
import math
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from siamnas.benchmarks.user_tables import ARCH, FAILED, FILE, SECONDS
from siamnas.jobs.summary import plural
from siamnas.measure.results_log import Entry, ResultsLog
from siamnas.runtime import terminal
from siamnas.runtime.files import whole

Ordered = Callable[[Collection[str]], list[str]]
NAMED = 20  # failures that are named on the terminal


def write(folder: Path, columns: Sequence[str], ordered: Ordered, results: ResultsLog) -> None:
    """Write all results so far.

    Args:
        folder: of the table.
        columns: that are measured.
        ordered: names of architectures -> these in the order of the table.
        results: all that were measured.

    Raises:
        InputError: it can't be written.
    """
    results.refresh()
    written = -1
    while written < len(results.entries):  # another process may have written an older table in the meantime
        written = len(results.entries)
        with whole(folder / FILE, newline="") as file:
            lines = csv.writer(file)
            lines.writerow([ARCH, *columns, SECONDS, FAILED])
            lines.writerows(_line(results.entries[arch], len(columns)) for arch in ordered(results.entries))
        results.refresh()


def show(title: str, asked: Sequence[str], results: ResultsLog, folder: Path) -> None:
    """Print how many of the architectures asked for are measured, which have failed, and where the table lies.

    Args:
        title: of the measurement.
        asked: names of the architectures.
        results: all that were measured.
        folder: of the table.
    """
    there = [results.entries[arch] for arch in asked if arch in results]
    shown = terminal.table()
    for head in ("", "architectures", "measured", "failed", "seconds"):
        shown.add_column(head, justify="right" if head else "left", no_wrap=True)
    for name, count, part in ((title, len(asked), there), ("by this command", len(results.own), results.own)):
        bad = sum(bool(entry.failed) for entry in part)
        shown.add_row(
            name, f"{count:,}", f"{len(part) - bad:,}", f"{bad:,}", f"{sum(entry.seconds for entry in part):,.1f}"
        )
    terminal.out.print(shown)
    failed = [entry for entry in there if entry.failed]
    for entry in failed[:NAMED]:
        terminal.out.print(f"failed: {entry.arch}: {entry.failed}", markup=False, highlight=False)
    if len(failed) > NAMED:
        terminal.out.print(
            f"and {plural(len(failed) - NAMED, 'other')}: {terminal.placed(folder / FILE)} names them", markup=False
        )
    terminal.out.print(f"measured: {terminal.placed(folder)}", markup=False, highlight=False)


def _line(entry: Entry, columns: int) -> list[str]:
    """The cells of a row; missing ones are empty."""
    values = ["" if math.isnan(value) else repr(value) for value in entry.values] or [""] * columns
    return [entry.arch, *values, f"{entry.seconds:.6g}", " ".join(entry.failed.split())]
