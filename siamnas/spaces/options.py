"""What the spaces have in common: which accuracy, which Estimation Code, which cells."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError
from siamnas.schema import Count, Positive, Rule, Word, check, near
from siamnas.spaces.space import FloatArray, IntArray

Columns = dict[str, FloatArray]

ACCURACY = re.compile(r"(test|valid)_(\d+)_(?:run(?=\d))?(mean|\d+)")  # a column: split, epochs, run
HIDDEN = re.compile(ACCURACY.pattern + "|gt_accuracy")  # columns that only a query may see
FREE = {"flops", "params"}  # columns that are counted, not measured


@dataclass
class Accuracy:
    """Options of `label` and `report`; the table says which combinations exist."""

    split: Word
    epochs: Count
    run: Annotated[Any, Rule("mean or the number of a run", lambda v: v == "mean" or type(v) is int)]


@dataclass
class CodeOptions:
    """Options of `code`; `length`, `columns` and `path` matter for some kinds only."""

    kind: Word
    length: Count | None
    columns: list[Word]
    path: Word | None


@dataclass
class Limit:
    """The option `max_flops` in MFLOPs."""

    max_flops: Positive | None


@dataclass
class TableSpace(Limit):
    """A space with a shipped table, see `conf/space/nb201_c100.yaml`."""

    _target_: Word
    name: Word
    dataset: Word
    label: Accuracy
    report: Accuracy
    code: CodeOptions
    data_dir: Word | None


@dataclass
class FolderSpace(Limit):
    """A folder of cells, see `conf/space/json.yaml`."""

    _target_: Word
    name: Word
    path: Word
    node_types: list[Word]
    code: CodeOptions


class Code(NamedTuple):
    """Estimation Codes: (M, L) float32 values with NaN rows for cells without one, a name, (M,) seconds each."""

    values: NDArray[np.float32]
    name: str
    seconds: FloatArray


class Measured(NamedTuple):
    """Codes measured in the order of their entries: (M, L) values and (M,) seconds for all L of them."""

    values: FloatArray
    seconds: FloatArray


def accuracy(columns: Columns, options: dict[str, Any], key: str) -> tuple[FloatArray, str]:
    """Accuracies chosen by `split`, `epochs` and `run` as fractions, and the name of their column.

    A cell with fewer runs than the chosen one answers with run modulo its number of runs; where a mean was not
    published for a cell, its run 0 stands in. The column itself keeps its NaN.

    Args:
        columns: columns such as `test_200_mean` or `valid_12_run0`, each (M,) in percent.
        options: for example `{"split": "test", "epochs": 200, "run": "mean"}`.
        key: dotted key of the options for messages.

    Raises:
        InputError: the table has no such accuracy; names the key, the value and what the table has.
    """
    check(Accuracy, options, key)
    left = {match.groups(): name for name in columns if (match := ACCURACY.fullmatch(name))}
    given: list[str] = []
    for place, part in enumerate(("split", "epochs", "run")):
        value = str(options[part])
        have = ", ".join(dict.fromkeys(names[place] for names in left))
        left = {names: name for names, name in left.items() if names[place] == value}
        if not left:
            where = " ".join(["on this data set", *(["with", ", ".join(given)] if given else [])])
            raise InputError(f"{key}.{part}={value}: must be one of {have} (all that was measured {where})")
        given.append(f"{part} {value}")
    ((split, epochs, run), name) = next(iter(left.items()))
    values = columns[name]
    gaps = np.isnan(values)
    if gaps.any():
        single = [column for column in columns if re.fullmatch(rf"{split}_{epochs}_run\d+", column)]
        runs = np.stack([columns[column] for column in single])  # (runs, M), NaN behind the last run of a cell
        chosen = (0 if run == "mean" else int(run)) % np.sum(~np.isnan(runs), axis=0)
        values = np.where(gaps, np.take_along_axis(runs, chosen[None], axis=0)[0], values)
    return values / 100, name


def within_flops(flops: FloatArray, max_flops: float | None) -> IntArray:
    """Indices of the cells of at most `max_flops` MFLOPs, all of them for None.

    Args:
        flops: (M,) MFLOPs.
        max_flops: the limit.

    Raises:
        InputError: no cell is left.
    """
    check(Limit, {"max_flops": max_flops}, "space")
    keep = np.flatnonzero(flops <= (np.inf if max_flops is None else max_flops))
    if not keep.size:
        raise InputError(f"space.max_flops={max_flops}: no cell is left, must be at least {flops.min():g} (MFLOPs)")
    return keep


def estimation_code(options: dict[str, Any], columns: Columns, measured: dict[str, Measured]) -> Code:
    """Estimation Codes of a space.

    Args:
        options: the `code` options: `kind` is `columns` (columns of the table, `log_` before a name takes the natural
            logarithm), `file` (an .npy of shape (M, L)), `none` (L = 0), or a key of `measured` (the first `length`
            entries, all for None).
        columns: (M,) columns of the space.
        measured: kind -> codes that were measured for this space.

    Raises:
        InputError: an option that this space does not have.
    """
    check(CodeOptions, options, "space.code")
    kind, size = options["kind"], len(next(iter(columns.values())))
    if kind == "none":
        return Code(np.empty((size, 0), np.float32), "none", np.zeros(size))
    if kind == "columns":
        return _from_columns(options["columns"], columns)
    if kind == "file":
        return _from_file(options["path"], size)
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


def _from_columns(names: list[str], columns: Columns) -> Code:
    """Codes made of table columns; flops and params cost nothing, the cost of others is unknown (NaN)."""
    key = f"space.code.columns={','.join(names)}"
    if not names:
        raise InputError(f"{key}: must name at least one column")
    parts, bare = [], []
    for name in names:
        plain = name if name in columns else name.removeprefix("log_")
        if plain not in columns:
            known = [column for column in columns if not HIDDEN.fullmatch(column)]
            short = dict.fromkeys(re.sub(r"_loss_\d+", "_loss_<i>", column) for column in known)
            raise InputError(
                f"{key}: no column {name}{near(plain, known)}; must be of {', '.join(short)}, log_<column>"
            )
        if HIDDEN.fullmatch(plain):
            raise InputError(f"{key}: {name} is an accuracy, which only a query may see")
        values = columns[plain]
        if plain != name:
            if np.nanmin(values) <= 0:
                raise InputError(f"{key}: {plain} has values that are not above 0, so it has no logarithm")
            values = np.log(values)
        parts.append(values)
        bare.append(plain)
    size = len(parts[0])
    seconds = np.zeros(size) if set(bare) <= FREE else np.full(size, np.nan)
    return Code(np.stack(parts, axis=1).astype(np.float32), ",".join(names), seconds)


def _from_file(path: str | None, size: int) -> Code:
    """Codes from an .npy whose row i belongs to cell i of the space (after `max_flops`); cost unknown."""
    if path is None:
        raise InputError(f"space.code.path=null: must be an .npy of shape ({size}, L) for space.code.kind=file")
    try:
        values = np.load(Path(path).expanduser(), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"space.code.path={path}: cannot be read as .npy ({error})") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or len(values) != size or not values.shape[1]:
        shape = getattr(values, "shape", "not an array")
        raise InputError(
            f"space.code.path={path}: shape must be ({size}, L) with a row per cell of the space, is {shape}"
        )
    if values.dtype.kind not in "fiu" or np.isinf(values).any():
        raise InputError(f"space.code.path={path}: must hold numbers, NaN for cells without a code, no infinities")
    return Code(values.astype(np.float32), f"file:{Path(path).name}", np.full(size, np.nan))
