"""Write a space as a folder with one JSON file per architecture, which `siamnas.spaces.json_folder` reads back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.from_graphs import PADDING
from siamnas.spaces.listed import Space

GIVEN = ("id", "adj_matrix", "operations", "flops")  # keys of a file that the space itself has


def write_folder(space: Space, folder: str | Path, values: Mapping[str, FloatArray] | None = None) -> None:
    """Write `0.json`, `1.json`, ... with the keys `id`, `adj_matrix`, `operations` and, where known, `flops`.

    Nodes that pad an architecture are left out, so of a space whose architectures are all padded the common padding.

    Args:
        space: its other columns are not written.
        folder: made where it does not exist; without JSON files in it.
        values: further keys, such as `gt_accuracy` (M,) or `est_code` (M, L); a file lacks those that are NaN.

    Raises:
        InputError: the folder holds JSON files, or can't be written; a key is taken, or has not one entry per
            architecture.
    """
    given: dict[str, FloatArray] = {
        key: np.asarray(entries, dtype=np.float64) for key, entries in (values or {}).items()
    }
    for key, entries in given.items():
        if key in GIVEN:
            raise InputError(f"values[{key!r}]: must be another key than {', '.join(GIVEN)}")
        if entries.shape[:1] != (len(space),):
            raise InputError(f"values[{key!r}]: must have {len(space)} entries, has shape {entries.shape}")
    if "flops" in space.columns:
        given["flops"] = space.columns["flops"]
    folder = Path(folder).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob("*.json")):
            raise InputError(f"{folder}: must hold no .json files yet")
        for arch in range(len(space)):
            known = {key: entries[arch].tolist() for key, entries in given.items() if np.isfinite(entries[arch]).all()}
            (folder / f"{arch}.json").write_text(json.dumps(_graph(space, arch) | known), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error


def _graph(space: Space, arch: int) -> dict[str, Any]:
    """Name and graph of an architecture, without padding."""
    operations, edges = space.operations(arch), space.edges(arch)
    size = max([1, *(end + 1 for edge in edges for end in edge)])
    size = max([size, *(node + 1 for node, operation in enumerate(operations) if operation != PADDING)])
    matrix = np.zeros((size, size), dtype=int)
    for edge in edges:
        matrix[edge] = 1
    return {"id": str(space.archs[arch]), "adj_matrix": matrix.tolist(), "operations": operations[:size]}
