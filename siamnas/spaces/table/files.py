"""A table with one row per architecture, from one file: csv, jsonl, parquet or npz."""

import json
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, reason
from siamnas.runtime import regular

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
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{key}: is no table ({reason(error)})") from error
    lengths = {name: len(column) for name, column in found.items()}
    if not lengths or len(set(lengths.values())) > 1 or not max(lengths.values()):
        raise InputError(f"{key}: must have one row or more, and columns of one length, has {lengths}")
    return found


def _npz(file: IO[bytes], texts: Collection[str]) -> Table:
    """Arrays by name; a (V, V) adjacency that all share becomes one of all architectures."""
    with np.load(file, allow_pickle=False) as archive:
        found = {name: archive[name] for name in archive.files}
    most = max((len(array) for array in found.values() if array.ndim), default=0)
    return {
        name: np.broadcast_to(array, (most, *array.shape)) if array.ndim == 2 and _square(array, most) else array
        for name, array in found.items()
        if array.ndim
    }


def _square(array: NDArray[Any], rows: int) -> bool:
    """Whether an array is a matrix that is not one row per architecture."""
    return len(array) != rows and array.shape[0] == array.shape[1]


def _frame(file: IO[bytes], texts: Collection[str], kind: str, **options: Any) -> Table:
    """What pandas reads."""
    import pandas as pd

    frame = getattr(pd, f"read_{kind}")(file, **options)
    return {str(name): _plain(column.to_numpy(), name in texts) for name, column in frame.items()}


def _plain(column: NDArray[Any], text: bool) -> NDArray[Any]:
    """A column as numbers where all of it are some, else as texts; lists as JSON."""
    if column.dtype.kind in "fiub":
        return column
    values = np.asarray(column, dtype=object)
    if any(isinstance(value, list | np.ndarray) for value in values[:1]):
        return np.array([json.dumps(value, default=np.ndarray.tolist) for value in values], dtype=object)
    try:
        return values if text else values.astype(np.float64)
    except (TypeError, ValueError):
        return values


READERS: dict[str, Callable[[IO[bytes], Collection[str]], Table]] = {
    ".csv": lambda file, texts: _frame(file, texts, "csv", dtype=str),  # numbers by Python, to the last bit
    ".jsonl": lambda file, texts: _frame(file, texts, "json", lines=True, dtype=False, precise_float=True),
    ".parquet": lambda file, texts: _frame(file, texts, "parquet"),
    ".npz": _npz,
}
