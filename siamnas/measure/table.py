"""What was measured, as a table: the file that spaces read, and what is printed."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.user_tables import ARCH, FAILED, FILE, SECONDS
from siamnas.jobs.files import whole
from siamnas.jobs.summary import plural
from siamnas.measure.results_log import ResultsLog, Row
from siamnas.runtime import terminal

NAMED = 20  # failures that are named on the terminal


def write(folder: Path, columns: Sequence[str], archs: NDArray[np.str_], rows: ResultsLog) -> None:
    """Write all rows that are there, in the order of the space.

    Raises:
        InputError: it can't be written.
    """
    rows.refresh()
    written = -1
    while written < len(rows.rows):  # another process may have written an older table in the meantime
        written = len(rows.rows)
        with whole(folder / FILE, newline="") as file:
            lines = csv.writer(file)
            lines.writerow([ARCH, *columns, SECONDS, FAILED])
            lines.writerows(_line(rows.rows[arch], len(columns)) for arch in archs.tolist() if arch in rows)
        rows.refresh()


def show(title: str, asked: Sequence[str], rows: ResultsLog, folder: Path) -> None:
    """Print what is there of the architectures that were asked for, which of them have failed, and where it lies.

    Args:
        title: of the measurement.
        asked: names of the architectures.
        rows: all that were measured.
        folder: of the table.
    """
    there = [rows.rows[arch] for arch in asked if arch in rows]
    shown = terminal.table()
    for head in ("", "architectures", "measured", "failed", "seconds"):
        shown.add_column(head, justify="right" if head else "left", no_wrap=True)
    for name, count, part in ((title, len(asked), there), ("by this command", len(rows.own), rows.own)):
        bad = sum(bool(row.failed) for row in part)
        shown.add_row(
            name, f"{count:,}", f"{len(part) - bad:,}", f"{bad:,}", f"{sum(row.seconds for row in part):,.1f}"
        )
    terminal.out.print(shown)
    failed = [row for row in there if row.failed]
    for row in failed[:NAMED]:
        terminal.out.print(f"failed: {row.arch}: {row.failed}", markup=False, highlight=False)
    if len(failed) > NAMED:
        terminal.out.print(f"and {plural(len(failed) - NAMED, 'other')}: {folder / FILE} names them", markup=False)
    terminal.out.print(f"measured: {folder}", markup=False, highlight=False)


def _line(row: Row, columns: int) -> list[str]:
    """The cells of a row; what is not there is empty."""
    values = ["" if math.isnan(value) else repr(value) for value in row.values] or [""] * columns
    return [row.arch, *values, f"{row.seconds:.6g}", " ".join(row.failed.split())]
