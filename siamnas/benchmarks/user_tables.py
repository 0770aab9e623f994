"""What `siamnas measure` has measured: tables that become columns of a space."""

import csv
import io
import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import Columns
from siamnas.runtime import regular, strict_json
from siamnas.runtime.cells import number
from siamnas.runtime.names import look

FILE, ROWS = "table.csv", "rows"  # beside a table lie the lines that it was made of
ARCH, SECONDS, FAILED = "arch", "seconds", "failed"  # its columns beside those that were measured
LOSS = "loss_{}"  # columns of an Estimation Code, from 1


class Table(NamedTuple):
    """name -> (M,) columns, NaN where not measured, and (M,) seconds for all of them together."""

    columns: Columns
    seconds: FloatArray


class Losses(NamedTuple):
    """Codes measured in the order of their entries: (M, L) values and (M,) seconds for all L of them."""

    values: FloatArray
    seconds: FloatArray


def place(path: str | Path) -> Path:
    """The file of a table that is named by its folder or by itself."""
    path = Path(path).expanduser()
    return path / FILE if path.is_dir() else path


def read(paths: Sequence[str], archs: NDArray[np.str_], known: Collection[str]) -> list[Table]:
    """Tables for the architectures of a space, which are found by their names; those of others are left out.

    Args:
        paths: `space.measured`: folders of `siamnas measure`, or tables.
        archs: (M,) names.
        known: columns that the space has without them.

    Raises:
        InputError: a table can't be read, holds no architecture of the space, or a column that is known without it.
    """
    if not paths:
        return []
    numbers, seen = {str(arch): i for i, arch in enumerate(archs)}, dict.fromkeys(known, "the space itself")
    tables = []
    for i, path in enumerate(paths):
        key = f"space.measured[{i}]={path}"
        table = _read(place(path), numbers, key)
        for name in table.columns:
            if name in seen:
                raise InputError(f"{key}: its column {name} is one of {seen[name]}, too; leave one of them out")
            seen[name] = str(path)
        tables.append(table)
    return tables


def columns(tables: Sequence[Table]) -> Columns:
    """The columns of all tables."""
    return {name: values for table in tables for name, values in table.columns.items()}


def seconds(tables: Sequence[Table]) -> Columns:
    """Column -> (M,) what it took to measure it, and those of its table with it."""
    return {name: table.seconds for table in tables for name in table.columns}


def losses(tables: Sequence[Table]) -> dict[str, Losses]:
    """The losses loss_1, loss_2 and so on as an Estimation Code named `measured`; empty where there are none."""
    for table in tables:
        if names := list(takewhile(table.columns.__contains__, map(LOSS.format, count(1)))):
            return {"measured": Losses(np.stack([table.columns[name] for name in names], axis=1), table.seconds)}
    return {}


def _read(path: Path, numbers: dict[str, int], key: str) -> Table:
    """One table; `numbers` are those of the architectures."""
    try:
        head, *rows = list(csv.reader(io.StringIO(regular.text(path).removeprefix("\ufeff"), newline=""))) or [[]]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{key}: cannot be read as a table ({getattr(error, 'strerror', error)})") from error
    if head[:1] != [ARCH] or head[-2:] != [SECONDS, FAILED] or len(head) < 4 or len(set(head)) < len(head):
        raise InputError(
            f"{key}: must have the columns {ARCH}, what was measured, {SECONDS} and {FAILED}, as siamnas measure writes"
        )
    if odd := [name for name in head if not name or name != look(name)]:
        raise InputError(f"{key}: {odd[0]!r} is no name of a column")
    found, measured = np.full((len(numbers), len(head) - 2), np.nan), _measured(path.parent / ROWS)
    known: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise InputError(f"{key}: line {line}: must have {len(head)} columns, has {len(row)}")
        if row[0] not in numbers:
            if look(row[0]) in numbers:
                raise InputError(f"{key}: line {line}: {shown(repr(row[0]))} looks like an architecture, and is none")
            continue
        try:
            values = [number(cell) for cell in row[1:-1]]
        except ValueError as error:
            cells = ", ".join(row[1:-1])
            raise InputError(f"{key}: line {line}: {shown(cells)}: must be numbers such as 1.5, or empty") from error
        if said := _wrong(row[0], values, known, measured):
            raise InputError(f"{key}: line {line}: {said}")
        known.add(row[0])
        found[numbers[row[0]]] = values
    if not known:
        raise InputError(f"{key}: none of its {len(rows)} architectures is one of the space's")
    return Table(dict(zip(head[1:-2], found.T[:-1], strict=True)), found[:, -1])


def _wrong(arch: str, values: list[float], known: Collection[str], measured: Mapping[str, list[Any]]) -> str:
    """What can't be true of a row, its values with the seconds at the end; empty for nothing."""
    if arch in known:
        return f"{shown(arch)} is there twice"
    if any(map(math.isinf, values)) or values[-1] < 0:
        return f"{shown(arch)} has values or seconds that can't be"
    numbers = [None if math.isnan(value) else value for value in values[:-1]]
    if arch in measured and numbers not in measured[arch] and any(number is not None for number in numbers):
        return f"{shown(arch)} has other values than {ROWS} beside it; siamnas measure writes the table again"
    return ""


def _measured(folder: Path) -> dict[str, list[Any]]:
    """Architecture -> the lists of values that were measured of it, as far as they can be read."""
    found: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        with suppress(OSError):
            for line in regular.content(path).splitlines():
                with suppress(ValueError, TypeError, KeyError, AttributeError):  # measure names it
                    content = strict_json.loads(line)
                    found.setdefault(str(content["arch"]), []).append(content.get("values"))
    return found
