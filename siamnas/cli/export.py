"""Measured architectures as a folder of JSON files, in the layout of Tiny-NanoBench, for `space=json`.

Run as: siamnas measure export FOLDER... --out DIR
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks import user_tables
from siamnas.candidates import drawn
from siamnas.config.arguments import Arguments
from siamnas.config.translate import IDENTITY
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.jobs.summary import plural
from siamnas.measure.evaluator import digest_of
from siamnas.measure.results_log import FOLDER, ResultsLog
from siamnas.measure.run import ABOUT, described
from siamnas.runtime import regular, terminal
from siamnas.spaces import json_writer
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

FLOPS = "flops"
NAMES = {"accuracy": "gt_accuracy"}  # column -> what it is called in a file


def main(arguments: list[str]) -> None:
    """Entry point of `siamnas measure export`."""
    parser = Arguments("siamnas measure export", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="+", type=Path, help="what siamnas measure has written, all of one space")
    parser.add_argument("--out", required=True, type=Path, help="the folder of the files; new or empty")
    options = parser.parse_args(arguments)
    try:
        with terminal.doing("writing files"):
            count = export(options.folder, options.out)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    terminal.out.print(f"{plural(count, 'architecture')}: {options.out}", markup=False, highlight=False)


def export(folders: Sequence[Path], out: Path) -> int:
    """Write a file for every architecture that has been measured in all of the folders.

    A file holds `id`, `adj_matrix`, `operations`; `flops`, as they were counted or else as the space has them;
    `est_code`, the losses; `gt_accuracy`, the accuracy; and every other measured column under its own name.

    Returns:
        The number of files.

    Raises:
        InputError: a folder can't be read, they are of different spaces, no architecture is in all of them, or the
            files can't be written.
    """
    space = _space_of(folders)
    tables = user_tables.read([str(folder) for folder in folders], space.archs, ())
    columns = user_tables.columns(tables)
    there = np.flatnonzero(~np.any([np.isnan(values) for values in columns.values()], axis=0))
    if not there.size:
        raise InputError(f"{', '.join(map(str, folders))}: no architecture has been measured in all of them")
    flops = columns.pop(FLOPS, space.columns.get(FLOPS))
    values = {NAMES.get(name, name): column[there] for name, column in columns.items()}
    if codes := user_tables.losses(tables):
        values["est_code"] = codes["measured"].values[there]
    edges = space.adjacency if space.adjacency.ndim == 2 else space.adjacency[there]
    counted = {} if flops is None else {FLOPS: flops[there]}
    part = replace(space, types=space.types[there], adjacency=edges, archs=space.archs[there], columns=counted)
    json_writer.write_folder(part, out, values)
    return len(there)


def _space_of(folders: Sequence[Path]) -> Space:
    """The space that all folders are of."""
    known: dict[str, Any] = {}
    for folder in folders:
        path = folder / ABOUT
        try:
            about = described(json.loads(regular.text(path)))
            digest, fields, here = about[IDENTITY]["space"], about["config"]["space"], about["folder"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
        if known.setdefault("space", digest) != digest:
            raise InputError(f"{folder} is of another space than {folders[0]}")
        known |= {"fields": fields, "here": here}
    fields = dict(known["fields"])
    if isinstance(fields.get("path"), str):  # as it was said in the folder where it was measured
        fields["path"] = os.path.join(known["here"], Path(fields["path"]).expanduser())  # noqa: PTH118
    space = build.any_space({"space": fields})
    if digest_of(space) != known["space"]:
        raise InputError(f"{folders[0]}: its space, {fields.get('path') or space.name}, holds other architectures now")
    return _measured(space, folders) if isinstance(space, Domain) else space


def _measured(domain: Domain, folders: Sequence[Path]) -> Space:
    """What was measured of a space without a list, as a list."""
    texts: dict[str, None] = {}
    for folder in folders:
        results = ResultsLog(folder / FOLDER)
        results.refresh()
        texts |= dict.fromkeys(sorted(results.entries))
    if not texts:
        raise InputError(f"{', '.join(map(str, folders))}: no architecture has been measured")
    return drawn.listed(domain, domain.stack([domain.parse(text) for text in texts]), {})
