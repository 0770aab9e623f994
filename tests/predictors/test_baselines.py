"""The baselines that train nothing: random and column."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.oracle.table import Oracle
from siamnas.predictors.column import Column, abbreviated
from siamnas.predictors.random import Random
from siamnas.progress import no_report
from siamnas.search.topk import TopK
from tests.support import tiny_space


def run(predictor, pool="keep", n=10, k=5, depth=30):
    oracle = Oracle(predictor.space, len(predictor.identities))
    return TopK(n, k, 20, depth, pool).run(predictor, oracle, no_report)


@pytest.mark.parametrize("pool", ["keep", "start"])
def test_random_is_the_best_of_n_plus_k(pool):
    space = tiny_space(cells=80)
    result = run(Random(space, range(6), {}), pool)
    steps = np.arange(30)
    assert (result["queries"] == 10 + steps).all()
    for r in range(6):
        assert space.label[result["ranked"][r, 0]] == space.label[result["pool"][r]].max()
        paid = np.concatenate([result["pool"][r], result["ranked"][r, 1:]])
        assert len(set(paid)) == len(paid)
        best = [space.label[paid[: 10 + step]].max() for step in steps]
        assert (space.label[result["chosen"][r]] == best).all()
    assert (result["codes"] == 0).all()


def test_random_with_the_pool_excluded_is_the_best_of_k():
    result = run(Random(tiny_space(cells=80), range(3), {}), "exclude")
    assert (result["queries"] == 11 + np.arange(30)).all()


def test_random_repeats_are_independent_of_their_neighbours():
    space = tiny_space(cells=80)
    many, one = run(Random(space, range(5), {})), run(Random(space, range(3, 4), {}))
    for name in ("pool", "ranked", "best", "spearman"):
        assert (many[name][3] == one[name][0]).all()
    assert len({tuple(row) for row in many["ranked"].tolist()}) == 5


def test_random_uses_a_pool_that_exists():
    space = tiny_space(cells=80)
    oracle = Oracle(space, 2)
    oracle.query(np.array([[1, 2, 3], [4, 5, 6]]))
    Random(space, range(2), {}).fit(oracle, 8, no_report)
    assert oracle.pool.shape == (2, 8)
    assert oracle.pool[:, :3].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_score_before_fit_is_an_error():
    with pytest.raises(RuntimeError, match="fit comes before score"):
        Random(tiny_space(cells=10), range(1), {}).score(np.arange(3))


@pytest.mark.parametrize(("order", "sign"), [("descending", -1), ("ascending", 1)])
def test_column_ranks_and_spends_nothing(order, sign):
    space = tiny_space(cells=60)
    result = run(Column(space, range(2), {}, "params", order))
    params = sign * space.columns["params"]
    for ranked in result["ranked"]:
        assert (params[ranked] == np.sort(params)[:30]).all()
    assert (result["ranked"][0] != result["ranked"][1]).any(), "cells of equal value are in random order"
    assert (result["queries"] == 1 + np.arange(30)).all()
    assert result["pool"].shape == (2, 0)


def test_cells_without_a_value_come_last():
    space = tiny_space(cells=60, uncoded=6)
    for order in ("descending", "ascending"):
        result = run(Column(space, range(1), {}, "proxy_loss_3", order), depth=60)
        assert np.isnan(space.columns["proxy_loss_3"][result["ranked"][0, -6:]]).all()


def test_start_of_an_empty_pool_is_the_first_of_the_ranking():
    result = run(Column(tiny_space(cells=60), range(1), {}, "flops", "descending"), "start")
    assert (result["chosen"][:, 0] == result["ranked"][:, 0]).all()


def test_unknown_column_lists_the_columns():
    message = r"predictor\.column=flop: tiny has no such column; choose one of flops, params, proxy_loss_1\.\.50, "
    with pytest.raises(InputError, match=message):
        Column(tiny_space(cells=10), range(1), {}, "flop", "descending")
    with pytest.raises(InputError, match=r"predictor\.order=up: choose one of descending, ascending"):
        Column(tiny_space(cells=10), range(1), {}, "flops", "up")


def test_only_unbroken_runs_are_abbreviated():
    names = ["a", "x_1", "x_2", "x_3", "y_1", "y_3", "y_4", "z_7"]
    assert abbreviated(names) == ["a", "x_1..3", "y_1", "y_3", "y_4", "z_7"]
