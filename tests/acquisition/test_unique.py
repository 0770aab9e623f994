"""`space.unique`: nothing is evaluated that is equal to something evaluated."""

import dataclasses

import numpy as np
import pytest

from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.predictors.random import Random
from siamnas.search.topk import check_budget
from tests.spaces.shipped import make
from tests.support import tiny_benchmark


def made(size: int = 300, uncoded: int = 0, repeats: int = 4) -> tuple[State, np.ndarray]:
    """A state on a space with equal architectures, and their classes."""
    benchmark = tiny_benchmark(size, uncoded=uncoded)
    space = dataclasses.replace(benchmark.space, unique=True)
    benchmark = dataclasses.replace(benchmark, space=space)
    predictor = Random(space, range(7, 7 + repeats), {})
    return State(predictor, TableOracle(benchmark, repeats), Metric("accuracy")), space.classes


def plain(state: State) -> State:
    """The same where equal architectures are as good as different ones."""
    space = dataclasses.replace(state.space, unique=False)
    return State(Random(space, state.seeds, {}), state.prior, state.metric)


def test_one_of_each_class_is_free():
    state, kinds = made()
    assert len(np.unique(kinds)) < 300
    for free in state.free:
        assert sorted(kinds[free]) == sorted(np.unique(kinds))
    assert state.room == len(np.unique(kinds)) == state.space.distinct()
    assert len({tuple(np.flatnonzero(free)) for free in state.free}) > 1, "another one in every repeat"


def test_none_is_free_that_is_equal_to_one_in_the_training_set():
    state, kinds = made()
    first = state.at_random(20)
    # Whoever is told of another architecture than was asked for knows all that are equal to it.
    others = np.array([[np.flatnonzero(kinds == kinds[arch])[-1] for arch in row] for row in first])
    state.add(others, np.zeros(others.shape))
    for free, row in zip(state.free, others, strict=True):
        assert not set(kinds[free]) & set(kinds[row])
    assert state.room == len(np.unique(kinds)) - 20


def test_one_with_a_code_stands_for_those_without():
    state, kinds = made(uncoded=100)
    coded = state.prior.coded
    assert state.room == state.space.distinct(coded) == len(np.unique(kinds[coded])) < state.space.distinct()


def test_random_architectures_follow_the_order_of_the_repeat():
    state, kinds = made()
    same = plain(state)
    for row, order in zip(state.at_random(30), same.at_random(300), strict=True):
        seats = np.sort(np.unique(kinds[order], return_index=True)[1])[:30]
        assert row.tolist() == order[seats].tolist()


def test_the_head_of_a_ranking_has_one_of_each():
    state, kinds = made()
    order = state.final_ranking()
    head = state.one_each(order, 40)
    for row, before in zip(head, order, strict=True):
        assert len(set(kinds[row[:40]])) == 40
        assert sorted(row) == sorted(before)
        rest = ~np.isin(before, row[:40])
        assert row[40:].tolist() == before[rest].tolist()


def test_without_it_nothing_changes():
    state, _ = made()
    same = plain(state)
    order = same.final_ranking()
    assert (same.one_each(order, 40) == order).all()
    assert same.free.all() and same.space.distinct() == 300


def test_a_budget_is_measured_by_classes():
    state, kinds = made()
    size = len(np.unique(kinds))
    check_budget(state.predictor, state.prior, size - 10, 10)
    with pytest.raises(InputError, match=f"must be at most {size}, the size of tiny"):
        check_budget(state.predictor, state.prior, size - 10, 11)


@pytest.mark.parametrize(
    "words",
    [
        ["predictor=random"],
        ["predictor=column", "predictor.column=flops"],
        ["predictor=forest"],
        ["predictor=forest", "acquisition=half", "predictor.features=[graph,paths]"],
        pytest.param(
            [
                "predictor=siams_nsam_bts",
                "trainer=debug",
                "search.n=40",
                "acquisition.start=0.5",
                "acquisition.rounds=2",
            ],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_no_search_evaluates_one_twice(siamnas, tmp_path, words: list[str]):
    given = ["space=tiny_nb201", "space.unique=true", "search.n=20", "search.k=10", *words, "repeats=2", "logger=none"]
    assert siamnas(*given, f"out={tmp_path}").code == 0
    (result,) = tmp_path.rglob("result.npz")
    kinds = (space := make("tiny_nb201").space).classes
    with np.load(result) as arrays:
        for row in arrays["evaluated"]:
            assert len(set(kinds[row])) == len(row)
        assert not np.isnan(arrays["topk"][:, :10]).any()
    assert len(np.unique(kinds)) < len(space)
