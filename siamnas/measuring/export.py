"""Measured architectures as a folder of JSON files, in the layout of Tiny-NanoBench, for `space=json`.

Run as: siamnas measure export FOLDER... --out DIR
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from siamnas import build, terminal
from siamnas.errors import InputError
from siamnas.jobs.files import prepare, whole
from siamnas.jobs.summary import plural
from siamnas.measuring.run import ABOUT
from siamnas.spaces import own_tables
from siamnas.spaces.graphs import PADDING
from siamnas.spaces.space import Space

ACCURACY = "accuracy"  # the column that becomes the label


def main(arguments: list[str]) -> None:
    """Entry point of `siamnas measure export`."""
    parser = argparse.ArgumentParser("siamnas measure export", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="+", type=Path, help="what siamnas measure has written, all of one space")
    parser.add_argument("--out", required=True, type=Path, help="the folder of the files; new or empty")
    options = parser.parse_args(arguments)
    try:
        count = export(options.folder, options.out)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    terminal.out.print(f"{plural(count, 'architecture')}: {options.out}", markup=False, highlight=False)


def export(folders: Sequence[Path], out: Path) -> int:
    """Write a file for every architecture that has been measured in all of the folders.

    A file holds `id`, `adj_matrix`, `operations`; `flops` where they are known; `est_code`, the losses; `gt_accuracy`,
    the accuracy; and every other measured column under its own name.

    Returns:
        The number of files.

    Raises:
        InputError: a folder can't be read, they are of different spaces, no architecture is in all of them, or the
            files can't be written.
    """
    space = _space_of(folders)
    tables = own_tables.read([str(folder) for folder in folders], space.archs, ())
    columns = own_tables.columns(tables)
    whole_ones = ~np.any([np.isnan(values) for values in columns.values()], axis=0)
    if not whole_ones.any():
        raise InputError(f"{', '.join(map(str, folders))}: no architecture has been measured in all of them")
    if out.is_dir() and any(out.iterdir()):
        raise InputError(f"--out {out}: must be new or empty")
    prepare(out)
    codes = own_tables.losses(tables).get("measured")
    for arch in np.flatnonzero(whole_ones).tolist():
        content = graph(space, arch)
        if "flops" in space.columns:
            content["flops"] = float(space.columns["flops"][arch])
        content |= {name: float(values[arch]) for name, values in columns.items()}
        if codes is not None:
            content["est_code"] = codes.values[arch].tolist()
        if ACCURACY in content:
            content["gt_accuracy"] = content.pop(ACCURACY)
        with whole(out / f"{arch}.json") as file:
            json.dump(content, file)
    return int(whole_ones.sum())


def graph(space: Space, arch: int) -> dict[str, Any]:
    """Name and graph of an architecture, without the nodes that pad it."""
    operations, edges = space.operations(arch), space.edges(arch)
    linked = {node for edge in edges for node in edge}
    while operations[-1] == PADDING and len(operations) - 1 not in linked and len(operations) > 1:
        operations.pop()
    matrix = np.zeros((len(operations), len(operations)), dtype=int)
    for edge in edges:
        matrix[edge] = 1
    return {"id": str(space.archs[arch]), "adj_matrix": matrix.tolist(), "operations": operations}


def _space_of(folders: Sequence[Path]) -> Space:
    """The space that all folders are of."""
    known: dict[str, Any] = {}
    for folder in folders:
        path = folder / ABOUT
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            digest, fields, here = about["science"]["space"], about["config"]["space"], about["folder"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
        if known.setdefault("space", digest) != digest:
            raise InputError(f"{folder} is of another space than {folders[0]}")
        known |= {"fields": fields, "here": here}
    fields = known["fields"]
    if isinstance(fields.get("path"), str):  # as it was said in the folder where it was measured
        fields["path"] = os.path.join(known["here"], Path(fields["path"]).expanduser())  # noqa: PTH118
    return build.space({"space": fields})
