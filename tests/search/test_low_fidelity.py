"""Active search that begins with a low fidelity."""

import numpy as np
import pytest

from siamnas.acquisition import initial_design
from siamnas.acquisition.ucb import UpperConfidenceBound
from siamnas.benchmarks.measurements import Fidelity
from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.oracle.table import TableOracle
from siamnas.predictors.gaussian import evidence
from siamnas.predictors.gp import GaussianProcess
from siamnas.search import low_fidelity as searches
from siamnas.search.active import InitialDesign
from siamnas.search.low_fidelity import LowFidelity
from tests.predictors.every import MAKERS
from tests.support import remeasured, run, tiny_benchmark

START = InitialDesign(2, "maximin", None)
PRIOR = evidence.Prior(scale=[0.5, 0.25], variance=[0.0, 0.25], noise=[-4.0, 1.0])


def benchmark_with_fidelity(size=120):
    benchmark = tiny_benchmark(size)
    measured = benchmark.measured
    fidelity = Fidelity(measured.label - 0.1, measured.train_seconds / 10)
    return remeasured(benchmark, early={"early": fidelity})


def gp(benchmark, seeds, steps=0):
    return GaussianProcess(benchmark.space, seeds, {}, ["graph", "paths", "onehot"], [], "ranks", 5, steps, PRIOR)


def low_fidelity(benchmark, seeds=range(2), predictor=None, n=12, steps=0, **fidelity):
    oracle, metric = TableOracle(benchmark, len(seeds)), benchmark.measured.metric
    predictor = predictor or gp(benchmark, seeds, steps)
    fidelity = searches.Fidelity(**{"name": "early", "count": 20, "maximise": True} | fidelity)
    acquisition = UpperConfidenceBound(2, 1.0)
    return LowFidelity(predictor, acquisition, oracle, metric, n, START, 1, "label", fidelity), oracle


def test_a_low_fidelity_has_a_cost_but_is_no_evaluation():
    benchmark = benchmark_with_fidelity()
    search, oracle = low_fidelity(benchmark)
    found = evaluate(run(search, oracle), oracle, benchmark)
    cost, seconds = oracle.cost(), benchmark.measured.early["early"].seconds
    assert cost.queries.tolist() == [12, 12] and cost.codes.tolist() == [20, 20]
    expected = [seconds[row].sum() for row in initial_design.maximin(low_fidelity(benchmark)[0].state, 20)]
    np.testing.assert_allclose(cost.code_seconds, expected)
    np.testing.assert_allclose(found["spent_seconds"], found["query_seconds"] + np.array(expected)[:, None])


def test_it_begins_with_the_top_of_what_the_low_fidelity_predicts():
    benchmark = benchmark_with_fidelity()
    first, worst = (low_fidelity(benchmark, range(8), maximise=maximise)[0].ask() for maximise in (True, False))
    label = benchmark.measured.label
    assert label[first].mean() > np.quantile(label, 0.9) > np.quantile(label, 0.3) > label[worst].mean()


@pytest.mark.parametrize("steps", [0, 3])
def test_a_repeat_does_not_depend_on_its_neighbours(steps):
    benchmark = benchmark_with_fidelity()
    together = run(*low_fidelity(benchmark, range(3), steps=steps)).evaluations
    for i in range(3):
        np.testing.assert_array_equal(
            run(*low_fidelity(benchmark, range(i, i + 1), steps=steps)).evaluations[0], together[i]
        )


def test_what_is_measured_further_costs_the_difference():
    benchmark = tiny_benchmark(30)
    oracle, measured = TableOracle(benchmark, 1), benchmark.measured
    archs = np.array([[4, 7]])
    oracle.fidelity("proxy_loss_3", archs)
    np.testing.assert_array_equal(oracle.fidelity("proxy_loss_9", archs), measured.columns["proxy_loss_9"][archs])
    oracle.fidelity("proxy_loss_2", archs)
    np.testing.assert_allclose(oracle.cost().code_seconds, measured.column_seconds["proxy_loss_9"][archs].sum())
    assert oracle.cost().codes.tolist() == [2]


def test_bad_input():
    benchmark = benchmark_with_fidelity()
    with pytest.raises(
        InputError, match=r"search.fidelity.name=valid_12: must be one of the low fidelities of this oracle: early"
    ):
        low_fidelity(benchmark, name="valid_12")
    with pytest.raises(InputError, match=r"search.fidelity.count=121: must be at most 120"):
        low_fidelity(benchmark, count=121)
    forest = MAKERS["forest"](benchmark.space, range(2), TableOracle(benchmark, 2))
    with pytest.raises(InputError, match="search=low_fidelity: Regressor takes no low fidelities; choose predictor=gp"):
        low_fidelity(benchmark, predictor=forest)
