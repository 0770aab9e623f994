"""Trainings of users that are no training, or end in a way of their own: each costs one evaluation at most, by name."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

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
