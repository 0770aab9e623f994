"""Tables that say another number than they seem to: refused by row and value, never read as something else."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import make

HEAD = "operations,edges,accuracy,flops\n"
ROW = 'in conv out,0-1 1-2,0.5,1\nin pool out,0-1 1-2,0.6,2\n"in conv pool out",0-1 1-2 2-3,0.7,3\n'
NOTHING = "no column of numbers"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def read(folder: Path, content: str | bytes | dict[str, Any], ending: str = ".csv", **options: Any) -> Benchmark:
    path = folder / f"t{ending}"
    if isinstance(content, dict):
        np.savez(path, **content)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return make("table", path=str(path), **options)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.7", '"0,7"', f"{NOTHING} accuracy; row 2 has '0,7'"),
        ("0.7", "70%", f"{NOTHING} accuracy; row 2 has '70%'"),
        ("0.7", "0_7", f"{NOTHING} accuracy; row 2 has '0_7'"),
        ("0.7", "٠.٧", f"{NOTHING} accuracy; row 2 has '٠.٧'"),
        ("0.7", "0.７", f"{NOTHING} accuracy; row 2 has '0.７'"),
        ("0.7", "True", f"{NOTHING} accuracy; row 2 has 'True'"),
        ("0.7", "0x1p-1", f"{NOTHING} accuracy; row 2 has '0x1p-1'"),
        (",3\n", ',"3,000"\n', f"{NOTHING} flops; row 2 has '3,000'"),
        (",3\n", ",inf\n", "must be finite, or empty, in every row, is inf in row 2"),
        (",3\n", ",1e400\n", "must be finite, or empty, in every row, is inf in row 2"),
        ("0-1 1-2 2-3", "0--1 1-2 2-3", "row 2: '0--1 1-2 2-3': must be pairs"),
        ("0-1 1-2 2-3", "0-1-2-3", "row 2: '0-1-2-3': must be pairs"),
        ("0-1 1-2 2-3", "0-1.1 2 2-3", "must be pairs"),
        ("0-1 1-2 2-3", "0-١ 1-2 2-3", "must be pairs"),
        ("0-1 1-2 2-3", "a0-b1 c1-d2", "must be pairs"),
        ("0-1 1-2 2-3", "0-1 1-2 2-" + "3" * 5000, "must be pairs"),
        ("0-1 1-2 2-3", "", "row 2: '': must be pairs"),
        ('"in conv pool out"', "", "'': must be names of operations"),
        ("accuracy", "a" * 70_000, "the name of a column has 70,000 characters"),
        ("accuracy", "flops", "two columns have one name, 'flops'"),
        ("3\n", "3\nmean,,0.6,\n", "row 3: '': must be pairs"),
        ("in pool", "# in pool", "row 1 begins with #"),
        ("accuracy,flops", "flops,flops ", "two columns have one name, 'flops'"),
        ("accuracy,flops", "e\u0301,\u00e9", "two columns have one name"),
        ("0-1 1-2 2-3", '"[[0,1], [1,2], [2,3], ["', "must be pairs"),
        ("0-1 1-2 2-3", "0-1 1111111111-2222222222", "must be pairs"),
        ("0-1 1-2 2-3", '"[[0, 1, 2, 0], [1, 2, 3, 3]]"', "must be pairs"),  # all beginnings, all ends
        ("3\n", "-1\n", "space.columns=flops: must not be negative, is -1 in row 2"),
        ("in pool out", "\"['in', 'conv ', 'out']\"", "two operations look alike, 'conv'"),
    ],
)
def test_a_csv_is_refused_by_its_value(tmp_path: Path, old: str, new: str, said: str):
    assert old in HEAD + ROW
    with pytest.raises(InputError) as raised:
        read(tmp_path, (HEAD + ROW).replace(old, new), columns=["flops"])
    assert said in str(raised.value) and len(str(raised.value)) < 1500


@pytest.mark.parametrize("form", ["\ufeff", "\r\n", "\r", "commas at the end", "->", "[[0, 1], [1, 2]]"])
def test_what_programs_write_in_other_ways_is_the_same(tmp_path: Path, form: str):
    text = HEAD + ROW
    if form == "commas at the end":
        text = text.replace("\n", ",,\n")
    elif form == "->":
        text = text.replace("0-1", "0->1").replace("1-2 2", "(1-2); 2")
    elif form.startswith("["):
        text = text.replace(",0-1 1-2,", f',"{form}",')
    else:
        text = form + text if form == "\ufeff" else text.replace("\n", form)
    one, other = read(tmp_path, text, columns=["flops"]), read(tmp_path, HEAD + ROW, columns=["flops"])
    assert (one.measured.label == other.measured.label).all() and one.space.node_types == other.space.node_types
    assert [one.space.edges(i) for i in range(3)] == [other.space.edges(i) for i in range(3)]
    assert (one.space.columns["flops"] == other.space.columns["flops"]).all()


LINE = {"operations": ["in", "conv", "out"], "edges": [[0, 1], [1, 2]], "accuracy": 0.5}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"accuracy": True}, f"{NOTHING} accuracy; row 1 has 'true'"),
        ({"accuracy": [0.6]}, f"{NOTHING} accuracy; row 1 has '[0.6]'"),
        ({"accuracy": 10**400}, f"{NOTHING} accuracy"),
        ({"accuracy": None}, "is nan in row 1"),
        ({"edges": [[0, -1]]}, "row 1: '[[0, -1]]': must be pairs"),
        ({"edges": [[0, 1.0], [1.0, 2]]}, "must be pairs"),
        ({"edges": [[False, True]]}, "must be pairs"),
        ({"edges": None}, "row 1: '': must be pairs"),
        ({"operations": ["in", None, "out"]}, "must be names of operations"),
        ({"operations": ["in", ["conv"], "out"]}, "must be names of operations"),
        ({"operations": ["in", "\x1b[2J", "out"]}, "must be the name of an operation"),
        ({"operations": None}, "'': must be names of operations"),
        ({"a\ud800": 1}, "is no name of a column"),
        ({"a\0b": 1}, "is no name of a column"),
    ],
)
def test_a_line_of_json_is_refused_by_its_value(tmp_path: Path, change: dict[str, Any], said: str):
    with pytest.raises(InputError) as raised:
        read(tmp_path, "\n".join(json.dumps(line) for line in (LINE, {**LINE, **change})), ".jsonl")
    assert said in str(raised.value)


def test_names_of_operations_in_lists_are_whole(tmp_path: Path):
    """With blanks, commas and letters of all languages; in a text blanks part them."""
    names = ["in", "conv 3x3", "pool,2", "é", "no"]
    line = json.dumps({**LINE, "operations": names}) + "\n" + json.dumps(LINE)
    assert set(read(tmp_path, line, ".jsonl").space.node_types) == {*names, "conv", "out", "none"}


NAMES = "must be names of operations"


@pytest.mark.parametrize(
    "cell",
    ["{'in', 'conv', 'out'}", "{0: 'in', 1: 'conv', 2: 'out'}", "b'in conv out'", "array(['in', 'conv', 'out'])",
     str([np.str_("in"), np.str_("conv"), np.str_("out")]), "['in' 'conv' ... 'out']", "['in', None, 'out']",
     "[0.0, 1.0, 2.0]", "('in', 'conv', 'out'", "in -> conv -> out", "in | conv | out", "in conv's out"],
)  # fmt: skip
def test_a_cell_is_never_cut_into_other_operations(tmp_path: Path, cell: str):
    """Brackets, quotes and marks of what a program has printed were operations of their own, which moved the edges."""
    with pytest.raises(InputError, match=NAMES):
        read(tmp_path, f'{HEAD}"{cell}",0-1 1-2,0.5,1\n')


@pytest.mark.parametrize(
    "quote", ["('in', 'max pool', 'out')", "['in'\n 'max pool' 'out']", "['in', 'max pool', 'out',]"]
)
def test_lists_as_programs_print_them(tmp_path: Path, quote: str):
    assert read(tmp_path, f'{HEAD}"{quote}",0-1 1-2,0.5,1\n').space.operations(0) == ["in", "max pool", "out"]
    assert read(tmp_path, f'{HEAD}"[in, conv(3), it]",0-1 1-2,0.5,1\n').space.operations(0) == ["in", "conv(3)", "it"]


def test_an_apostrophe_is_a_part_of_a_name(tmp_path: Path):
    cell = str(["in", "conv's", "out"]).replace('"', '""')
    assert read(tmp_path, f'{HEAD}"{cell}",0-1 1-2,0.5,1\n').space.operations(0) == ["in", "conv's", "out"]


@pytest.mark.extras
def test_texts_that_parquet_keeps_as_bytes(tmp_path: Path):
    """As fastparquet, Spark and others write them: every row had an operation `b` before its others."""
    import pyarrow
    from pyarrow import parquet

    table = {"operations": [[b"in", b"conv", b"out"], [b"in", b"out"]], "edges": [b"0-1 1-2", b"0-1"],
             "accuracy": [b"0.5", b"0.6"]}  # fmt: skip
    parquet.write_table(pyarrow.table(table), tmp_path / "t.parquet")
    made = make("table", path=str(tmp_path / "t.parquet"))
    assert made.space.operations(0) == ["in", "conv", "out"] and made.measured.label.tolist() == [0.5, 0.6]


def test_a_free_column_of_which_nothing_is_known(tmp_path: Path):
    empty = (HEAD + ROW).replace(",1\n", ",\n").replace(",2\n", ",\n").replace(",3\n", ",\n")
    with pytest.raises(InputError, match="space.columns=flops: is empty in every row"):
        read(tmp_path, empty, columns=["flops"])


MATRIX = np.stack([np.eye(3, k=1)] * 2)
ARRAYS = {"operations": np.array([["in", "conv", "out"], ["in", "pool", "out"]]), "adjacency": MATRIX,
          "accuracy": np.array([0.5, 0.6]), "flops": np.array([100, 10], np.int8)}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"adjacency": -MATRIX}, "zeros and ones, 3 x 3"),
        ({"adjacency": MATRIX * 0.3}, "zeros and ones, 3 x 3"),
        ({"adjacency": np.where(MATRIX, np.nan, 0)}, "zeros and ones, 3 x 3"),
        ({"adjacency": MATRIX[:, :2, :2]}, "zeros and ones, 3 x 3"),
        ({"adjacency": np.zeros((2, 5, 5))}, "zeros and ones, 3 x 3"),
        ({"adjacency": MATRIX.astype(str)}, "zeros and ones, 3 x 3"),
        ({"adjacency": MATRIX[:, 0]}, "zeros and ones, 3 x 3"),
        ({"operations": np.array([[0.0, 1, 2]] * 2)}, "must be texts, or (M, V) names or numbers, not float64 (2, 3)"),
        ({"operations": np.array([["in", "", "out"]] * 2)}, "'': must be the name of an operation"),
        ({"operations": np.array([[b"\xff"] * 3] * 2)}, "is no table"),
        ({"accuracy": np.array([0.5, 0.6], complex)}, NOTHING),
        ({"accuracy": np.array([1, 2], "M8[s]")}, NOTHING),
        ({"accuracy": np.array([[0.5], [0.6]])}, NOTHING),
        ({"flops": np.array([1, np.inf], np.float16)}, "must be finite, or empty, in every row, is inf in row 1"),
    ],
)
def test_an_archive_is_refused_by_its_array(tmp_path: Path, change: dict[str, Any], said: str):
    with pytest.raises(InputError) as raised:
        read(tmp_path, {**ARRAYS, **change}, ".npz", edges=None, adjacency="adjacency", columns=["flops"])
    assert said in str(raised.value)


def test_numbers_behind_the_last_node_stay_behind(tmp_path: Path):
    options = {"edges": None, "adjacency": "adjacency", "node_types": ["in", "conv", "out"]}
    with pytest.raises(InputError, match="or -1 behind the last node"):
        read(tmp_path, {**ARRAYS, "operations": np.array([[0, -1, 2], [0, 1, 2]])}, ".npz", **options)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "a "], "two architectures have one name"),
        (["é", "e\u0301"], "two architectures have one name"),
        (["a", ""], "'', in row 1: must be a name"),
        (["", "a"], "'', in row 0: must be a name"),
        (["\x1b[2J", "a"], "in row 0: must be a name"),
        (["a", "\x1b[2J"], "in row 1: must be a name"),
    ],
)
def test_names_that_look_alike(tmp_path: Path, names: list[str], said: str):
    lines = "\n".join(json.dumps({**LINE, "name": name}) for name in names)
    with pytest.raises(InputError) as raised:
        read(tmp_path, lines, ".jsonl", archs="name")
    assert said in str(raised.value)


@pytest.mark.parametrize("options", [{"seconds": "flops"}, {"fidelities": {"early": ["accuracy", "flops"]}}], ids=str)
@pytest.mark.parametrize("cost", ["-3", "inf", "-inf"])
def test_a_cost_that_can_be_none(tmp_path: Path, options: dict[str, Any], cost: str):
    with pytest.raises(InputError, match=f"=flops: must be seconds, 0 or more, is {cost} in row 2"):
        read(tmp_path, (HEAD + ROW).replace(",3\n", f",{cost}\n"), **options)


def test_a_run_counts_once(tmp_path: Path):
    with pytest.raises(InputError, match="accuracy is there twice"):
        read(tmp_path, HEAD + ROW, runs=["accuracy", "accuracy"])


def test_typographic_quotes_are_no_part_of_a_name(tmp_path: Path):
    space = read(tmp_path, (HEAD + ROW).replace('"', "\u201c")).space
    assert space.node_types == ("conv", "in", "out", "pool", "none")


@pytest.mark.parametrize(
    ("old", "new", "metric", "said"),
    [
        ("3\n", "3\nin conv out,0-1 1-2,0.9,1\n", "accuracy",
         "rows 0 and 3, from 0, are the same architecture, with accuracy 0.5 and 0.9"),
        ("3\n", "3\nin conv out,0-1 1-2,0.5,1\n", "accuracy", "rows 0 and 3, from 0, are the same architecture\n"),
        ("0.7", "93.5", "accuracy", "2 values are not above 1, such as 0.5 in row 0, among others up to 93.5"),
        ("0.7", "93.5", "top1", "2 values are not above 1"),
        ("0.7", "93.5", "error", "2 values are not above 1"),
        ("0.7", "1.0001", "accuracy", "2 values are not above 1"),
        ("0.7", "-1", "accuracy", "is -1 in row 2"),
        ("0.7", "101", "accuracy", "is 101 in row 2"),
        ('"in conv pool out",0-1 1-2 2-3', "in x out,2-1 1-0", "accuracy", ""),
        ("0.7", "0.0", "accuracy", ""),
        ("0.7", "5", "score", ""),
        ("0.7", "-1", "score", ""),
        ("0.7", "0.8", "val_loss", "val_loss: larger is better, as space.maximise=true says"),
        ("0.7", "0.8", "latency_ms", "latency_ms: larger is better"),
        ("0.7", "0.8", "neg_loss", ""),
        ("0.7", "0.8", "glossary", ""),
    ],
)  # fmt: skip
def test_what_may_be_a_mistake_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, old: str, new: str, metric: str, said: str
):
    caplog.set_level(logging.WARNING, "siamnas")
    read(tmp_path, (HEAD + ROW).replace(old, new).replace("accuracy", metric), metric=metric)
    assert said in caplog.text and bool(said) == bool(caplog.text)


def test_a_matrix_that_is_transposed_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING, "siamnas")
    options = {"edges": None, "adjacency": "adjacency"}
    read(tmp_path, {**ARRAYS, "adjacency": MATRIX.transpose(0, 2, 1)}, ".npz", **options)
    assert "all edges lead from a later node to an earlier one" in caplog.text
    caplog.clear()
    read(tmp_path, ARRAYS, ".npz", **options)
    siamnas.Space.of_table(tmp_path / "t.npz", adjacency="adjacency", edges=None)
    assert not caplog.text


@pytest.mark.parametrize("option", ["columns", "constraints", "node_types"])
def test_a_text_in_the_place_of_a_list(tmp_path: Path, option: str):
    """Its letters were taken for columns."""
    (tmp_path / "t.csv").write_text(HEAD + ROW)
    with pytest.raises(InputError, match=f"{option}: must be a list, not 'flops<=2'"):
        siamnas.Space.of_table(tmp_path / "t.csv", **{option: "flops<=2"})
