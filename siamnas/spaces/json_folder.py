"""A folder with one JSON file per cell, as Tiny-NanoBench is published."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError
from siamnas.spaces.options import Columns, Measured, estimation_code, within_flops
from siamnas.spaces.space import Space

PADDING = "none"
KEYS = ("id", "adj_matrix", "operations", "gt_accuracy", "flops")


@dataclass(frozen=True)
class Cell:
    """One file, checked.

    Attributes:
        arch: the id as text.
        adjacency: (v, v) 0/1 without self loops.
        types: v indices of the node types.
        accuracy: fraction.
        flops: MFLOPs.
        code: Estimation Code, empty where the file has none.
    """

    arch: str
    adjacency: NDArray[np.float32]
    types: list[int]
    accuracy: float
    flops: float
    code: list[float]


def load(
    name: str,
    path: str,
    node_types: Sequence[str],
    max_flops: float | None,
    code: dict[str, Any],
) -> Space:
    """The cells of a folder, sorted by file name with numbers in numerical order.

    A cell is an object with the keys `id`, `adj_matrix` (v lists of v zeros and ones, entry (i, j) is an edge i -> j,
    no self loops, no cycles), `operations` (v names of node types), `gt_accuracy` (fraction), `flops` (MFLOPs) and
    optionally `est_code` (numbers, as many in every cell that has them). Other keys are ignored. Smaller cells are
    padded with `none` nodes to the largest; every node, padding included, gets a self loop.

    Args:
        name: name of the space.
        path: the folder.
        node_types: the F operation names that may occur.
        max_flops: keep only cells of at most this many MFLOPs; None keeps all.
        code: Estimation Code; kind `est_code` is the first `length` entries of the files' own codes.

    Raises:
        InputError: a bad option, or a bad file, which the message names.
    """
    if len(set(node_types)) != len(node_types) or not 1 <= len(node_types) <= 256:
        raise InputError(f"space.node_types={','.join(node_types)}: must be 1 to 256 different names")
    cells = _read_folder(Path(path).expanduser(), list(node_types))
    flops = np.array([cell.flops for cell in cells])
    keep = within_flops(flops, max_flops)
    cells = [cells[i] for i in keep]

    size = max(len(cell.types) for cell in cells)
    if PADDING not in node_types and any(len(cell.types) < size for cell in cells):
        raise InputError(f"space.node_types={','.join(node_types)}: must include {PADDING}, which pads smaller cells")
    types = np.full((len(cells), size), node_types.index(PADDING) if PADDING in node_types else 0, np.uint8)
    adjacency = np.tile(np.eye(size, dtype=np.float32), (len(cells), 1, 1))
    for i, cell in enumerate(cells):
        nodes = len(cell.types)
        types[i, :nodes] = cell.types
        adjacency[i, :nodes, :nodes] += cell.adjacency
    if (adjacency == adjacency[0]).all():
        adjacency = adjacency[0]

    accuracy = np.array([cell.accuracy for cell in cells])
    columns: Columns = {"gt_accuracy": accuracy * 100, "flops": flops[keep]}
    length = max(len(cell.code) for cell in cells)
    own = np.array([cell.code or [np.nan] * length for cell in cells])
    unknown = np.full(len(cells), np.nan)
    codes = estimation_code(code, columns, {"est_code": Measured(own, unknown)})
    return Space(
        name=name,
        node_types=tuple(node_types),
        types=types,
        adjacency=adjacency,
        archs=np.array([cell.arch for cell in cells]),
        columns=columns,
        label=accuracy,
        label_name="gt_accuracy",
        report=accuracy,
        report_name="gt_accuracy",
        code=codes.values,
        code_name=codes.name,
        code_seconds=codes.seconds,
        train_seconds=unknown,
        card={"folder": str(Path(path).expanduser().resolve()), "cells": f"{len(cells)} of {len(flops)}"},
    )


def _read_folder(folder: Path, node_types: list[str]) -> list[Cell]:
    """All cells of a folder in natural order of the file names."""
    if not folder.is_dir():
        raise InputError(f"space.path={folder}: must be a folder with one JSON file per cell")
    files = sorted(folder.glob("*.json"), key=_natural)
    if not files:
        raise InputError(f"space.path={folder}: must hold at least one .json file")
    cells: list[Cell] = []
    first: dict[str, Path] = {}
    coded: tuple[Path, int] | None = None
    for file in files:
        cell = _read_cell(file, node_types)
        if cell.arch in first:
            raise InputError(f"{file}: id {cell.arch} is already that of {first[cell.arch].name}")
        first[cell.arch] = file
        if cell.code:
            coded = coded or (file, len(cell.code))
            if len(cell.code) != coded[1]:
                raise InputError(f"{file}: est_code has {len(cell.code)} numbers, but {coded[0].name} has {coded[1]}")
        cells.append(cell)
    return cells


def _natural(file: Path) -> tuple[list[tuple[int, str]], str]:
    """Sorting key that puts 2.json before 10.json."""
    parts = re.split(r"(\d+)", file.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], file.name


def _read_cell(file: Path, node_types: list[str]) -> Cell:
    """One cell, or an InputError that names the file."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: not valid JSON ({error})") from error
    if not isinstance(raw, dict):
        raise InputError(f"{file}: must hold an object with the keys {', '.join(KEYS)}")
    missing = [key for key in KEYS if key not in raw]
    if missing:
        raise InputError(
            f"{file}: missing key {', '.join(missing)}; needs {', '.join(KEYS)}, and est_code if it has one"
        )

    operations = raw["operations"]
    if not isinstance(operations, list) or not operations:
        raise InputError(f"{file}: operations must be a list of names")
    unknown = [operation for operation in operations if operation not in node_types]
    if unknown:
        raise InputError(f"{file}: unknown operation {unknown[0]!r}; space.node_types has {', '.join(node_types)}")

    accuracy, flops = _number(file, raw, "gt_accuracy"), _number(file, raw, "flops")
    if accuracy > 1:
        raise InputError(f"{file}: gt_accuracy={accuracy:g}: must be a fraction, at most 1 (not percent)")
    if accuracy <= 0:
        raise InputError(f"{file}: gt_accuracy={accuracy:g}: must be above 0; such a cell has not been trained")
    if flops < 0:
        raise InputError(f"{file}: flops={flops:g}: must not be negative (MFLOPs)")
    code = [] if raw.get("est_code") is None else raw["est_code"]
    if not isinstance(code, list) or not all(map(_finite, code)):
        raise InputError(f"{file}: est_code must be a list of finite numbers")
    return Cell(
        arch=str(raw["id"]),
        adjacency=_adjacency(file, raw["adj_matrix"], len(operations)),
        types=[node_types.index(operation) for operation in operations],
        accuracy=accuracy,
        flops=flops,
        code=[float(number) for number in code],
    )


def _finite(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(file: Path, raw: dict[str, Any], key: str) -> float:
    """A finite number of a cell."""
    if not _finite(raw[key]):
        raise InputError(f"{file}: {key}={raw[key]}: must be a finite number")
    return float(raw[key])


def _adjacency(file: Path, rows: Any, nodes: int) -> NDArray[np.float32]:
    """The adjacency matrix of a DAG, (nodes, nodes)."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise InputError(f"{file}: adj_matrix must be a list of lists")
    if any(len(row) != len(rows) for row in rows):
        raise InputError(f"{file}: adj_matrix must be square, has {len(rows)} rows of {sorted(set(map(len, rows)))}")
    if len(rows) != nodes:
        raise InputError(f"{file}: adj_matrix has {len(rows)} nodes, but operations has {nodes}")
    if any(entry not in (0, 1) for row in rows for entry in row):
        raise InputError(f"{file}: adj_matrix must hold only 0 and 1")
    matrix = np.array(rows, dtype=np.float32)
    if matrix.diagonal().any():
        raise InputError(f"{file}: adj_matrix has a self loop; the diagonal must be 0, self loops are added on loading")
    left = np.ones(nodes, dtype=bool)
    while left.any():
        sources = left & ~matrix[left].any(axis=0)
        if not sources.any():
            raise InputError(f"{file}: adj_matrix has a cycle among nodes {np.flatnonzero(left).tolist()}")
        left &= ~sources
    return matrix
