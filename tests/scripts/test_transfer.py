"""The experiments on what is known beforehand and on noisy labels run, small, and write what they are for."""

from pathlib import Path

import pytest

from tests.scripts.running import run
from tests.scripts.test_experiments import rows
from tests.support import ROOT


@pytest.mark.slow
def test_what_sources_are_worth(tmp_path: Path) -> None:
    words = ("cora:citeseer", "random:cora", "synflow:nb201_c100", "--share", 0.01, "--out", tmp_path)
    for seeds in ("2000:2002", "2001:2003"):
        run("experiments/transfer/gains.py", *words, "--seeds", seeds, folder=tmp_path)
    found, runs = rows(tmp_path / "table.csv"), rows(tmp_path / "runs.csv")
    assert [(row["source"], row["target"], row["seeds"]) for row in found] == [
        ("cora", "citeseer", "3"),
        ("random", "cora", "3"),
        ("synflow", "nb201_c100", "3"),
    ]
    assert all(1 <= int(row["with_1"]) <= int(row["with_0.1"]) <= 60 for row in runs)
    assert all(0 < float(row["ratio_low"]) <= float(row["ratio"]) <= float(row["ratio_high"]) for row in found)


def test_what_the_graph_data_sets_could_say_of_each_other(tmp_path: Path) -> None:
    run("experiments/transfer/overlap.py", "--out", "new.csv", folder=tmp_path)
    found = rows(tmp_path / "new.csv")
    assert found == rows(ROOT / "experiments/transfer/overlap.csv") and len(found) == 12


@pytest.mark.slow
def test_what_columns_are_worth(tmp_path: Path) -> None:
    words = ("own:tiny_nb201", "random:nb_macro", "--share", 0.02, "--seeds", "2000:2002", "--out", tmp_path)
    run("experiments/transfer/columns.py", *words, folder=tmp_path)
    assert [row["target"] for row in rows(tmp_path / "columns_table.csv")] == ["tiny_nb201", "nb_macro"]


@pytest.mark.slow
def test_the_optimum_of_another_image_task(tmp_path: Path) -> None:
    run("experiments/transfer/images.py", "--repeats", 2, "--sources", 1, "--out", tmp_path, folder=tmp_path)
    found = rows(tmp_path / "nb201.csv")
    assert [row["optimum_10"] for row in found][0] == "1.00" and found[1]["optimum_30"] == "1.00"


@pytest.mark.slow
def test_guards_against_what_misleads(tmp_path: Path) -> None:
    for kind, share, pairs in (("cells", 0.02, 4), ("graphs", 0.01, 4 + 9)):
        words = (kind, "--seeds", 2, "--share", share, "--out", "new.csv")
        run("experiments/transfer/guards.py", *words, folder=tmp_path)
        found = rows(tmp_path / "new.csv")
        assert len(found) == 12 * pairs and all(float(row["error"]) >= 0 for row in found)


@pytest.mark.slow
def test_rules_of_recommendation(tmp_path: Path) -> None:
    run("experiments/noise/measure.py", "nb_macro test runs", "--seeds", "2000:2002", "--out", ".", folder=tmp_path)
    found = rows(tmp_path / "table.csv")
    assert [row["n"] for row in found] == ["30", "60", "100"] * 2
    assert all(90 < float(row["once_label"]) < 94 for row in found[:3])
    assert len(rows(tmp_path / "runs.csv")) == 2
