"""A folder with one JSON file per architecture, as Tiny-NanoBench is published."""

import dataclasses
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from siamnas.benchmarks import user_tables
from siamnas.benchmarks.codes import LARGEST_NUMBER, CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.benchmarks.user_tables import Losses
from siamnas.config.validate import Word
from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import HIDDEN, Columns, sort
from siamnas.graphs.roles import table as role_table
from siamnas.spaces import doubts, from_graphs
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.json_file import File, finite, read_file
from siamnas.spaces.listed import Space

ACCURACY = "gt_accuracy"
JSON = re.compile(r"\.jsonl?(\.|$)", re.IGNORECASE)
log = logging.getLogger(__name__)


def load(
    name: Word,
    path: Word,
    metric: Word,
    maximise: bool,
    node_types: list[Word] | None,
    roles: dict[str, list[str]] | None,
    columns: list[Word],
    constraints: Constraints,
    unique: bool,
    code: CodeOptions,
    measured: list[Word],
) -> Benchmark:
    """The architectures of a folder with what was measured of them, sorted by file name, numbers in numerical order.

    A file holds an object with the keys `id`, `adj_matrix` (v lists of v zeros and ones, entry (i, j) is an edge
    i -> j, no self loops, no cycles), `operations` (v names of node types), the metric, and optionally `flops` (MFLOPs)
    and `est_code` (numbers, as many in every file that has them). Other keys are ignored. Smaller architectures are
    padded with `none` nodes to the largest; every node, padding included, gets a self loop.

    Args:
        name: name of the space.
        path: the folder.
        metric: key of what is measured by training: `gt_accuracy` or another one, a finite number in every file.
        maximise: whether larger is better.
        node_types: the F operation names that may occur; None for those that do.
        roles: what these operations do, see `siamnas.graphs.roles.table`.
        columns: further keys that are known of every architecture for free, a finite number in every file.
        constraints: keep only those that fulfil them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        code: Estimation Code; kind `est_code` is the first `length` entries of the files' own codes.
        measured: tables of `siamnas measure`.

    Raises:
        InputError: a bad option, or a bad file, which the message names.
    """
    files = read(Path(path).expanduser())
    values = np.array([_number(file, metric) for file in files])
    _check_operations(files, node_types)
    for column in columns:
        if column == metric or HIDDEN.fullmatch(column):
            raise InputError(f"space.columns={column}: is known only after a training, so only a query may see it")
    keep = kept(files, constraints, columns)
    total, files, values = len(files), [files[i] for i in keep], values[keep]
    space = free(files, name, node_types, total, roles, columns)
    doubts.of_values(metric, maximise, values, lambda arch: files[arch].path.name)
    _doubt_graphs(files, space, metric, values)

    # Networks learn a fraction as it is; of anything else they learn the ranks, see `siamnas.acquisition.labels`.
    fraction = maximise and "acc" in metric.lower() and bool(((values >= 0) & (values <= 1)).all())
    tables = user_tables.read(measured, space.archs, space.columns)
    known = {**space.columns, **user_tables.columns(tables)}
    counted, priced = sort(known, user_tables.columns(tables))
    unknown = np.full(len(files), np.nan)
    codes = estimation_code(code, known, {"est_code": Losses(own_codes(files), unknown)}, tables, len(files))
    answers = Measured(
        metric=Metric(metric, maximise, PERCENT if fraction else ""),
        label=values,
        label_name=metric,
        report=values,
        code=codes.values,
        code_name=codes.name,
        code_seconds=codes.seconds,
        train_seconds=unknown,
        columns=priced,
        column_seconds=user_tables.seconds(tables),
    )
    return Benchmark(dataclasses.replace(space, columns=counted, unique=unique), answers)


def read(folder: Path) -> list[File]:
    """All files of a folder in natural order of their names.

    Raises:
        InputError: names the folder, or the file that can't be used.
    """
    if not folder.is_dir():
        raise InputError(f"space.path={folder}: must be a folder with one JSON file per architecture")
    paths = sorted(folder.glob("*.json"), key=_natural)
    if not paths:
        raise InputError(f"space.path={folder}: must hold at least one .json file")
    if other := _left_out(folder):
        log.warning("%s: %d files are left out, such as %s: it is NAME.json that counts", folder, len(other), other[0])
    files: list[File] = []
    first: dict[str, Path] = {}
    for path in paths:
        file = read_file(path)
        if file.arch in first:
            raise InputError(f"{path}: id {file.arch} is already that of {first[file.arch].name}")
        first[file.arch] = path
        files.append(file)
    return files


def _left_out(folder: Path) -> list[str]:
    """Files that are not read, and look like those of architectures."""
    paths = [*folder.glob("*.*"), *folder.glob("[!.]*/*.json")]
    named = {str(path.relative_to(folder)) for path in paths if JSON.search(path.name)}
    return sorted(named - {path.name for path in folder.glob("*.json")})


def _doubt_graphs(files: list[File], space: Space, metric: str, values: FloatArray) -> None:
    """Say what may be a mistake in the graphs."""
    edges = (space.adjacency != 0).reshape(-1, space.adjacency.shape[-1], space.adjacency.shape[-1])
    rows = doubts.twice(space.types.astype(np.uint8), edges.reshape(len(edges), -1).astype(np.uint8)).tolist()
    said = " and ".join(files[arch].path.name for arch in rows)
    doubts.of_graphs(files[0].path.parent, rows, said, {metric: values})
    doubts.of_direction(files[0].path.parent, edges)


def kept(files: list[File], constraints: Sequence[str], keys: Sequence[str] = ()) -> IntArray:
    """Indices of the files that fulfil all constraints on FLOPs and `keys`, see `siamnas.benchmarks.constraints`."""
    return within(_columns(files, keys), constraints, len(files))


def free(
    files: list[File],
    name: str,
    node_types: Sequence[str] | None = None,
    total: int | None = None,
    roles: Mapping[str, Sequence[str]] | None = None,
    keys: Sequence[str] = (),
) -> Space:
    """The space of these files: graphs, FLOPs where all have them, what stands under `keys`; see `load`."""
    folder = files[0].path.parent
    lacking = [file.path.name for file in files if "flops" not in file.content]
    if 0 < len(lacking) < len(files):
        log.warning("%s: flops are not used, since %d files have none, such as %s", folder, len(lacking), lacking[0])
    found = from_graphs.build(
        [file.arch for file in files],
        [file.operations for file in files],
        [file.adjacency for file in files],
        node_types,
        _columns(files, keys),
        name,
        {"folder": str(folder.resolve()), "architectures": f"{len(files)} of {total or len(files)}"},
    )
    return dataclasses.replace(found, table=role_table(found.node_types, roles, key="space.roles"))


def _columns(files: list[File], keys: Sequence[str]) -> Columns:
    """What is free, (M,) each: `flops` (M) where every file has them, and what stands under `keys`."""
    own = ["flops"] * ("flops" not in keys and all("flops" in file.content for file in files))
    named = {key: np.array([_number(file, key) for file in files]) for key in [*own, *keys]}
    if "flops" in named and (flops := named["flops"]).min() < 0:
        least = int(flops.argmin())
        raise InputError(f"{files[least].path}: flops={flops[least]:g}: must not be negative (MFLOPs)")
    return named


def _check_operations(files: list[File], node_types: Sequence[str] | None) -> None:
    """Only operations of `node_types` may occur, where there are any; the file of another one is named."""
    if node_types is None:
        return
    for file in files:
        if unknown := [operation for operation in file.operations if operation not in node_types]:
            raise InputError(
                f"{file.path}: unknown operation {unknown[0]!r}; space.node_types has {', '.join(node_types)}"
            )


def own_codes(files: list[File]) -> FloatArray:
    """(M, L) the codes `est_code` of the files, NaN rows for those without one; L = 0 where none has one.

    Raises:
        InputError: names the file whose code is no list of numbers, or has not as many as the others.
    """
    given: dict[int, list[float]] = {}
    for i, file in enumerate(files):
        code = file.content.get("est_code")
        if code is None or code == []:
            continue
        if not isinstance(code, list) or not all(finite(x) and abs(x) <= LARGEST_NUMBER for x in code):
            raise InputError(f"{file.path}: est_code must be a list of finite numbers of 32 bits")
        given[i] = code
        first = next(iter(given))
        if len(code) != len(given[first]):
            raise InputError(
                f"{file.path}: est_code has {len(code)} numbers, but {files[first].path.name} has {len(given[first])}"
            )
    found = np.full((len(files), len(next(iter(given.values()), []))), np.nan)
    for i, code in given.items():
        found[i] = code
    return found


def _natural(file: Path) -> tuple[list[tuple[int, str]], str]:
    """Sorting key that puts 2.json before 10.json."""
    parts = re.split(r"(\d+)", file.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], file.name


def _number(file: File, key: str) -> float:
    """A finite number of a file."""
    if key not in file.content:
        raise InputError(f"{file.path}: missing key {key}, which a search of a table needs in every file")
    value = file.content[key]
    if not finite(value):
        raise InputError(f"{file.path}: {key}={shown(str(value))}: must be a finite number")
    if key == ACCURACY and not value:
        raise InputError(f"{file.path}: {key}={value}: such an architecture has not been trained")
    return float(value)
