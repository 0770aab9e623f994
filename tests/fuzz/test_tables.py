"""Any table: of `space=table` in every format, of `siamnas measure`, and the lines beside it."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from siamnas.benchmarks import user_tables
from siamnas.errors import InputError
from siamnas.measure.results_log import Entry, ResultsLog
from tests.fuzz.support import ODD, VALUES, cases, changed, flipped, fuzz, is_clear
from tests.spaces.shipped import make

ROWS: list[dict[str, Any]] = [
    {"operations": "in conv out", "edges": "0-1 1-2", "accuracy": 0.5, "flops": 2.0, "seconds": 10.0},
    {"operations": "in pool conv out", "edges": "0-1 1-2 2-3 0-3", "accuracy": 0.75, "flops": 3.0, "seconds": 10.0},
    {"operations": "in skip out", "edges": "0-1 1-2", "accuracy": 0.25, "flops": 1.0, "seconds": 5.0},
]
ARRAYS = {
    "operations": np.array([["in", "conv", "out"], ["in", "pool", "out"]]),
    "edges": np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]]),
    "accuracy": np.array([0.5, 0.25]),
    "flops": np.array([1.0, 2.0]),
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"columns": ["flops"], "constraints": ["flops<=2"]},
    {"seconds": "seconds", "unique": True},
]


def as_csv(rows: Any) -> bytes:
    """Whatever rows are, as cells."""
    file = io.StringIO()
    rows = [
        row if isinstance(row, dict) else {"operations": row} for row in (rows if isinstance(rows, list) else [rows])
    ]
    writer = csv.DictWriter(file, list(dict.fromkeys(str(key) for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({str(key): value for key, value in row.items()} for row in rows)
    return file.getvalue().encode("utf-8", "surrogatepass")


def as_lines(rows: Any) -> bytes:
    """One value of JSON per line."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in (rows if isinstance(rows, list) else [rows]))


def as_npz(arrays: dict[str, Any]) -> bytes:
    """Arrays, also of objects."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """An npz file of which an array is another, or is there twice, or bytes are."""
    arrays: dict[str, Any] = dict(ARRAYS)
    name = draw(st.sampled_from(sorted(arrays)))
    match draw(st.sampled_from(["gone", "shape", "type", "value", "twice", "object"])):
        case "gone":
            del arrays[name]
        case "shape":
            arrays[name] = draw(
                st.sampled_from([arrays[name][:1], arrays[name][None], arrays[name][..., None], np.zeros(0)])
            )
        case "type":
            kind = draw(st.sampled_from(["U3", "S2", "c16", "f2", "M8[s]", "?", "u1"]))
            arrays[name] = np.zeros(arrays[name].shape, kind)
        case "value" if arrays[name].dtype.kind != "U":
            arrays[name] = np.full(arrays[name].shape, draw(st.sampled_from([np.nan, np.inf, -1, 1e300, 99])))
        case "object":
            arrays[name] = np.empty(1, dtype=object)
            arrays[name][0] = draw(VALUES)
        case _:
            file = io.BytesIO(as_npz(arrays))
            with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as archive:
                archive.writestr(f"{name}.npy", b"none")
            return file.getvalue()
    content = as_npz(arrays)
    return draw(flipped(content)) if draw(st.booleans()) else content


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes, dict[str, Any]]:
    """The ending of a file, its content, and how it is read."""
    ending = draw(st.sampled_from([".csv", ".jsonl", ".npz"]))
    if ending == ".npz":
        content = draw(archives())
    else:
        write = as_csv if ending == ".csv" else as_lines
        content = draw(changed(ROWS).map(write) | flipped(write(ROWS)) | changed(ROWS).map(write).flatmap(flipped))
    return ending, content, draw(st.sampled_from(OPTIONS))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@cases
def test_any_table_is_read_or_refused(tmp_path: Path, cases: int):
    def check(case: tuple[str, bytes, dict[str, Any]]) -> None:
        ending, content, options = case
        path = tmp_path / f"table{ending}"
        path.write_bytes(content)
        try:
            benchmark = make("table", path=str(path), **options)
        except InputError as error:
            is_clear(str(error), path, "space.")
        else:
            assert np.isfinite(benchmark.measured.label).all() and len(benchmark.space.classes) == len(benchmark.space)

    fuzz(cases, tables(), check)


HEAD, ARCHS = "arch,x,y,seconds,failed", np.array(["a", "b", "c"])
MEASURED = [["a", 1.0, 2.0, 3.0, ""], ["b", "", "", 1.0, "no luck"], ["c", 0.5, 0.25, 2.0, ""]]
ENTRIES = [
    {"arch": "a", "seconds": 3.0, "values": [1.0, 2.0]},
    {"arch": "b", "seconds": 1.0, "failed": "no luck"},
    {"arch": "c", "seconds": 2.0, "values": [0.5, None], "trace": "x"},
]


def cells(rows: Any) -> bytes:
    """A table under its head."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for row in rows if isinstance(rows, list) else [rows]:
        writer.writerow(row if isinstance(row, list) else [row])
    return f"{HEAD}\n{file.getvalue()}".encode("utf-8", "surrogatepass")


@cases
def test_what_was_measured_is_read_or_left_out(tmp_path: Path, cases: int):
    """A table, and lines of which each is an entry or is left out."""
    (tmp_path / "rows").mkdir()
    lines = changed(ENTRIES).map(as_lines) | flipped(as_lines(ENTRIES)) | st.sampled_from(ODD).map(as_lines)
    table = changed(MEASURED).map(cells) | flipped(cells(MEASURED)) | st.just(cells(MEASURED))

    def check(case: tuple[bytes, bytes]) -> None:
        content, rows = case
        (tmp_path / "table.csv").write_bytes(content)
        (tmp_path / "rows" / "one.1.jsonl").write_bytes(rows)
        try:
            (read,) = user_tables.read([str(tmp_path / "table.csv")], ARCHS, ())
            assert not np.isinf(read.seconds).any() and all(len(values) == 3 for values in read.columns.values())
        except InputError as error:
            is_clear(str(error), tmp_path)
        log = ResultsLog(tmp_path / "rows", 2)
        log.refresh()
        for entry in log.entries.values():
            assert not entry.values or len(entry.values) == 2
            assert Entry.of(entry.line().encode()).arch == entry.arch

    fuzz(cases, st.tuples(table, lines), check)
