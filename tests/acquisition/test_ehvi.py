"""The expected gain of a front against Monte Carlo, and what is chosen by it."""

import math

import numpy as np
import pytest
from scipy import integrate

from siamnas.acquisition.ehvi import WIDTH, ExpectedHypervolumeImprovement, log_gain
from siamnas.acquisition.improvement import log_expected
from siamnas.acquisition.state import State
from siamnas.benchmarks.pareto import front
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.predictors.random import Random
from siamnas.search.active import Active, InitialDesign
from tests.predictors.every import MAKERS
from tests.support import run, tiny_benchmark

COST = np.array([0.0, 1.0, 2.0, 3.5, 4.0, 5.0, 5.0, math.nan])
SCORE = np.array([0.3, 1.0, -0.5, 2.0, 0.1, 2.5, 0.7, 3.0])
SPREAD = np.array([0.5, 0.8, 1.5, 0.3, 2.0, 0.6, 0.1, 1.0])
POOL_COST, POOL_SCORE = np.array([1.0, 3.0, 2.0, 4.0]), np.array([0.2, 1.1, 0.9, -1.0])


def area(points: list[tuple[float, float]], floor: float, end: float) -> float:
    """Below the staircase of some points, above a floor, up to a cost: strip by strip."""
    total, costs = 0.0, sorted({cost for cost, _ in points if cost < end})
    for begin, stop in zip(costs, [*costs[1:], end], strict=True):
        total += (stop - begin) * max(0.0, max(worth for cost, worth in points if cost <= begin) - floor)
    return total


def test_the_gain_is_that_of_monte_carlo():
    rng = np.random.default_rng(0)
    training_set, floor, end = (
        list(zip(POOL_COST, POOL_SCORE, strict=True)),
        float(np.median(POOL_SCORE)),
        5 * (1 + WIDTH),
    )
    before = area(training_set, floor, end)
    found = np.exp(log_gain(COST, SCORE, SPREAD, POOL_COST, POOL_SCORE))
    for cost, score, spread, gain in zip(COST[:-1], SCORE, SPREAD, found, strict=False):
        draws = score + spread * rng.standard_normal(4000)
        gains = [area([*training_set, (cost, draw)], floor, end) - before for draw in draws]
        assert gain == pytest.approx(np.mean(gains), abs=5 * np.std(gains) / len(draws) ** 0.5 + 1e-6)
    assert math.isnan(found[-1]), "what costs an unknown amount"


@pytest.mark.parametrize("z", [-40.0, -7.0, -6.01, -5.99, -1.0, 0.0, 3.0])
def test_the_logarithm_of_an_improvement_is_that_of_the_integral(z: float):
    found = float(log_expected(np.array(2 + 0.5 * z), np.array(0.5), 2.0))
    # Shifted so that the integrand does not vanish: t exp(-(t - z)^2 / 2) = exp(-z^2 / 2) t exp(t z - t^2 / 2).
    value, _ = integrate.quad(lambda t: t * math.exp(t * z - t * t / 2), 0, max(z, 0) + 12, limit=200)
    expected = math.log(0.5 * value / math.sqrt(2 * math.pi)) - z * z / 2
    assert found == pytest.approx(expected, abs=0.08 if z < -6 else 1e-6), "the tail is a bound"


def test_one_cost_for_all_is_expected_improvement():
    gain = log_gain(np.ones(7), SCORE[:7], SPREAD[:7], np.ones(3), np.array([0.1, 0.9, 0.4]))
    expected = log_expected(SCORE[:7], SPREAD[:7], 0.9)
    assert np.argsort(gain).tolist() == np.argsort(expected).tolist()


def test_what_has_failed_is_on_no_front():
    benchmark = tiny_benchmark(40)
    oracle = TableOracle(benchmark, 1)
    state = State(MAKERS["forest"](benchmark.space, range(1), oracle), oracle, benchmark.measured.metric)
    cost, score = benchmark.space.columns["flops"], np.linspace(0, 1, 40)[None]
    state.archs, state.labels = np.array([[5, 39, 20]]), np.array([[0.5, math.nan, 0.6]])
    worth = ExpectedHypervolumeImprovement(2, "flops").worth(state, score, np.full((1, 40), 0.1))
    told = log_gain(cost, score[0], np.full(40, 0.1), cost[[5, 20]], score[0, [5, 20]])
    np.testing.assert_array_equal(worth[0], told)


def active(benchmark, acquisition, seeds=range(6), n=40):
    oracle = TableOracle(benchmark, len(seeds))
    predictor = MAKERS["forest"](benchmark.space, seeds, oracle)
    first = InitialDesign(3, "random", None)
    return run(Active(predictor, acquisition, oracle, benchmark.measured.metric, n, first, 1, "label"), oracle)


def test_it_finds_more_of_a_front_than_chance():
    benchmark = tiny_benchmark(600, noise=0.002)
    cost, label = benchmark.space.columns["flops"], benchmark.measured.label
    evaluations = active(benchmark, ExpectedHypervolumeImprovement(2, "flops")).evaluations
    orders = Random(benchmark.space, range(6), {}).score(np.arange(600)).argsort(axis=1)[:, ::-1][:, :40]
    truth = {(cost[i], label[i]) for i in front(cost, label)}
    found, by_chance = (
        [sum((cost[i], label[i]) in truth for i in row) for row in rows] for rows in (evaluations, orders)
    )
    assert np.mean(found) > 2 * np.mean(by_chance)


@pytest.mark.parametrize("column", ["proxy_loss_3", "flop", "test_200_mean"])
def test_the_second_objective_must_be_free(column: str):
    with pytest.raises(InputError, match=rf"acquisition\.column={column}: "):
        active(tiny_benchmark(40), ExpectedHypervolumeImprovement(2, column))
