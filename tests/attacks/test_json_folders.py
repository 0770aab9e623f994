"""Folders with a JSON file per architecture that say another thing than they seem to, as tables may."""

import json
import logging
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import make

CHAIN = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def arch(number: int, **changes: Any) -> dict[str, Any]:
    middle = ("conv", "pool", "skip")[number % 3]
    usual = {"id": number, "adj_matrix": CHAIN, "operations": ["in", middle, "out"], "gt_accuracy": 0.5 + number / 100}
    return usual | changes


def read(folder: Path, *archs: dict[str, Any], ending: str = ".json", **options: Any) -> Benchmark:
    for number, content in enumerate(archs):
        own = ending if number == 1 else ".json"
        path = folder / f"{number}{own}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
    return make("json", path=str(folder), node_types=None, **options)


@pytest.mark.parametrize(
    ("changes", "options", "said"),
    [
        ({"gt_accuracy": 93.5}, {}, "1 values are not above 1, such as 0.5 in 0.json, among others up to 93.5"),
        ({"gt_accuracy": -1}, {}, "gt_accuracy: is -1 in 1.json: must an accuracy not be from 0 to 100?"),
        ({"operations": ["in", "conv", "out"]}, {}, "0.json and 1.json are the same architecture, with gt_accuracy"),
        ({"flops": 3}, {}, "flops are not used, since 1 files have none, such as 0.json"),
        ({}, {"ending": ".JSON"}, "1 files are left out, such as 1.JSON"),
        ({}, {"ending": ".jsonl"}, "1 files are left out, such as 1.jsonl"),
        ({}, {"ending": ".json.gz"}, "1 files are left out, such as 1.json.gz"),
        ({}, {"ending": "/a.json"}, "1 files are left out, such as 1/a.json"),
        ({}, {"maximise": False}, "gt_accuracy: smaller is better, as space.maximise=false says"),
        ({}, {}, ""),
    ],
)
def test_what_may_be_a_mistake_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], options: dict[str, Any], said: str
):
    caplog.set_level(logging.WARNING, "siamnas")
    read(tmp_path, arch(0), arch(1, **changes), **options)
    assert said in caplog.text and len(caplog.records) == bool(said)


def test_a_matrix_that_is_transposed_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    back = [list(column) for column in zip(*CHAIN, strict=True)]
    read(tmp_path, arch(0, adj_matrix=back), arch(1, adj_matrix=back))
    assert "all edges lead from a later node to an earlier one" in caplog.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "0 "}, "two architectures have this name"),
        ({"id": " "}, "' ': must be the name of an architecture"),
        ({"operations": ["in ", "conv", "out"]}, "different names, to the eye as well"),
        ({"flops": -3}, "flops=-3: must not be negative"),
    ],
)
def test_what_nobody_can_tell_apart(tmp_path: Path, changes: dict[str, Any], said: str):
    with pytest.raises(InputError) as raised:
        read(tmp_path, arch(0, flops=1), arch(1, **{"flops": 2} | changes), columns=["flops"])
    assert said in str(raised.value)


@pytest.mark.parametrize("names", [["a", "a "], ["\u00e9", "e\u0301"]])
def test_the_python_door_checks_the_same(names: list[str]):
    with pytest.raises(InputError, match="two architectures have this name"):
        siamnas.Space.of_graphs([["in", "out"]] * 2, [[(0, 1)]] * 2, names=names)


@pytest.mark.parametrize("what", ["columns", "names", "operations"])
def test_a_series_that_lies_in_another_order_than_its_index(what: str):
    """As one of a frame that was sorted: its rows were taken as they lay, beside lists that were not sorted."""
    nodes, names, cost = [["in", "out"], ["in", "c"]], ["a", "b"], [1.0, 2.0]
    frame = pd.DataFrame({"operations": nodes, "names": names, "columns": cost})
    given = {key: frame[key].tolist() for key in frame} | {what: frame.sort_values("names", ascending=False)[what]}
    with pytest.raises(InputError, match="its index is in another order than its rows"):
        of_series(**given)
    assert len(of_series(**given | {what: frame[what]})) == 2
    assert len(of_series(**given | {what: frame[frame["columns"] > 0][what]})) == 2


def of_series(operations: Any, names: Any, columns: Any) -> siamnas.Space:
    return siamnas.Space.of_graphs(operations, [[(0, 1)]] * 2, names=names, columns={"flops": columns})
