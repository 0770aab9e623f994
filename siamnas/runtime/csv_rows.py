"""Rows of a CSV file that grows while they come, so that what has been cut off goes on."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file; none where there is none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a file anew, with one row or more; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        _write(file, rows)


def add(path: Path, row: Mapping[str, Any]) -> None:
    """Add a row to a file, which begins with the names of its columns; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="", encoding="utf-8") as file:
        _write(file, [row])


def _write(file: IO[str], rows: Sequence[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    if not file.tell():
        writer.writeheader()
    writer.writerows(rows)
