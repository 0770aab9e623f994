"""Trainings of users that are no training, or end in a way of their own: each costs one evaluation at most, by name."""

import asyncio
import functools
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import siamnas
from siamnas.errors import InputError
from siamnas.search.architecture import Architecture, Facts
from siamnas.search.evaluating import evaluate
from tests.search.ask_tell import graphs

SPACE = graphs()


def searching(budget: int = 3) -> siamnas.Search:
    return siamnas.Search(SPACE, "random", budget)


async def later(arch: Architecture) -> float:
    return 0.5


async def each(arch: Architecture) -> Any:
    yield 0.5


def all_of_them(arch: Architecture) -> Any:
    yield 0.5


class Async:
    async def __call__(self, arch: Architecture) -> float:
        return 0.5

    async def train(self, arch: Architecture) -> float:
        return 0.5


NO_TRAINING = {
    "a coroutine": later,
    "a coroutine with arguments": functools.partial(later),
    "a coroutine of an object": Async().train,
    "an object with a coroutine": Async(),
    "an asynchronous generator": each,
    "a generator": all_of_them,
    "no argument": lambda: 0.5,
    "two arguments": lambda arch, epochs: 0.5,
    "an argument with another name": lambda *, arch: 0.5,
    "a report without an architecture": lambda report: 0.5,
    "no function": 0.5,
}


@pytest.mark.parametrize("kind", NO_TRAINING)
def test_what_can_be_no_training_is_refused_before_anything_is_paid_for(kind: str):
    search = searching()
    with pytest.raises(InputError, match=r"train=.*: must be a function of an architecture that returns its value"):
        search.run(NO_TRAINING[kind])
    assert search.history().empty


class Coroutines:
    def __call__(self, arch: Architecture, epochs: int = 3, **more: Any) -> float:
        return asyncio.run(later(arch))


def test_what_is_one_in_its_own_way():
    for train in (Coroutines(), functools.partial(Coroutines(), epochs=1), float, lambda *archs: float(archs[0])):
        assert searching(2).run(train, ThreadPoolExecutor(1)) is not None


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError


ENDS = {
    "SystemExit: 3": SystemExit(3),
    "SystemExit": SystemExit(),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "StopIteration": StopIteration(),
    "Silent": Silent(),
}


@pytest.mark.parametrize("said", ENDS)
def test_whatever_a_training_raises_is_named(said: str):
    """One that raised KeyboardInterrupt ended the whole search; an exception that can't be written, its worker."""

    def train(arch: Architecture) -> float:
        raise ENDS[said]

    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(evaluate, train, Architecture(0, Facts("a")), lambda epoch, value: "").result()
    assert outcome.failed == said
    search = searching(2)
    search.run(train, workers=1)
    assert search.history()["failed"].tolist() == [said, said] and search.done


def half(arch: Architecture) -> float:
    return 0.5


def test_a_training_that_goes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In a thread it takes the whole process there, as `%cd` in a notebook does; the journal stays where it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()

    def train(arch: Architecture) -> float:
        os.chdir(tmp_path / "other")
        return 0.5

    with siamnas.Search(SPACE, "random", 3, journal="mine") as search, ThreadPoolExecutor(1) as pool:
        search.run(train, pool, logger="csv")
    assert len(siamnas.Search.open(tmp_path / "mine").values) == 3
    assert (tmp_path / "mine" / "evaluations.csv").exists() and not list((tmp_path / "other").iterdir())


def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(InputError, match="journal=mine: the current folder can't be found"):
        siamnas.Search(SPACE, "random", 3, journal="mine")


def test_a_fork_of_a_training_says_nothing():
    def train(arch: Architecture) -> float:
        if os.fork() == 0:
            return 0.1
        os.wait()
        return 0.5

    search = searching(2)
    search.run(train, workers=1)
    assert list(search.values.values()) == [0.5, 0.5]


def test_what_was_handed_out_before_is_said(caplog: pytest.LogCaptureFixture):
    search = searching()
    archs = search.ask(2)
    search.run(half, workers=1)
    assert "2 architectures were handed out before, and are open" in caplog.text
    search.tell(archs, [0.1, 0.2])
    assert search.done


def test_what_is_changed_outside_stays_as_it_was_inside():
    search = searching()
    archs = search.ask(2)
    archs[0].operations.clear()
    search.tell(archs, [0.1, 0.2])
    search.tell(archs[0], 0.3, replace=True)
    for changed in (search.values, search.open, search.history()["former"].iloc[0], search.best().architecture.edges):
        changed.clear()
    assert search.values == {archs[0]: 0.3, archs[1]: 0.2} and search.history()["former"].iloc[0] == [0.1]
    assert search.best().architecture.operations


def draws(arch: int) -> float:
    """What a training without a seed of its own draws."""
    return float(np.random.rand()) + 1000 * int(torch.randint(1 << 20, ()))  # noqa: NPY002 (what others use)


def drawn(workers: int, pool: Any = None) -> dict[int, float]:
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    search = siamnas.Search(SPACE, budget=6, predictor="random")
    search.run(draws, pool, workers=workers)
    return search.values


def test_trainings_draw_numbers_of_their_own():
    """A fork has the generators of its parent, so that all would draw the same; numpy#9650, joblib#36."""
    values = drawn(2)
    assert len({value % 1000 for value in values.values()}) == len({value // 1000 for value in values.values()}) == 6
    assert drawn(1) == values  # whoever seeds gets the same numbers, whatever the number of workers
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert len({value % 1000 for value in drawn(2, pool).values()}) == 6
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_a_repeated_evaluation_draws_other_numbers():
    search = siamnas.Search(SPACE, budget=24, replicate=True)
    search.run(draws, workers=1)
    several = [values for values in search.history()["values"] if len(values) > 1]
    assert several and all(len(set(values)) == len(values) for values in several)


def test_a_value_that_somebody_else_has_told_stands(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    search = siamnas.Search(SPACE, "random", 4, journal=tmp_path)

    def train(arch: Architecture) -> float:
        if len(search.values) == 1:
            with siamnas.Search.open(tmp_path, reissue=False) as other:
                other.tell(arch, 0.75)
        return 0.25

    with ThreadPoolExecutor(1) as pool:
        search.run(train, pool)
    assert search.done and sorted(search.values.values()) == [0.25, 0.25, 0.25, 0.75]
    assert "was told as 0.75 while it was trained, which stands: it returned 0.25" in caplog.text
    search.close()
