"""Estimation Codes of a space: measured losses, columns of its table, or a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError
from siamnas.schema import Count, Word, check
from siamnas.spaces.columns import FREE, HIDDEN, Columns, check_column
from siamnas.spaces.own_tables import Losses, Table, losses
from siamnas.spaces.space import FloatArray


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
    options: dict[str, Any], columns: Columns, published: dict[str, Losses], own: Sequence[Table], size: int
) -> Code:
    """Estimation Codes of a space.

    Args:
        options: the `code` options: `kind` is `columns` (columns of the table, `log_` before a name takes the natural
            logarithm), `file` (an .npy of shape (M, L)), `none` (L = 0), or a key of `published` (the first `length`
            entries, all for None) or `measured`, the same of the losses in `own`.
        columns: (M,) columns of the space, those of `own` included.
        published: kind -> codes that others have measured for this space.
        own: what `siamnas measure` has measured.
        size: M.

    Raises:
        InputError: an option that this space does not have.
    """
    check(CodeOptions, options, "space.code")
    kind = options["kind"]
    if kind == "none":
        return Code(np.empty((size, 0), np.float32), "none", np.zeros(size))
    if kind == "columns":
        return _from_columns(options["columns"], columns, own)
    if kind == "file":
        return _from_file(options["path"], size)
    measured = published | losses(own)
    if kind not in measured:
        kinds = [*measured, "columns", "file", "none"]
        raise InputError(f"space.code.kind={kind}: must be one of {', '.join(kinds)} for this space")
    values, seconds = measured[kind]
    most = values.shape[1]
    length = most if options["length"] is None else options["length"]
    if length > most:
        raise InputError(f"space.code.length={length}: must be at most {most}, the length of the {kind} codes")
    if not length:
        return Code(np.empty((size, 0), np.float32), "none", np.zeros(size))
    return Code(values[:, :length].astype(np.float32), kind, seconds * length / most)


def _from_columns(names: list[str], columns: Columns, own: Sequence[Table]) -> Code:
    """Codes made of table columns; flops and params cost nothing, what is in none of `own` is unknown (NaN)."""
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
    paid, seconds = set(bare) - FREE, np.zeros(size)
    for table in own:
        if paid & set(table.columns):
            seconds = seconds + table.seconds
            paid -= set(table.columns)
    if paid:
        seconds = np.full(size, np.nan)
    return Code(np.stack(parts, axis=1).astype(np.float32), ",".join(names), seconds)


def _from_file(path: str | None, size: int) -> Code:
    """Codes from an .npy whose row i belongs to architecture i of the space (after its constraints); cost unknown."""
    if path is None:
        raise InputError(f"space.code.path=null: must be an .npy of shape ({size}, L) for space.code.kind=file")
    try:
        values = np.load(Path(path).expanduser(), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"space.code.path={path}: cannot be read as .npy ({error})") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or len(values) != size or not values.shape[1]:
        shape = getattr(values, "shape", "not an array")
        raise InputError(
            f"space.code.path={path}: shape must be ({size}, L) with a row per architecture of the space, is {shape}"
        )
    if values.dtype.kind not in "fiu" or np.isinf(values).any():
        raise InputError(
            f"space.code.path={path}: must hold numbers, NaN for architectures without a code, no infinities"
        )
    return Code(values.astype(np.float32), f"file:{Path(path).name}", np.full(size, np.nan))
