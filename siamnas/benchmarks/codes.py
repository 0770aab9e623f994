"""Estimation Codes of a space: measured losses, columns of its table, or a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.user_tables import Losses, Table, losses
from siamnas.config.validate import Count, Word
from siamnas.errors import InputError, reason
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import FREE, HIDDEN, Columns, check_column

LARGEST_NUMBER = float(np.finfo(np.float32).max)  # of a code, which networks read as float32


@dataclass
class CodeOptions:
    """Options of `code`; `length`, `columns` and `path` matter for some kinds only."""

    kind: Word
    length: Count | None
    columns: list[Word]
    path: Word | None


class Code(NamedTuple):
    """Estimation Codes: (M, L) float32 values, NaN rows for architectures without one; a name; (M,) seconds each."""

    values: NDArray[np.float32]
    name: str
    seconds: FloatArray


def estimation_code(
    options: CodeOptions, columns: Columns, published: dict[str, Losses], tables: Sequence[Table], size: int
) -> Code:
    """Estimation Codes of a space.

    Args:
        options: the `code` options: `kind` is `columns` (columns of the table, `log_` before a name takes the natural
            logarithm), `file` (an .npy of shape (M, L)), `none` (L = 0), or a key of `published` (the first `length`
            entries, all for None) or `measured`, the same of the losses in `tables`.
        columns: (M,) columns of the space, those of `tables` included.
        published: kind -> codes that others have measured for this space.
        tables: what `siamnas measure` has measured.
        size: M.

    Raises:
        InputError: an option that this space does not have.
    """
    kind = options.kind
    if kind == "none":
        return Code(np.empty((size, 0), np.float32), "none", np.zeros(size))
    if kind == "columns":
        return _from_columns(options.columns, columns, tables)
    if kind == "file":
        return _from_file(options.path, size)
    measured = published | losses(tables)
    if kind not in measured:
        kinds = [*measured, "columns", "file", "none"]
        raise InputError(f"space.code.kind={kind}: must be one of {', '.join(kinds)} for this space")
    values, seconds = measured[kind]
    most = values.shape[1]
    length = most if options.length is None else options.length
    if length > most:
        raise InputError(f"space.code.length={length}: must be at most {most}, the length of the {kind} codes")
    if not length:
        return Code(np.empty((size, 0), np.float32), "none", np.zeros(size))
    return Code(as_float32(values[:, :length], f"space.code.kind={kind}"), kind, seconds * length / most)


def _from_columns(names: list[str], columns: Columns, tables: Sequence[Table]) -> Code:
    """Codes made of table columns; flops and params cost nothing, what is in none of `tables` is unknown (NaN)."""
    key = f"space.code.columns={','.join(names)}"
    if not names:
        raise InputError(f"{key}: must name at least one column")
    parts, bare = [], []
    known = [column for column in columns if not HIDDEN.fullmatch(column)]
    for name in names:
        plain = name if name in columns else name.removeprefix("log_")
        check_column(plain, key, known)
        values = columns[plain]
        if plain != name:
            if np.nanmin(values) <= 0:
                raise InputError(f"{key}: {plain} has values that are not above 0, so it has no logarithm")
            values = np.log(values)
        parts.append(values)
        bare.append(plain)
    size = len(parts[0])
    priced, seconds = set(bare) - FREE, np.zeros(size)
    for table in tables:
        if priced & set(table.columns):
            seconds = seconds + table.seconds
            priced -= set(table.columns)
    if priced:
        seconds = np.full(size, np.nan)
    return Code(as_float32(np.stack(parts, axis=1), key), ",".join(names), seconds)


def _from_file(path: str | None, size: int) -> Code:
    """Codes from an .npy whose row i belongs to architecture i of the space (after its constraints); cost unknown."""
    if path is None:
        raise InputError(f"space.code.path=null: must be an .npy of shape ({size}, L) for space.code.kind=file")
    values = read_array(path, f"space.code.path={path}")
    if values.ndim != 2 or len(values) != size or not values.shape[1]:
        raise InputError(
            f"space.code.path={path}: shape must be ({size}, L) with a row per architecture of the space, is "
            f"{values.shape}"
        )
    return Code(as_float32(values, f"space.code.path={path}"), f"file:{Path(path).name}", np.full(size, np.nan))


def read_array(path: str | Path, key: str) -> NDArray[Any]:
    """The numbers of an .npy file, which may come from anybody.

    Args:
        path: the file.
        key: begins an error.

    Raises:
        InputError: it can't be read, or holds something else.
    """
    path = Path(path).expanduser()
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise ValueError("not a file")
        # Mapped, because a header may promise more numbers than any memory holds.
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
            raise ValueError("not an array of numbers")
    except Exception as error:  # of the system, or whatever numpy makes of a header
        raise InputError(f"{key}: cannot be read as .npy ({reason(error)})") from error
    return values


def as_float32(values: NDArray[Any], key: str) -> NDArray[np.float32]:
    """Codes as networks read them.

    Raises:
        InputError: some are infinite, or too large; the message begins with `key`.
    """
    if (abs(values.astype(np.float64)) > LARGEST_NUMBER).any():
        raise InputError(
            f"{key}: must hold numbers of 32 bits, NaN for architectures without a code, no infinities and at most "
            f"{LARGEST_NUMBER:.2g}"
        )
    return values.astype(np.float32)
