"""Any predictor takes any acquisition function."""

import numpy as np
import pytest

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.acquisition.half import HalfAndHalf
from siamnas.acquisition.random import Random
from siamnas.acquisition.top import Top
from siamnas.oracle.table import TableOracle
from siamnas.search.active import Active, InitialDesign
from tests.predictors.every import MAKERS
from tests.support import run, tiny_benchmark, tiny_search

ACQUISITIONS = {
    "random": Random,
    "top": lambda: Top(4),
    "half": lambda: HalfAndHalf(4),
    "bts": lambda: BatchTopSampler(0.3, 3, 10, "even", [0.2, 0.7], 0.3),
}
N, CODES = 19, 3


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("name", MAKERS)
def test_the_training_set_has_its_size_and_all_in_it_differ(name, acquisition):
    benchmark = tiny_benchmark(90, uncoded=5)
    oracle = TableOracle(benchmark, 2)
    predictor = MAKERS[name](benchmark.space, range(2), oracle)
    search, _ = tiny_search(predictor, benchmark, ACQUISITIONS[acquisition](), oracle, n=N, depth=10)
    asked = []
    found = run(search, oracle, asked.append)
    training_set, size = found.state.archs, N - predictor.closing if predictor.learns else 0
    assert training_set.shape == (2, size)
    assert all(len(set(row)) == size for row in training_set.tolist())
    assert benchmark.measured.coded[training_set].all(), "what is known to have no code is not learnt from"
    np.testing.assert_array_equal(
        np.concatenate(asked[: -1 - predictor.closing] or [training_set], axis=1), training_set
    )
    assert all(len(set(row)) == N + 10 for row in found.evaluated[0].tolist()), "N + K different ones are evaluated"
    closing = max(predictor.closing - 1, 0)  # a repeat may look at more than it needs while another has some left
    assert oracle.cost().queries.min() == N + 10 and oracle.cost().queries.max() <= N + 10 + closing
    assert all(sorted(row) == list(range(90)) for row in found.order.tolist())
    if not predictor.surveys and not predictor.coded:
        assert oracle.cost().codes.tolist() == [0, 0]


@pytest.mark.parametrize("name", [name for name in MAKERS if "column" not in name])
def test_every_predictor_can_be_searched_with_actively(name):
    benchmark = tiny_benchmark(90, uncoded=5)
    oracle = TableOracle(benchmark, 2)
    predictor = MAKERS[name](benchmark.space, range(2), oracle)
    first = InitialDesign(7, "random", None)
    search = Active(predictor, Top(2), oracle, benchmark.measured.metric, 15, first, batch=3, recommend="label")
    found = run(search, oracle)
    assert [len(set(row)) for row in found.evaluated[0].tolist()] == [15, 15]
    assert oracle.cost().queries.tolist() == [15, 15]


@pytest.mark.parametrize("acquisition", ["top", "half", "bts"])
def test_one_that_ranks_finds_better_training_sets_than_chance(acquisition):
    benchmark = tiny_benchmark(300)
    mean = {}
    for name in ("random", acquisition):
        oracle = TableOracle(benchmark, 4)
        predictor = MAKERS["forest"](benchmark.space, range(4), oracle)
        search, _ = tiny_search(predictor, benchmark, ACQUISITIONS[name](), oracle, n=40)
        mean[name] = benchmark.measured.label[run(search, oracle).state.archs[:, 20:]].mean()
    assert mean[acquisition] > mean["random"] + 0.02
