"""The baselines that train nothing: random and column."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.predictors.column import Column
from siamnas.predictors.random import Random
from siamnas.spaces.benchmark import Benchmark
from tests.support import searched, tiny_benchmark

PRICED = tuple(f"proxy_loss_{epoch}" for epoch in range(1, 51))


def by_chance(benchmark: Benchmark, seeds: range):
    return searched(Random(benchmark.space, seeds, {}), benchmark)


def column(benchmark: Benchmark, repeats: int, name: str, order: str) -> Column:
    return Column(benchmark.space, range(repeats), {}, PRICED, name, order)


def test_random_is_the_best_of_n_plus_k():
    benchmark = tiny_benchmark(80)
    label, result = benchmark.measured.label, by_chance(benchmark, range(6))
    for r in range(6):
        evaluated = result["evaluated"][r]
        assert len(set(evaluated)) == len(evaluated) == 40
        assert label[result["chosen"][r]].tolist() == [label[evaluated[: i + 1]].max() for i in range(40)]
    assert (result["codes"] == 0).all()


def test_random_repeats_are_independent_of_their_neighbours():
    benchmark = tiny_benchmark(80)
    many, one = by_chance(benchmark, range(5)), by_chance(benchmark, range(3, 4))
    for name in ("evaluated", "best", "spearman"):
        assert (many[name][3] == one[name][0]).all()
    assert len({tuple(row) for row in many["evaluated"].tolist()}) == 5


@pytest.mark.parametrize(("order", "sign"), [("descending", -1), ("ascending", 1)])
def test_column_ranks_and_spends_nothing(order, sign):
    benchmark = tiny_benchmark(60)
    result = searched(column(benchmark, 2, "params", order), benchmark)
    params = sign * benchmark.space.columns["params"]
    for ranked in result["evaluated"]:
        assert (params[ranked] == np.sort(params)[:40]).all()
    assert (result["evaluated"][0] != result["evaluated"][1]).any(), "architectures of equal value are in random order"
    assert (result["codes"] == 0).all() and (result["code_seconds"] == 0).all()


def test_a_measured_column_is_paid_for_as_codes_of_the_whole_space():
    benchmark = tiny_benchmark(60, uncoded=6)
    result = searched(column(benchmark, 2, "proxy_loss_3", "ascending"), benchmark)
    measured = benchmark.measured
    losses = measured.columns["proxy_loss_3"]
    assert (losses[result["evaluated"]] == np.sort(losses)[:40]).all()
    assert (result["codes"] == 54).all()
    np.testing.assert_allclose(result["code_seconds"], np.nansum(measured.column_seconds["proxy_loss_3"]))


def test_architectures_without_a_value_come_last():
    benchmark = tiny_benchmark(60, uncoded=6)
    for order in ("descending", "ascending"):
        result = searched(column(benchmark, 1, "proxy_loss_3", order), benchmark, depth=60)
        assert np.isnan(benchmark.measured.columns["proxy_loss_3"][result["evaluated"][0, -6:]]).all()


def test_an_unknown_column_lists_the_columns():
    benchmark = tiny_benchmark(10)
    message = r"predictor\.column=flop: no column flop \(did you mean flops.*choose one of flops, params, proxy_loss_1"
    with pytest.raises(InputError, match=message + r"\.\.50$"):
        column(benchmark, 1, "flop", "descending")


@pytest.mark.parametrize("name", ["test_200_mean", "valid_12_run0", "test_200_runs", "train_seconds_200"])
def test_what_only_a_query_may_see_is_refused(name):
    with pytest.raises(InputError, match=f"predictor.column={name}: {name} is known only after a training"):
        column(tiny_benchmark(10), 1, name, "descending")


def test_an_unknown_order_is_refused(make_job):
    with pytest.raises(InputError, match=r"predictor\.order=up: must be descending or ascending"):
        make_job("predictor=column", "predictor.order=up")
