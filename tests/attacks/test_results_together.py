"""Results of which each may be true, and not all: what contradicts another file, or is there again, is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.jobs.store import RESULT, Result
from siamnas.report.compare.paired import choose_references
from siamnas.report.read.collect import collect
from siamnas.runner import run
from tests.support import QUICK

Change = Callable[[dict[str, np.ndarray], dict[str, Any]], Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Result:
    from siamnas.config.compose import compose
    from siamnas.experiment.configuration import load

    words = ["space=tiny_nb201", *QUICK, "predictor=random", "search.n=20", "search.k=5"]
    return run(load(*compose([*words, f"out={tmp_path_factory.mktemp('made')}"]))).result


def other_seeds(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
    arrays["seed"] += 50
    meta["config"] = {**meta["config"], "seed": 50}
    meta["found"] = []


def lower(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
    arrays.update({name: arrays[name] - 0.01 for name in ("best", "topk")})
    other_seeds(arrays, meta)


def beside(made: Result, folder: Path, change: Change, **more: Any) -> list[str]:
    """The notes on a result and a changed copy of it."""
    arrays, meta = {name: values.copy() for name, values in made.arrays.items()}, {**made.meta, **more}
    change(arrays, meta)
    made.save(folder / "a" / RESULT)
    Result(arrays, meta).save(folder / "b" / RESULT)
    return collect([folder]).notes


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        (other_seeds, {}, "its repeats are those of"),
        (lower, {}, "contradicts another file: architecture "),
        (other_seeds, {"optimum": 0.99}, "contradicts another file: its optimum is 0."),
        (other_seeds, {"median": 0.3}, "contradicts another file: its median is 0."),
        (other_seeds, {"cells": 10**6}, "contradicts another file: its size is "),
    ],
)
def test_a_file_that_contradicts_another_one_is_named(
    made: Result, tmp_path: Path, change: Change, more: dict[str, Any], said: str
):
    (note,) = beside(made, tmp_path, change, **more)
    assert said in note and str(tmp_path / "a") in note and str(tmp_path / "b") in note


def test_repeats_that_a_job_did_not_ask_for_are_named(made: Result, tmp_path: Path):
    notes = beside(made, tmp_path, lambda arrays, meta: arrays["seed"].__iadd__(50))
    assert "contradicts itself: seed 50 is none of seed=0" in notes[0]


def test_a_copy_is_no_contradiction(made: Result, tmp_path: Path):
    assert beside(made, tmp_path, lambda arrays, meta: None) == []


@pytest.mark.parametrize(("first", "said"), [(0, []), (1, ["2 of the 3 of B"]), (9, ["none of the 3 of B"])])
def test_repeats_without_a_partner_are_said(made: Result, tmp_path: Path, first: int, said: list[str]):
    """Differences are over pairs alone, which the means of all repeats beside them do not show."""
    for name, seed in (("A", 0), ("B", first)):
        arrays = {key: values[:3] for key, values in made.arrays.items()} | {"seed": np.arange(3) + seed}
        config = {**made.meta["config"], "label": name, "seed": seed, "repeats": 3}
        Result(arrays, {**made.meta, "config": config, "found": []}).save(tmp_path / name / RESULT)
    found = collect([tmp_path])
    choose_references(found, "A")
    assert [note.partition("and A has ")[2] for note in found.notes if "tests pair repeats" in note] == said


def test_evaluations_that_no_search_has_are_refused(made: Result, siamnas, tmp_path: Path):
    """The tables of equal budgets were left out without a word."""
    made.save(tmp_path / "a" / RESULT)
    shown = siamnas("report", str(tmp_path), "--at", "5000,6000")
    assert shown.code == 2 and "--at: no search goes beyond" in shown.err


@pytest.mark.parametrize("name", ["cells.csv", "cells.npz"])
def test_a_file_of_something_else_is_not_ours_to_delete(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"arch,accuracy\n")
    with pytest.raises(InputError, match="not a readable result file .*; must be a result.npz") as raised:
        collect([tmp_path / name])
    assert "delete" not in str(raised.value)
