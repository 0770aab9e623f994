"""A table with one row per architecture, from one file: csv, jsonl, parquet or npz."""

import csv
import io
import json
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, reason, shown
from siamnas.runtime import archives, regular, strict_json
from siamnas.runtime.cells import number
from siamnas.runtime.names import alike

Table = dict[str, NDArray[Any]]
"""Name -> (M, ...) array: numbers, or texts as they stand in the file."""


def read(path: Path, texts: Collection[str]) -> Table:
    """All columns of a file.

    Args:
        path: of the file.
        texts: columns that are texts even where they look like numbers, such as `0110`.

    Raises:
        InputError: the file has another ending, can't be read, or holds no table.
    """
    key = f"space.path={path}"
    if path.suffix not in READERS:
        raise InputError(f"{key}: must end in one of {', '.join(READERS)}")
    try:
        with regular.opened(path) as file:
            found = READERS[path.suffix](file, texts)
    except OSError as error:
        raise InputError(f"{key}: {error.strerror or error}") from error
    except ImportError as error:
        raise InputError(f"{key}: needs pyarrow: pip install pyarrow") from error
    except (ValueError, KeyError, EOFError, csv.Error) as error:
        raise InputError(f"{key}: is no table ({reason(error)})") from error
    _check_names(list(found), key)
    lengths = {name: len(column) for name, column in found.items()}
    if not lengths or len(set(lengths.values())) > 1 or not max(lengths.values()):
        raise InputError(f"{key}: must have one row or more, and columns of one length, has {shown(str(lengths))}")
    return found


def _check_names(names: Sequence[str], key: str) -> None:
    """Columns can be told apart by what one sees of their names.

    Raises:
        InputError: a name is too long, can't be written, or looks like another one.
    """
    if long := [name for name in names if len(name) > LONGEST]:
        raise InputError(f"{key}: the name of a column has {len(long[0]):,} characters ({shown(long[0])})")
    if odd := [name for name in names if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name)]:
        raise InputError(f"{key}: {shown(repr(odd[0]))} is no name of a column")
    if (look := alike(names)) is not None:
        raise InputError(f"{key}: two columns have one name, {shown(repr(look))}")


def _npz(file: BinaryIO, texts: Collection[str]) -> Table:
    """Arrays by name; a (V, V) adjacency that all share becomes one of all architectures."""
    arrays = archives.read(file)
    found = {
        name: np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array for name, array in arrays.items()
    }
    most = max((len(array) for array in found.values() if array.ndim), default=0)
    return {
        name: np.broadcast_to(array, (most, *array.shape)) if array.ndim == 2 and _square(array, most) else array
        for name, array in found.items()
        if array.ndim
    }


def _square(array: NDArray[Any], rows: int) -> bool:
    """Whether an array is a matrix that is not one row per architecture."""
    return len(array) != rows and array.shape[0] == array.shape[1]


def _csv(file: BinaryIO, texts: Collection[str]) -> Table:
    """Comma-separated texts under their names; those of `cells.EMPTY` are no numbers."""
    lines = csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline=""), strict=True)
    names = next(lines, [])
    rows = [row for row in lines if row]
    if wrong := [i for i, row in enumerate(rows) if len(row) != len(names)]:
        raise ValueError(f"row {wrong[0]} has {len(rows[wrong[0]])} values, not {len(names)}")
    if 0 < sum(remarks := [row[0].startswith("#") for row in rows]) < len(rows):
        raise ValueError(f"row {remarks.index(True)} begins with #; leave out what is no architecture")
    while len(names) > 1 and not any(row[len(names) - 1] for row in (names, *rows)):
        names.pop()  # commas at the end of all lines
    if len(set(names)) < len(names):
        raise ValueError(f"two columns have one name, {shown(max(names, key=names.count))!r}")
    return _columns(names, zip(*rows, strict=True), texts)


def _jsonl(file: BinaryIO, texts: Collection[str]) -> Table:
    """One JSON object per line; what an object leaves out is no number."""
    rows = [strict_json.loads(line) for line in file if line.strip()]
    if wrong := [i for i, row in enumerate(rows) if not isinstance(row, dict)]:
        raise ValueError(f"row {wrong[0]} is no object")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _columns(names, ([row.get(name) for row in rows] for name in names), texts)


def _parquet(file: BinaryIO, texts: Collection[str]) -> Table:
    """The columns of a table of Arrow."""
    from pyarrow import parquet

    table = parquet.read_table(file)
    return _columns(table.column_names, (column.to_pylist() for column in table.columns), texts)


def _columns(names: Sequence[str], columns: Iterable[Sequence[Any]], texts: Collection[str]) -> Table:
    """Name -> column, as numbers where all of it are some, else as texts; lists as JSON."""
    return {name: _column(values, name in texts) for name, values in zip(names, columns, strict=False)}


def _column(values: Sequence[Any], text: bool) -> NDArray[Any]:
    """See `_columns`."""
    if not text and {bool} != {type(value) for value in values} - {type(None)}:
        try:
            return np.array([number(value) for value in values])
        except (TypeError, ValueError, OverflowError):
            pass
    elif not text:
        return np.array([math.nan if value is None else float(value) for value in values])
    return np.array([_text(value) for value in values], dtype=object)


def _text(value: Any) -> str:
    """A cell as a text; lists as JSON, and nothing for what is not there."""
    if value is None or isinstance(value, str):
        return value or ""
    return value.decode() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, default=_said)


def _said(value: Any) -> str:
    """What JSON has no value for: a text that a program has kept as bytes, a time and the like."""
    return value.decode() if isinstance(value, bytes) else str(value)


LONGEST = 1000  # characters of the name of a column
READERS: dict[str, Callable[[BinaryIO, Collection[str]], Table]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".npz": _npz,
}
