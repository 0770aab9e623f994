"""Lines of a measurement that can't be: left out by name, and measured again; the table stays a table."""

import csv
import json
from pathlib import Path

import pytest

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
