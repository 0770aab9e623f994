"""`space=table`: a table in one file makes the space that its graphs make one by one."""

import csv
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.table import files
from tests.spaces.shipped import make

NAMES = ("conv", "pool", "skip")
Rows = list[dict[str, Any]]


def some(seed: int, count: int) -> tuple[list[list[str]], list[list[tuple[int, int]]], np.ndarray]:
    """Operations, edges and accuracies of random graphs of 3 to 6 nodes."""
    rng = np.random.default_rng(seed)
    operations, edges = [], []
    for _ in range(count):
        size = int(rng.integers(1, 5))
        operations.append(["in", *rng.choice(NAMES, size).tolist(), "out"])
        pairs = [pair for pair in itertools.combinations(range(size + 2), 2) if rng.random() < 0.5]
        edges.append(pairs or [(0, size + 1)])
    return operations, edges, rng.integers(0, 100, count) / 100


def rows(operations: list[list[str]], edges: list[list[tuple[int, int]]], values: np.ndarray) -> Rows:
    """One dict per architecture."""
    return [
        {
            "operations": " ".join(nodes),
            "edges": " ".join(f"{begin}-{end}" for begin, end in pairs),
            "adjacency": "".join(str(int((i, j) in pairs)) for i in range(len(nodes)) for j in range(len(nodes))),
            "accuracy": float(value),
            "run": float(value) / 2,
            "flops": float(len(pairs)),
            "seconds": 10.0,
        }
        for nodes, pairs, value in zip(operations, edges, values, strict=True)
    ]


def as_csv(table: Rows, path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def as_jsonl(table: Rows, path: Path) -> None:
    """With lists in the place of texts."""
    lines = []
    for row in table:
        nodes, pairs = row["operations"].split(), [list(map(int, pair.split("-"))) for pair in row["edges"].split()]
        matrix = [[int([i, j] in pairs) for j in range(len(nodes))] for i in range(len(nodes))]
        lines.append(json.dumps({**row, "operations": nodes, "edges": pairs, "adjacency": matrix}))
    path.write_text("\n".join(lines))


def as_npz(table: Rows, path: Path) -> None:
    """With arrays in the place of texts."""
    nodes = [row["operations"].split() for row in table]
    most = max(map(len, nodes))
    types = ("in", *NAMES, "out")
    numbers = np.full((len(table), most), -1)
    adjacency = np.zeros((len(table), most, most), bool)
    for i, row in enumerate(table):
        numbers[i, : len(nodes[i])] = [types.index(name) for name in nodes[i]]
        for pair in row["edges"].split():
            adjacency[(i, *map(int, pair.split("-")))] = True
    columns = {name: [row[name] for row in table] for name in ("edges", "accuracy", "run", "flops", "seconds")}
    np.savez(path, operations=numbers, adjacency=adjacency, **{name: np.array(c) for name, c in columns.items()})


WRITERS: dict[str, Callable[[Rows, Path], None]] = {"csv": as_csv, "jsonl": as_jsonl, "npz": as_npz}


@pytest.fixture(autouse=True)
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    from siamnas.runtime import cache

    cache.folder.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    cache.folder.cache_clear()


def read(path: Path, **changes: Any) -> Benchmark:
    own = {"node_types": ["in", *NAMES, "out"]} if path.suffix == ".npz" else {}
    return make("table", path=str(path), **{**own, **changes})


@pytest.mark.parametrize("where", ["edges", "adjacency"])
@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_is_the_space_of_its_graphs(tmp_path: Path, ending: str, where: str):
    operations, edges, values = some(0, 60)
    WRITERS[ending](rows(operations, edges, values), path := tmp_path / f"t.{ending}")
    other = {"edges": None, "adjacency": "adjacency"} if where == "adjacency" else {}
    made = read(path, columns=["flops"], **other)
    flops = np.array([len(pairs) for pairs in edges], float)
    slow = siamnas.Space.of_graphs(operations, edges, columns={"flops": flops})
    for arch in range(60):
        size = len(operations[arch])
        assert made.space.operations(arch)[:size] == operations[arch]
        assert set(made.space.operations(arch)[size:]) <= {"none"}
        assert made.space.edges(arch) == sorted(edges[arch])
    assert (made.space.classes == slow.classes).all()
    assert (made.measured.label == values).all() and made.measured.metric.unit == "%"
    assert made.space.archs[3] == "arch_3" and (made.space.columns["flops"] == flops).all()


@pytest.mark.extras
@pytest.mark.parametrize("lists", [False, True])
def test_parquet_is_the_space_of_its_graphs(tmp_path: Path, lists: bool):
    import pyarrow
    from pyarrow import parquet

    operations, edges, values = some(4, 40)
    table = rows(operations, edges, values)
    if lists:
        three = zip(table, operations, edges, strict=True)
        table = [{**row, "operations": nodes, "edges": pairs} for row, nodes, pairs in three]
    parquet.write_table(pyarrow.Table.from_pylist(table), tmp_path / "t.parquet")
    as_csv(rows(operations, edges, values), tmp_path / "t.csv")
    made, same = (read(tmp_path / f"t.{ending}", columns=["flops"]) for ending in ("parquet", "csv"))
    assert (made.space.types == same.space.types).all() and (made.space.adjacency == same.space.adjacency).all()
    assert (made.measured.label == values).all() and (made.space.columns["flops"] == same.space.columns["flops"]).all()


BAD_CSV = {
    "operations,edges,accuracy\nin out,0-1\n": "row 0 has 2 values, not 3",
    "operations,edges,edges\nin out,0-1,0-1\n": "two columns have one name",
    'operations,edges,accuracy\n"in out,0-1,.5\n': "unexpected end of data",
    "": "must have one row or more",
}


@pytest.mark.parametrize("text", BAD_CSV)
def test_a_broken_csv_is_named(tmp_path: Path, text: str):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=BAD_CSV[text]):
        read(tmp_path / "t.csv")


def test_runs_reports_costs_and_fidelities(tmp_path: Path):
    operations, edges, values = some(1, 30)
    as_csv(rows(operations, edges, values), path := tmp_path / "t.csv")
    early = {"run": ["run", "seconds"]}
    made = read(path, runs=["accuracy", "run"], report="accuracy", seconds="seconds", fidelities=early).measured
    np.testing.assert_allclose(made.label, 0.75 * values)
    assert (made.report == values).all() and (made.train_seconds == 10).all()
    assert (made.fidelities["run"].values == values / 2).all()
    assert read(path, metric="run", maximise=False).measured.optimum == values.min() / 2


def test_what_is_kept_is_what_was_read(tmp_path: Path, cached: Path, monkeypatch: pytest.MonkeyPatch):
    operations, edges, values = some(2, 40)
    as_csv(rows(operations, edges, values), path := tmp_path / "t.csv")
    first = read(path, columns=["flops"])
    siamnas.Search(first.space, budget=4).close()
    kept = sorted(cached.rglob("*.npz"))
    assert len(kept) == 3, "the table, its classes and its features"
    monkeypatch.setattr(files, "read", lambda *_: pytest.fail("is read again"))
    again = read(path, columns=["flops"])
    for name in ("types", "adjacency", "archs", "classes"):
        assert (getattr(again.space, name) == getattr(first.space, name)).all()
    for file in kept:
        file.write_bytes(b"damaged")
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cached))
    assert (read(path, columns=["flops"]).space.types == first.space.types).all()
    as_csv(rows(operations, edges, values / 2), path)
    assert (read(path, columns=["flops"]).measured.label == values / 2).all(), "a file counts by its content"


GOOD = {"operations": "in conv out", "edges": "0-1 1-2", "adjacency": "010001000", "accuracy": 0.5, "flops": 1}


@pytest.mark.parametrize(
    ("row", "changes", "why"),
    [
        ({"edges": "0-1 1-3"}, {}, r"space\.edges=edges, row 1: '0-1 1-3': must be pairs of node numbers from 0 to 2"),
        ({"edges": "0-1 1"}, {}, "must be pairs of node numbers"),
        ({"edges": "0-1 1-0"}, {}, r"space\.edges=edges, row 1: has a cycle among nodes \[0, 1\]"),
        ({"edges": "0-1 1-1"}, {}, "row 1: has a self loop"),
        ({"adjacency": "01"}, {"edges": None, "adjacency": "adjacency"}, "row 1: '01': must be 3 x 3 zeros and ones"),
        ({"adjacency": "012001000"}, {"edges": None, "adjacency": "adjacency"}, "zeros and ones"),
        ({"accuracy": ""}, {}, r"space\.metric=accuracy: must be a finite number in every row, is nan in row 1"),
        ({}, {"metric": "acuracy"}, "no column of numbers acuracy .did you mean accuracy"),
        ({}, {"operations": "ops"}, r"space\.operations=ops: no such column.*; the file has"),
        ({}, {"node_types": ["in", "out"]}, "unknown operation 'conv'; space.node_types has in, out"),
        ({}, {"adjacency": "adjacency"}, "must be one column, and null"),
        ({}, {"columns": ["accuracy"]}, r"space\.columns=accuracy: is known only after a training"),
        ({}, {"metric": "flops", "columns": ["flops"]}, r"space\.columns=flops: is known only after a training"),
        ({}, {"fidelities": {"run": ["flops"]}}, r"space\.fidelities\.run=\['flops'\]: must be two columns"),
        ({}, {"archs": "edges"}, "two architectures have one name"),
        ({}, {"constraints": ["flops<=0"], "columns": ["flops"]}, "no architecture is left"),
    ],
)
def test_a_bad_row_or_option_is_named(tmp_path: Path, row: dict[str, Any], changes: dict[str, Any], why: str):
    as_csv([GOOD, {**GOOD, **row}], path := tmp_path / "t.csv")
    with pytest.raises(InputError, match=why):
        read(path, **changes)


@pytest.mark.parametrize(("name", "content"), [("t.csv", b""), ("t.jsonl", b"{"), ("t.npz", b"PK"), ("t.xml", b"")])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"space\.path=.*{name}: "):
        read(tmp_path / name)
    with pytest.raises(InputError, match=r"space\.path=.*none\.csv: "):
        read(tmp_path / "none.csv")
