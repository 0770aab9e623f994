"""Lines of a measurement that can't be: left out by name, and measured again; the table stays a table."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from siamnas.benchmarks import user_tables
from siamnas.errors import InputError
from siamnas.measure.results_log import Entry, ResultsLog

GOOD = Entry("a", (1.0, 2.0), 3.0)
ODD = {
    "too many values": {"arch": "b", "values": [1, 2, 3], "seconds": 1.0},
    "too few values": {"arch": "b", "values": [1], "seconds": 1.0},
    "seconds below zero": {"arch": "b", "values": [1, 2], "seconds": -1.0},
    "no seconds": {"arch": "b", "values": [1, 2], "seconds": float("nan")},
    "an infinite value": {"arch": "b", "values": [1, float("inf")], "seconds": 1.0},
    "a huge integer": {"arch": "b", "values": [1, 10**400], "seconds": 1.0},
    "a list of lists": {"arch": "b", "values": [[1], [2]], "seconds": 1.0},
    "nothing at all": {"arch": "b", "values": [], "seconds": 1.0},
    "a failure with one value": {"arch": "b", "values": [1], "seconds": 1.0, "failed": "no luck"},
    "no dictionary": ["b", 1, 2],
}


@pytest.mark.parametrize("kind", ODD)
def test_it_is_left_out_by_name(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "other.1.jsonl"
    path.write_text(json.dumps(ODD[kind]) + "\n" + GOOD.line())
    reader = ResultsLog(tmp_path, 2)
    for _ in range(3):
        reader.refresh()
    assert list(reader.entries.values()) == [GOOD]
    assert len(caplog.messages) == 1 and f"{path}: a line is left out: " in caplog.text


TABLE = "arch,x,y,seconds,failed\na,1.0,2.0,3.0,\nb,,,1.0,no luck\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a,1.0", "a,1.5", "line 2: a has other values than rows beside it"),
        ("a,1.0,2.0", "a,1.0,", "line 2: a has other values than rows beside it"),
        ("3.0", "-3.0", "line 2: a has values or seconds that can't be"),
        ("2.0", "inf", "line 2: a has values or seconds that can't be"),
        ("b,,,1.0,no luck", "a,1.0,2.0,3.0,", "line 3: a is there twice"),
        ("b,,,1.0,no luck", "b,1,2,3,4,5", "line 3: must have 5 columns, has 6"),
    ],
)
def test_a_table_that_contradicts_the_lines_beside_it(tmp_path: Path, old: str, new: str, said: str):
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "x.1.jsonl").write_text("torn{" + chr(10) + GOOD.line())
    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    (read,) = user_tables.read([str(tmp_path)], np.array(["a", "b"]), [])
    assert read.columns["x"][0] == 1.0 and np.isnan(read.columns["x"][1])
    assert old in TABLE
    table.write_text(TABLE.replace(old, new))
    with pytest.raises(InputError, match=said):
        user_tables.read([str(tmp_path)], np.array(["a", "b"]), [])


def test_a_measurement_goes_on(siamnas, tmp_path: Path):
    words = ("measure", "space=tiny_nb201", "what=flops", "archs=4", "logger=none", "workers=1", f"out={tmp_path}")
    assert siamnas(*words).code == 0
    (rows,) = tmp_path.rglob("rows")
    (table,) = tmp_path.rglob("table.csv")
    before = table.read_text()
    (path,) = rows.iterdir()
    first, *others = path.read_text().splitlines(keepends=True)
    odd = json.loads(first)
    odd["values"] *= 3
    path.write_text("".join([json.dumps(odd) + "\n", *others]))
    shown = siamnas(*words)
    assert shown.code == 0 and str(odd["arch"]) in shown.err and "a line is left out" in shown.err

    def cells(text: str) -> list[list[str]]:
        return [row[:-2] for row in csv.reader(text.splitlines())]  # without the seconds

    assert cells(table.read_text()) == cells(before)


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("arch,a,seconds,failed", "x,1_5,2,", "line 2: 1_5, 2: must be numbers such as 1.5, or empty"),
        ("arch,a,seconds,failed", "x,\u0663,2,", "must be numbers such as 1.5"),
        ("arch,a,seconds,failed", 'x,"1,5",2,', "must be numbers such as 1.5"),
        ("arch,a,seconds,failed", "x ,1,2,", "line 2: 'x ' looks like an architecture, and is none"),
        ("arch, a,seconds,failed", "x,1,2,", "' a' is no name of a column"),
    ],
)
def test_a_table_that_seems_to_say_another_number(tmp_path: Path, head: str, row: str, said: str):
    (tmp_path / "table.csv").write_text(f"{head}\n{row}\ny,1,2,\n")
    with pytest.raises(InputError) as raised:
        user_tables.read([str(tmp_path)], np.array(["x", "y"]), [])
    assert said in str(raised.value)


def test_a_table_that_a_spreadsheet_has_saved(tmp_path: Path):
    (tmp_path / "table.csv").write_text("\ufeffarch,a,seconds,failed\r\nx,1.5,2,\r\n")
    (table,) = user_tables.read([str(tmp_path)], np.array(["x"]), [])
    assert table.columns["a"].tolist() == [1.5]
