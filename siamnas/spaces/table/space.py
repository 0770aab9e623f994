"""`space=table`: a table of one's own in one file, with one row per architecture, up to half a million."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import user_tables
from siamnas.benchmarks.codes import CodeOptions, estimation_code
from siamnas.benchmarks.constraints import Constraints, within
from siamnas.benchmarks.measurements import Fidelity, Measured
from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.config.validate import Word, near
from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import FREE, HIDDEN, abbreviated
from siamnas.graphs.roles import table as role_table
from siamnas.runtime import regular
from siamnas.runtime.cells import number
from siamnas.runtime.names import look
from siamnas.spaces import doubts
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space
from siamnas.spaces.table import files, graphs
from siamnas.spaces.table.kept import Arrays, Kept


@dataclass(frozen=True, kw_only=True)
class LargeSpace(Space):
    """A list of architectures of which what takes long to compute is kept on the disk."""

    keep: Kept = field(repr=False, compare=False)

    def kept(self, name: str, make: Any) -> Arrays:
        """See `GraphBatch`."""
        return self.keep(name, make)


def load(
    name: Word,
    path: Word,
    operations: Word,
    edges: Word | None,
    adjacency: Word | None,
    archs: Word | None,
    metric: Word,
    runs: list[Word],
    report: Word | None,
    maximise: bool,
    seconds: Word | None,
    fidelities: dict[str, list[str]],
    columns: list[Word],
    node_types: list[Word] | None,
    roles: dict[str, list[str]] | None,
    constraints: Constraints,
    unique: bool,
    code: CodeOptions,
    measured: list[Word],
) -> Benchmark:
    """The architectures of a csv, jsonl, parquet or npz file, in their order.

    What was read, and the features of large spaces, are kept in the user's cache folder (`XDG_CACHE_HOME/siamnas`).

    Args:
        name: name of the space.
        path: the file.
        operations: column with the operations on the nodes: `in conv pool out`, or a list; in an npz (M, V).
        edges: column with the edges: `0-1 0-2 1-3`, or a list of pairs; None if `adjacency` has them.
        adjacency: column with the matrix without self loops: `0110...` row by row, or lists; in an npz (M, V, V).
        archs: column with the names, all different; None to number them.
        metric: column of what is measured by training; the name of the mean of `runs` if there are some.
        runs: columns of single trainings, whose mean is the metric.
        report: column that results report; None for the metric.
        maximise: whether larger is better.
        seconds: column with the cost of a training; None if unknown.
        fidelities: name -> the column of a cheaper measurement, and that of its cost in seconds.
        columns: known for free.
        node_types: the F operation names that may occur; None for those that do.
        roles: what these operations do, see `siamnas.graphs.roles.table`.
        constraints: keep only those that fulfil them, see `siamnas.benchmarks.constraints`.
        unique: see `Space`.
        code: Estimation Code of kind columns, measured, file or none.
        measured: tables of `siamnas measure`.

    Raises:
        InputError: a bad option, or a bad row, which the message names.
    """
    shape = Shape(operations, edges, adjacency, archs, node_types)
    told = {metric, report, seconds, *runs, *(column for pair in fidelities.values() for column in pair)}
    space, values = read(path, shape, columns, constraints, roles, unique, told, name)
    size = len(space)
    tables = user_tables.read(measured, space.archs, space.columns)
    own = user_tables.columns(tables)
    codes = estimation_code(code, {**space.columns, **own}, {}, tables, size)
    label = values.label(metric, runs)
    reported = label if report is None else values.of("report", report)
    doubts.of_values(report or metric, maximise, reported)
    answers = Measured(
        metric=_metric(report or metric, maximise, reported),
        label=label,
        label_name=metric,
        report=reported,
        code=codes.values,
        code_name=codes.name,
        code_seconds=codes.seconds,
        train_seconds=np.full(size, np.nan) if seconds is None else values.seconds("seconds", seconds),
        columns=own,
        column_seconds=user_tables.seconds(tables),
        early={one: values.fidelity(one, given) for one, given in fidelities.items()},
    )
    return Benchmark(space, answers)


@dataclass(frozen=True)
class Shape:
    """Where a table says what its architectures are, see `load`."""

    operations: str = "operations"
    edges: str | None = "edges"
    adjacency: str | None = None
    archs: str | None = None
    types: Sequence[str] | None = None


def read(
    path: str | Path,
    shape: Shape,
    columns: Sequence[str] = (),
    constraints: Sequence[str] = (),
    roles: Mapping[str, Sequence[str]] | None = None,
    unique: bool = False,
    told: Collection[str | None] = (),
    name: str | None = None,
) -> "tuple[LargeSpace, _Values]":
    """The architectures of a file, and what it says of them.

    Args:
        path: the file.
        shape: names of columns.
        columns: see `load`.
        constraints: see `load`.
        roles: see `load`.
        unique: see `load`.
        told: columns that are known only after a training.
        name: of the space; that of the file if None.

    Raises:
        InputError: a bad option, or a bad row, which the message names.
    """
    file = regular.place("space.path", path)
    if (shape.edges is None) == (shape.adjacency is None):
        raise InputError(f"space.edges={shape.edges}, space.adjacency={shape.adjacency}: must be one column, and null")
    given = {"constraints": list(constraints), "roles": roles, "columns": list(columns)}
    try:
        keep = Kept(file, {**asdict(shape), **given})
    except OSError as error:
        raise InputError(f"space.path={path}: {error.strerror or error}") from error
    table = _Columns(keep("table", lambda: _arrays(file, shape)))
    measured = {name: table.number(name, name) for name in table.names if name in told}
    doubts.of_graphs(file, table.twice, f"rows {' and '.join(map(str, table.twice))}, from 0,", measured)
    doubts.of_direction(file, table.matrices)
    free = {column: table.free(column, told, f"space.columns={column}") for column in columns}
    rows = within(free, constraints, len(table.types))
    kept = {key: values[rows] for key, values in free.items()}
    return table.space(name or file.stem, kept, rows, roles, unique, keep, file), _Values(table, rows)


def _metric(name: str, maximise: bool, values: FloatArray) -> Metric:
    """Networks learn a fraction as it is; of anything else they learn the ranks."""
    fraction = maximise and "acc" in name.lower() and bool(((values >= 0) & (values <= 1)).all())
    return Metric(name, maximise, PERCENT if fraction else "")


class _Values:
    """What was measured of some rows of a table."""

    def __init__(self, table: "_Columns", rows: IntArray) -> None:
        self._table, self._rows = table, rows

    def known(self, option: str, column: str) -> FloatArray:
        """A column of numbers, NaN where there is none; `option` has named it."""
        return self._table.number(column, f"space.{option}={column}")[self._rows]

    def seconds(self, option: str, column: str) -> FloatArray:
        """A column of costs, NaN where none is known."""
        found = self.known(option, column)
        if (odd := np.flatnonzero((found < 0) | np.isinf(found))).size:
            row = self._rows[odd[0]]
            raise InputError(f"space.{option}={column}: must be seconds, 0 or more, is {found[odd[0]]:g} in row {row}")
        return found

    def of(self, option: str, column: str) -> FloatArray:
        """A column of finite numbers."""
        return self._table.known(column, f"space.{option}={column}")[self._rows]

    def label(self, metric: str, runs: list[str]) -> FloatArray:
        """The metric, or the mean of its runs."""
        if len(set(runs)) < len(runs):
            raise InputError(f"space.runs={runs}: {max(runs, key=runs.count)} is there twice")
        return np.mean([self.of("runs", run) for run in runs], axis=0) if runs else self.of("metric", metric)

    def fidelity(self, name: str, given: list[str]) -> Fidelity:
        """A low fidelity, by its column and that of its cost."""
        if len(given) != 2:
            raise InputError(f"space.fidelities.{name}={given}: must be two columns: of values, and of seconds")
        values, cost = given
        return Fidelity(self.known(f"fidelities.{name}", values), self.seconds(f"fidelities.{name}", cost))


class _Columns:
    """What `_read` has found."""

    def __init__(self, arrays: Arrays) -> None:
        self.types: NDArray[np.uint8] = arrays["types"]
        self.twice: list[int] = arrays["twice"].tolist()
        self._arrays = arrays
        nodes = self.types.shape[1]
        flat = np.unpackbits(arrays["adjacency"], axis=-1, count=nodes * nodes)
        self.matrices = flat.reshape(-1, nodes, nodes)  # one where all graphs share it, else (M, V, V)
        self._numbers = {name[len(PREFIX) :]: name for name in arrays if name.startswith(PREFIX)}

    @property
    def names(self) -> Collection[str]:
        """Of the columns of numbers."""
        return self._numbers

    def number(self, name: str, key: str) -> FloatArray:
        """(M,) a column of numbers, NaN where there is none."""
        if name not in self._numbers:
            known = shown(", ".join(abbreviated(self._numbers)) or "none", 1000)
            said = f"; {self._arrays[ODD + name]}" if ODD + name in self._arrays else near(name, list(self._numbers))
            raise InputError(f"{key}: no column of numbers {name}{said}; the file has {known}")
        found: FloatArray = self._arrays[self._numbers[name]].astype(np.float64)
        return found

    def known(self, name: str, key: str) -> FloatArray:
        """(M,) a column of finite numbers."""
        values = self.number(name, key)
        if (lost := np.flatnonzero(~np.isfinite(values))).size:
            raise InputError(f"{key}: must be a finite number in every row, is {values[lost[0]]} in row {lost[0]}")
        return values

    def free(self, name: str, told: Collection[str | None], key: str) -> FloatArray:
        """(M,) a column that is known without a training, unlike those of `told`."""
        if name in told or HIDDEN.fullmatch(name):
            raise InputError(f"{key}: is known only after a training, so only a query may see it")
        values = self.number(name, key)
        if (odd := np.flatnonzero(np.isinf(values))).size:
            raise InputError(f"{key}: must be finite, or empty, in every row, is {values[odd[0]]} in row {odd[0]}")
        if np.isnan(values).all():
            raise InputError(f"{key}: is empty in every row, so nothing is known of it")
        if name in FREE and (below := np.flatnonzero(values < 0)).size:
            raise InputError(f"{key}: must not be negative, is {values[below[0]]:g} in row {below[0]}")
        return values

    def space(
        self,
        name: str,
        free: Mapping[str, FloatArray],
        rows: IntArray,
        roles: Mapping[str, Sequence[str]] | None,
        unique: bool,
        keep: Kept,
        file: Path,
    ) -> LargeSpace:
        """The architectures of some rows."""
        types = tuple(self._arrays["node_types"].tolist())
        matrices = self.matrices.astype(np.float32)
        return LargeSpace(
            name=name,
            node_types=types,
            types=self.types[rows],
            adjacency=matrices[0] if len(matrices) == 1 else matrices[rows],
            archs=self._arrays["archs"][rows],
            columns=free,
            card={"file": str(file.resolve()), "architectures": f"{len(rows)} of {len(self.types)}"},
            table=role_table(types, roles, key="space.roles"),
            unique=unique,
            keep=keep,
        )


PREFIX, ODD = "column.", "odd."  # of columns of numbers, and of why others are none


def _arrays(file: Path, shape: Shape) -> Arrays:
    """The arrays of a table: graphs, names, and all columns of numbers."""
    named = {key: getattr(shape, key) for key in ("operations", "edges", "adjacency", "archs")}
    texts = {key: column for key, column in named.items() if column is not None}
    table = files.read(file, set(texts.values()))
    for key in texts:
        if (column := texts[key]) not in table:
            have = shown(", ".join(abbreviated(table)), 1000)
            raise InputError(f"space.{key}={column}: no such column{near(column, list(table))}; the file has {have}")
    key = f"space.operations={shape.operations}"
    types, numbers = graphs.operations(table[shape.operations], shape.types, key)
    sizes = (numbers >= 0).sum(axis=1)
    types, padded = graphs.padded(types, numbers, key)
    where = "adjacency" if shape.edges is None else "edges"
    column, listed = texts[where], where == "edges"
    edges = graphs.adjacency(table[column], sizes, padded.shape[1], f"space.{where}={column}", listed)
    flat = edges.reshape(-1, padded.shape[1] ** 2) != 0
    packed = np.packbits(flat, axis=-1)
    found = {"types": padded, "node_types": np.array(types), "adjacency": packed, "twice": doubts.twice(padded, packed)}
    return {**found, "archs": _names(table, shape.archs, len(padded)), **_numbers(table)}


def _names(table: files.Table, column: str | None, size: int) -> NDArray[np.str_]:
    """(M,) the names of the architectures."""
    if column is None:
        return np.char.add("arch_", np.arange(size).astype(str))
    names = table[column].astype(str)
    looks = [look(name) for name in names.tolist()] if names.ndim == 1 else []
    if odd := [i for i, name in enumerate(looks) if not name or not name.isprintable()]:
        raise InputError(f"space.archs={column}: {str(names[odd[0]])!r}, in row {odd[0]}: must be a name")
    if len(set(looks)) < size:
        raise InputError(f"space.archs={column}: two architectures have one name")
    return names


def _numbers(table: files.Table) -> Arrays:
    """Name -> (M,) for all columns of numbers, and of the others what is none."""
    alone = {name: column for name, column in table.items() if column.ndim == 1}
    numbers = {f"{PREFIX}{name}": column for name, column in alone.items() if column.dtype.kind in "fiub"}
    return numbers | {
        f"{ODD}{name}": np.array(_why_none(column)) for name, column in alone.items() if column.dtype.kind in "OU"
    }


def _why_none(column: NDArray[Any]) -> str:
    """Which value of a column is no number."""
    for row, value in enumerate(column.tolist()):
        try:
            number(value)
        except (TypeError, ValueError, OverflowError):
            return f"row {row} has {shown(value)!r}"
    return "it holds texts"
