"""Active search with a cheap first low fidelity."""

import numpy as np
import pytest

from siamnas.acquisition import initial_design as starts
from siamnas.acquisition.ucb import UpperConfidenceBound
from siamnas.benchmarks.measurements import Fidelity
from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.oracle.table import TableOracle
from siamnas.predictors.gp import GaussianProcess
from siamnas.search.low_fidelity import LowFidelity
from tests.predictors.every import MAKERS
from tests.support import remeasured, run, tiny_benchmark

START = {"count": 2, "kind": "maximin", "column": None}
PRIOR = {"scale": [0.5, 0.25], "variance": [0.0, 0.25], "noise": [-4.0, 1.0]}


def benchmark_with_rung(size=120):
    benchmark = tiny_benchmark(size)
    measured = benchmark.measured
    fidelity = Fidelity(measured.label - 0.1, measured.train_seconds / 10)
    return remeasured(benchmark, early={"early": fidelity})


def gp(benchmark, seeds, steps=0):
    return GaussianProcess(benchmark.space, seeds, {}, ["graph", "paths", "onehot"], [], "ranks", 5, steps, PRIOR)


def fidelities(benchmark, seeds=range(2), predictor=None, n=12, steps=0, **fidelity):
    oracle = TableOracle(benchmark, len(seeds))
    predictor = predictor or gp(benchmark, seeds, steps)
    fidelity = {"name": "early", "count": 20, "maximise": True} | fidelity
    rule = UpperConfidenceBound(2, 1.0)
    return LowFidelity(predictor, rule, oracle, benchmark.measured.metric, n, START, 1, "label", fidelity), oracle


def test_a_rung_is_paid_for_but_is_no_evaluation():
    benchmark = benchmark_with_rung()
    search, oracle = fidelities(benchmark)
    found = evaluate(run(search, oracle), oracle, benchmark)
    cost, seconds = oracle.cost(), benchmark.measured.early["early"].seconds
    assert cost.queries.tolist() == [12, 12] and cost.codes.tolist() == [20, 20]
    expected = [seconds[row].sum() for row in starts.maximin(fidelities(benchmark)[0].state, 20)]
    np.testing.assert_allclose(cost.code_seconds, expected)
    np.testing.assert_allclose(found["spent_seconds"], found["query_seconds"] + np.array(expected)[:, None])


def test_it_begins_with_the_top_of_what_the_rung_predicts():
    benchmark = benchmark_with_rung()
    first, worst = (fidelities(benchmark, range(8), maximise=maximise)[0].ask() for maximise in (True, False))
    label = benchmark.measured.label
    assert label[first].mean() > np.quantile(label, 0.9) > np.quantile(label, 0.3) > label[worst].mean()


@pytest.mark.parametrize("steps", [0, 3])
def test_a_repeat_does_not_depend_on_its_neighbours(steps):
    benchmark = benchmark_with_rung()
    together = run(*fidelities(benchmark, range(3), steps=steps)).evaluations
    for i in range(3):
        np.testing.assert_array_equal(
            run(*fidelities(benchmark, range(i, i + 1), steps=steps)).evaluations[0], together[i]
        )


def test_what_is_looked_at_further_costs_the_difference():
    benchmark = tiny_benchmark(30)
    oracle, measured = TableOracle(benchmark, 1), benchmark.measured
    archs = np.array([[4, 7]])
    oracle.fidelity("proxy_loss_3", archs)
    np.testing.assert_array_equal(oracle.fidelity("proxy_loss_9", archs), measured.columns["proxy_loss_9"][archs])
    oracle.fidelity("proxy_loss_2", archs)
    np.testing.assert_allclose(oracle.cost().code_seconds, measured.column_seconds["proxy_loss_9"][archs].sum())
    assert oracle.cost().codes.tolist() == [2]


def test_bad_input():
    benchmark = benchmark_with_rung()
    with pytest.raises(
        InputError, match=r"search.fidelity.name=valid_12: must be one of the low fidelities of this oracle: early"
    ):
        fidelities(benchmark, name="valid_12")
    with pytest.raises(InputError, match=r"search.fidelity.count=121: must be at most 120"):
        fidelities(benchmark, count=121)
    forest = MAKERS["forest"](benchmark.space, range(2), TableOracle(benchmark, 2))
    with pytest.raises(InputError, match="search=low_fidelity: Regressor takes no low fidelities; choose predictor=gp"):
        fidelities(benchmark, predictor=forest)
