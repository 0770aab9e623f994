"""Ask and tell, as every search has them."""

import numpy as np
import pytest

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.bts import BatchTopSampler
from siamnas.acquisition.half import HalfAndHalf
from siamnas.acquisition.random import Random as AllRandom
from siamnas.acquisition.top import Top
from siamnas.oracle.table import TableOracle
from siamnas.predictors.random import Random
from siamnas.predictors.regressor import Regressor
from tests.support import run, searched, tiny_benchmark, tiny_search

FOREST = {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 3}


def acquisitions() -> dict[str, Acquisition]:
    """Fresh ones: each belongs to one search."""
    return {
        "random": AllRandom(),
        "top": Top(3),
        "half": HalfAndHalf(3),
        "bts": BatchTopSampler(0.3, 4, 10, "published", [0.2, 0.7], 0.3),
    }


def forest(space, seeds):
    return Regressor(space, seeds, {}, 3, ["encoding"], [], False, FOREST)


def test_the_outcome_is_there_at_the_end_only():
    benchmark = tiny_benchmark(60)
    search, oracle = tiny_search(forest(benchmark.space, range(2)), benchmark)
    while (archs := search.ask()) is not None:
        with pytest.raises(RuntimeError, match="has not ended"):
            _ = search.order
        search.tell(archs, oracle.query(archs))
    assert search.order.shape == (2, 60)


def test_tell_before_ask_and_after_the_end_is_refused():
    benchmark = tiny_benchmark(60)
    search, oracle = tiny_search(forest(benchmark.space, range(2)), benchmark)
    with pytest.raises(ValueError, match="tell comes after ask"):
        search.tell(np.zeros((2, 10), int), np.zeros((2, 10)))
    archs = search.ask()
    search.tell(archs, oracle.query(archs))
    with pytest.raises(ValueError, match="tell comes after ask"):
        search.tell(archs, oracle.query(archs))
    run(search, oracle)
    with pytest.raises(ValueError, match="tell comes after ask"):
        search.tell(archs, oracle.query(archs))


@pytest.mark.parametrize("shape", [(2, 9), (1, 10), (10,), (2, 10, 1)])
def test_a_wrong_shape_is_refused_and_changes_nothing(shape):
    benchmark = tiny_benchmark(60)
    search, oracle = tiny_search(forest(benchmark.space, range(2)), benchmark)
    archs = search.ask()
    values = oracle.query(archs)
    for wrong in ((np.zeros(shape, int), values), (archs, np.zeros(shape))):
        with pytest.raises(ValueError, match=r"\(2, 10\) values were asked for"):
            search.tell(*wrong)
    assert search.ask() is archs
    search.tell(archs, values)
    assert search.ask() is not archs


def test_a_space_is_not_read_before_the_first_ask():
    benchmark = tiny_benchmark(60)
    _, oracle = tiny_search(Regressor(benchmark.space, range(2), {}, 3, ["encoding"], [], True, FOREST), benchmark)
    cost = oracle.cost()
    assert cost.queries.tolist() == cost.codes.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["random", "top", "half", "bts"])
@pytest.mark.parametrize("make", [forest, lambda space, seeds: Random(space, seeds, {})])
def test_repeats_at_once_equal_each_repeat_alone(name, make):
    benchmark = tiny_benchmark(60, uncoded=4)
    many = searched(make(benchmark.space, range(7, 11)), benchmark, acquisitions()[name], n=14)
    for r, seed in enumerate(range(7, 11)):
        one = searched(make(benchmark.space, range(seed, seed + 1)), benchmark, acquisitions()[name], n=14)
        assert set(one) == set(many)
        for key in one:
            np.testing.assert_allclose(many[key][r], one[key][0], rtol=1e-12 if "seconds" in key else 0, err_msg=key)


def test_all_that_is_asked_in_one_row_differs_and_the_bill_counts_it_once():
    benchmark = tiny_benchmark(60)
    for acquisition in acquisitions().values():
        search, oracle = tiny_search(forest(benchmark.space, range(3)), benchmark, acquisition, n=20)
        seen = [set(), set(), set()]

        def watch(archs, seen=seen):
            for row, known in zip(archs.tolist(), seen, strict=True):
                assert len(set(row)) == len(row)
                known |= set(row)

        run(search, oracle, watch)
        assert oracle.cost().queries.tolist() == [len(known) for known in seen]


def test_a_search_may_be_told_of_others_than_it_asked_for():
    """A search that is followed from a record goes on from what was evaluated, whoever chose it."""
    benchmark = tiny_benchmark(60)
    search, oracle = tiny_search(forest(benchmark.space, range(1)), benchmark, Top(2), n=8)
    others = 59 - search.ask()
    search.tell(others, oracle.query(others))
    run(search, oracle)
    archs, labels = search.evaluated
    assert archs[0, :4].tolist() == others[0].tolist()
    np.testing.assert_array_equal(labels, benchmark.measured.label[archs])
    assert len(set(search.state.archs[0].tolist())) == 8


def test_a_table_oracle_can_be_asked_again_by_a_second_search():
    benchmark = tiny_benchmark(60)
    oracle = TableOracle(benchmark, 1)
    for _ in range(2):
        search, _ = tiny_search(Random(benchmark.space, range(1), {}), benchmark, oracle=oracle)
        run(search, oracle)
    assert oracle.cost().queries[0] == 40, "the same architectures count once"


def test_a_search_that_evaluates_less_than_it_says_is_told_so():
    benchmark = tiny_benchmark(60)
    search, oracle = tiny_search(Random(benchmark.space, range(2), {}), benchmark)
    run(search, oracle)
    search.depth += 1
    with pytest.raises(ValueError, match="n \\+ depth = 41 different architectures, and has evaluated 40"):
        _ = search.evaluated
