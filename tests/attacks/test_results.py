"""Results with one number that can't be: never shown as if it were right, by no command, and never clipped."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.experiment.configuration import load
from siamnas.jobs.store import PARTS, RESULT, Result, Store
from siamnas.report.read.collect import collect
from siamnas.runner import run
from tests.support import QUICK

JOB = ("space=tiny_nb201", *QUICK, "search.n=20", "search.k=5")
Change = Callable[[dict[str, np.ndarray], dict[str, Any]], Any]


def at(name: str, value: Any, place: Any = (1, 7)) -> Change:
    """One number of an array is another."""
    return lambda arrays, meta: arrays[name].__setitem__(place, value)


def plus(name: str, more: float) -> Change:
    return lambda arrays, meta: arrays.update({name: arrays[name] + more})


def swapped(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
    arrays["chosen"][0, 10] = arrays["evaluated"][0, 15]


IMPOSSIBLE: dict[str, Change] = {
    "best beyond the optimum": at("best", 0.99),
    "all best beyond the optimum": plus("best", 0.2),
    "topk beyond the optimum": at("topk", 0.99, (1, 3)),
    "a lower optimum": lambda arrays, meta: meta.update(optimum=meta["optimum"] - 0.1),
    "median beyond the optimum": lambda arrays, meta: meta.update(median=0.999),
    "seconds below zero": lambda arrays, meta: meta.update(seconds=-3.0),
    "no seconds": lambda arrays, meta: meta.update(seconds=float("nan")),
    "query_seconds below zero": at("query_seconds", -1.0, (1, 0)),
    "spent_seconds falls": at("spent_seconds", 0.0, (1, 20)),
    "spent less than queried": plus("query_seconds", 1e5),
    "codes below zero": at("codes", -1, (1,)),
    "code_seconds below zero": at("code_seconds", -0.5, (1,)),
    "a correlation of 1.5": at("spearman", 1.5, (1,)),
    "a correlation of -2": at("kendall", -2.0, (1,)),
    "an infinite best": at("best", np.inf),
    "an infinite time": at("query_seconds", np.inf, (1, 60)),
    "an optimum in words": lambda arrays, meta: meta.update(optimum="high"),
}
DOUBTFUL: dict[str, Change] = {
    "two values of one architecture": lambda arrays, meta: arrays["best"].__isub__(
        0.01 * (np.arange(arrays["best"].size).reshape(arrays["best"].shape) == 7)
    ),
    "an architecture twice": lambda arrays, meta: arrays["evaluated"].__setitem__((0, 5), arrays["evaluated"][0, 6]),
    "an architecture of no space": at("evaluated", 10**6),
    "chosen before it was evaluated": swapped,
    "another architecture found": lambda arrays, meta: meta["found"][1].update(index=3),
    "another value found": lambda arrays, meta: meta["found"][1].update(accuracy=0.5),
    "chosen of another width": lambda arrays, meta: arrays.update(chosen=arrays["chosen"][:, :-1]),
}
FORM: dict[str, Change] = {
    "best of another width": lambda arrays, meta: arrays.update(best=arrays["best"][:, :-1]),
    "topk of another width": lambda arrays, meta: arrays.update(topk=arrays["topk"][:, :-1]),
    "codes of two columns": lambda arrays, meta: arrays.update(codes=np.stack([arrays["codes"]] * 2, axis=1)),
    "a repeat less": lambda arrays, meta: arrays.update({name: values[1:] for name, values in arrays.items()}),
    "a repeat of another job": at("seed", 77, (1,)),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A result."""
    from siamnas.config.compose import compose

    return run(load(*compose([*JOB, f"out={tmp_path_factory.mktemp('made')}"]))).path


def crafted(made: Path, folder: Path, change: Change) -> tuple[Path, Store]:
    """The result with a change, and the store of its job."""
    result = Result.load(made)
    arrays, meta = {name: values.copy() for name, values in result.arrays.items()}, copy.deepcopy(result.meta)
    change(arrays, meta)
    path = folder / "crafted" / RESULT
    Result(arrays, meta).save(path)
    return path, Store(path.parent, meta["identity"])


@pytest.mark.parametrize("kind", [*IMPOSSIBLE, *DOUBTFUL, *FORM])
def test_it_is_not_done_before(made: Path, tmp_path: Path, kind: str):
    path, store = crafted(made, tmp_path, {**IMPOSSIBLE, **DOUBTFUL, **FORM}[kind])
    with pytest.raises(InputError, match="contradicts itself: .*; delete it to have it computed again") as raised:
        store.finished()
    assert str(path) in str(raised.value) and len(str(raised.value)) < 600


@pytest.mark.parametrize("kind", [*IMPOSSIBLE, *DOUBTFUL, *FORM])
def test_a_report_refuses_or_names_it(made: Path, tmp_path: Path, kind: str):
    path, _ = crafted(made, tmp_path, {**IMPOSSIBLE, **DOUBTFUL, **FORM}[kind])
    if kind in ("a repeat less", "a repeat of another job"):  # whoever has only these repeats may show them
        return
    try:
        found = collect([path])
    except InputError as error:
        said = str(error)
    else:
        assert kind in DOUBTFUL
        (said,) = found.notes
    assert str(path) in said


def test_what_is_true_is_done_before(made: Path, tmp_path: Path):
    _, store = crafted(made, tmp_path, lambda arrays, meta: None)
    assert store.finished() is not None
    assert collect([store.path]).notes == []


@pytest.mark.parametrize("kind", ["seconds below zero", "query_seconds below zero", "codes of two columns"])
def test_a_part_is_checked_as_well(made: Path, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture):
    path, store = crafted(made, tmp_path, {**IMPOSSIBLE, **FORM}[kind])
    (path.parent / PARTS).mkdir()
    path.rename(path.parent / PARTS / "0-2.npz")
    assert store.parts(range(3)) == [] and "contradicts itself" in caplog.text


def test_a_result_in_the_folder_of_another_job_is_named(made: Path, tmp_path: Path):
    """Copied or renamed by hand: it is shown under its own name, and the job of the folder is missing."""
    folder = made.parent.with_name(made.parent.name[:-8] + "00000000")
    own, other = tmp_path / made.parent.name / made.name, tmp_path / folder.name / made.name
    for path in (own, other):
        path.parent.mkdir()
        shutil.copy(made, path)
    (said,) = collect([other]).notes
    assert str(other) in said and "is the result of another job than the one that its folder is named after" in said
    assert collect([own]).notes == []


@pytest.mark.parametrize("form", [">f8", ">f4", "g", "f2"])
def test_numbers_as_other_machines_write_them(made: Path, tmp_path: Path, form: str):
    path, _ = crafted(made, tmp_path, lambda arrays, _: arrays.update(spearman=arrays["spearman"].astype(form)))
    found, plain = Result.load(path).arrays["spearman"], Result.load(made).arrays["spearman"]
    assert found.dtype.isnative and found.dtype.itemsize <= 8
    np.testing.assert_allclose(found, plain, atol=1e-3)
    assert collect([path]).notes == []


@pytest.mark.parametrize("card", [1, None, [], "text"])
def test_a_card_that_is_none(made: Path, tmp_path: Path, card: Any):
    path, _ = crafted(made, tmp_path, lambda _, meta: meta.update(card=card))
    assert collect([path]).benchmarks
