"""One architecture as a JSON file, which may come from anybody: nothing in it is taken on trust."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, shown
from siamnas.runtime import strict_json
from siamnas.spaces import from_graphs

KEYS = ("id", "adj_matrix", "operations")
LARGEST_FILE = 1 << 26  # bytes
MOST_NODES = 1000
LONGEST = 1000  # characters of a name


@dataclass(frozen=True)
class File:
    """One file, checked.

    Attributes:
        path: the file.
        arch: the id as text.
        operations: v names.
        adjacency: (v, v) 0/1 without self loops.
        content: everything in it.
    """

    path: Path
    arch: str
    operations: list[str]
    adjacency: NDArray[np.float32]
    content: dict[str, Any]


def read_file(path: Path) -> File:
    """Read one architecture, all but its metric.

    Raises:
        InputError: names the file, and what is wrong with it.
    """
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"must be a file of at most {LARGEST_FILE >> 20} MiB")
        content = strict_json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold an object with the keys {', '.join(KEYS)}")
    missing = [key for key in KEYS if key not in content]
    if missing:
        raise InputError(f"{path}: missing key {', '.join(missing)}; needs {', '.join(KEYS)}")
    arch, operations = content["id"], content["operations"]
    if type(arch) is not int and not _is_name(arch):
        raise InputError(
            f"{path}: id={shown(str(arch))}: must be a number or a name of at most {LONGEST} printable characters"
        )
    if not isinstance(operations, list) or not operations or not all(map(_is_name, operations)):
        raise InputError(f"{path}: operations must be a list of names")
    if len(operations) > MOST_NODES:
        raise InputError(f"{path}: operations has {len(operations)} nodes, must be at most {MOST_NODES}")
    return File(path, str(arch), operations, _adjacency(path, content["adj_matrix"], len(operations)), content)


def finite(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= LONGEST


def _adjacency(path: Path, rows: Any, nodes: int) -> NDArray[np.float32]:
    """The adjacency matrix of a DAG, (nodes, nodes)."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise InputError(f"{path}: adj_matrix must be a list of lists")
    if any(len(row) != len(rows) for row in rows):
        raise InputError(f"{path}: adj_matrix must be square, has {len(rows)} rows of {sorted(set(map(len, rows)))}")
    if len(rows) != nodes:
        raise InputError(f"{path}: adj_matrix has {len(rows)} nodes, but operations has {nodes}")
    if any(entry not in (0, 1) for row in rows for entry in row):
        raise InputError(f"{path}: adj_matrix must hold only 0 and 1")
    matrix = np.array(rows, dtype=np.float32)
    from_graphs.check_acyclic(matrix, f"{path}: adj_matrix")
    if not matrix.any():
        raise InputError(f"{path}: adj_matrix has no edge")
    return matrix
