"""The expected gain of hypervolume of several objectives, and the probability that limits are kept."""

import math

import moocore
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.acquisition.ehvi import log_gain as gain_of_known_cost
from siamnas.acquisition.ei import ExpectedImprovement
from siamnas.acquisition.several import SeveralObjectives, level_of, log_gain
from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.objectives import objectives
from siamnas.benchmarks.pareto import by_rank, growing_share, nondominated
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from tests.predictors.every import MAKERS
from tests.support import tiny_benchmark

MEMORY = objectives({"worth": "max"}, ["memory<=0.5"])


def volume(points: np.ndarray, reference: np.ndarray) -> float:
    """What points dominate above a reference."""
    return moocore.hypervolume(points, ref=reference, maximise=True) if len(points) else 0.0


@pytest.mark.parametrize("aims", [2, 3])
def test_the_gain_is_that_of_monte_carlo(aims: int):
    rng = np.random.default_rng(aims)
    points, reference = rng.normal(size=(9, aims)), np.full(aims, -1.5)
    mean, spread = rng.normal(size=(aims, 6)), rng.uniform(0.1, 1.5, size=(aims, 6))
    before, found = volume(points, reference), np.exp(log_gain(mean, spread, points, reference))
    for own, deviation, gain in zip(mean.T, spread.T, found, strict=True):
        draws = own + deviation * rng.standard_normal((3000, aims))
        gains = [volume(np.vstack([points, draw]), reference) - before for draw in draws]
        assert gain == pytest.approx(np.mean(gains), abs=5 * np.std(gains) / len(draws) ** 0.5 + 1e-4)


@given(st.integers(2, 3), st.integers(0, 12), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_without_spread_the_gain_is_the_hypervolume_that_is_added(aims: int, count: int, seed: int):
    rng = np.random.default_rng(seed)
    points, reference = rng.integers(-3, 4, size=(count, aims)).astype(float), np.full(aims, -2.5)
    mean = rng.integers(-3, 4, size=(aims, 20)).astype(float)
    found = np.exp(log_gain(mean, np.full(mean.shape, 1e-9), points, reference))
    before = volume(points, reference)
    added = [volume(np.vstack([points, own]), reference) - before for own in mean.T]
    np.testing.assert_allclose(found, added, atol=1e-6)


def test_a_known_second_objective_has_the_gain_of_ehvi():
    rng = np.random.default_rng(0)
    cost, score, spread = rng.uniform(size=50), rng.normal(size=50), rng.uniform(0.1, 1, size=50)
    told = rng.permutation(50)[:8]
    end, floor = cost.max() + 1e-3 * np.ptp(cost), np.median(score[told])
    mean, both = np.stack([score, -cost]), np.stack([spread, np.full(50, 1e-9)])
    found = np.exp(log_gain(mean, both, mean[:, told].T, np.array([floor, -end])))
    known = np.exp(gain_of_known_cost(cost, score, spread, cost[told], score[told]))
    np.testing.assert_allclose(found, known, rtol=1e-4, atol=1e-9)


def state(labels: list[list[float]], pending: list[int] = ()) -> tuple[State, np.ndarray, np.ndarray]:
    """A search on 40 architectures that was told of the first ones; its scores and spreads."""
    benchmark = tiny_benchmark(40)
    oracle = TableOracle(benchmark, len(labels))
    made = State(MAKERS["gp"](benchmark.space, range(len(labels)), oracle), oracle, Metric("value", True, unit=""))
    made.resume(np.arange(len(labels[0]))[None], np.array(labels), np.array([list(pending)], dtype=np.int64))
    made.fit(1.0, len(labels[0]))
    every = np.arange(40)
    return made, made.predictor.score(every), made.predictor.spread_after(every, made.pending)


def test_one_objective_with_a_limit_that_all_keep_by_far_is_expected_improvement():
    now, score, spread = state([[0.1, 0.5, 0.3, 0.7, math.nan], [-0.1, -0.2, -0.3, -0.2, math.nan]])
    far = objectives({"worth": "max"}, ["memory<=1e6"])
    found = SeveralObjectives(far).worth(now, score, spread)
    np.testing.assert_allclose(found[0], ExpectedImprovement(2).worth(now, score[:1], spread[:1])[0], atol=1e-9)


def test_before_anything_keeps_the_limit_the_most_probable_is_chosen():
    now, score, spread = state([[0.9, 0.5, 0.3, 0.7], [-0.9, -0.7, -0.8, -0.6]])  # memory is to be small
    found = SeveralObjectives(MEMORY).worth(now, score, spread)
    level = level_of(-0.5, now.labels[1], score[1, :4])
    np.testing.assert_array_equal(np.argsort(found[0]), np.argsort((score[1] - level) / spread[1]))
    assert level > score[1, :4].max(), "more is needed than any has"


def test_what_breaks_the_limit_is_not_the_best():
    now, score, spread = state([[0.99, 0.5, 0.3, 0.7], [-0.9, -0.1, -0.2, -0.2]])
    alone = objectives({"worth": "max"}, ["memory<=1e6"])
    limited, free = (SeveralObjectives(own).worth(now, score, spread)[0] for own in (MEMORY, alone))
    assert limited[[1, 2, 3]].max() > free[[1, 2, 3]].max() - 1, "the improvement is that on what keeps it"
    assert limited[0] < free[0]


def test_pending_ones_are_on_the_front():
    values = [[0.1, 0.5, 0.3, 0.7], [0.9, 0.3, 0.8, 0.1]]
    both = objectives({"acc": "max", "ms": "max"}, [])
    now, score, spread = state(values)
    alone = SeveralObjectives(both).worth(now, score, spread)[0]
    best = int(alone[4:].argmax()) + 4
    later, score, spread = state(values, [best])
    then = SeveralObjectives(both).worth(later, score, spread)[0]
    assert then[best] < alone[best] - 1
    assert (then <= alone + 1e-9).all(), "what is pending takes its share of the gain from all"


@pytest.mark.parametrize(
    ("limit", "level"), [(2.0, 0.0), (3.0, 0.5), (1.0, -1.0), (-0.5, -2.0), (5.5, 2.0), (7.0, 3.0)]
)
def test_a_limit_is_among_the_scores_where_it_is_among_the_values(limit: float, level: float):
    assert level_of(limit, np.array([4.0, 2.0, 1.0]), np.array([0.0, 1.0, -1.0])) == pytest.approx(level)


def test_parents_keep_limits_and_are_on_the_front():
    both = objectives({"acc": "max", "ms": "min"}, ["ms<=5"])
    labels = np.array([[0.9, 0.5, 0.4, 0.99, math.nan, 0.3], [-4.0, -2.0, -3.0, -9.0, math.nan, -1.0]])
    order = SeveralObjectives(both).best_first(labels, {}).tolist()
    assert set(order[:3]) == {0, 1, 5}
    assert order[3:] == [2, 3, 4], "the dominated one, that over the limit, and the failed one"


@given(st.integers(1, 3), st.integers(0, 15), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_fronts_are_those_of_all_pairs(aims: int, count: int, seed: int):
    worth = np.random.default_rng(seed).integers(0, 4, size=(count, aims)).astype(float)
    beaten = [
        any((o >= w).all() and ((o > w).any() or p < q) for p, o in enumerate(worth)) for q, w in enumerate(worth)
    ]
    assert nondominated(worth).tolist() == [not one for one in beaten]
    order = by_rank(worth)
    assert sorted(order.tolist()) == list(range(count))
    assert nondominated(worth)[order[: nondominated(worth).sum()]].all()


def test_the_share_of_the_box_grows_to_all_of_it():
    worth = np.array([[0.0, 5.0], [math.nan, math.nan], [1.0, 0.0], [0.5, 1.0], [1.0, 5.0]])
    share = growing_share(worth)
    assert (np.diff(share) >= 0).all()
    assert share[[0, 1]].tolist() == pytest.approx([0.1 * 1.1 / 1.21] * 2)
    assert share[-1] == pytest.approx(1)
    np.testing.assert_allclose(growing_share(worth * [1e6, 1e-9]), share)
    assert growing_share(np.full((3, 2), 2.0)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("given", "limits", "message"),
    [
        ({"a": "smaller"}, [], "objectives.a='smaller': must be one of min, max, min free, max free"),
        ({"a": "min free"}, [], "one of them must be told"),
        ({"a": "min", "b": "min", "c": "min", "d": "min"}, [], "must be at most 3"),
        ({}, ["memory"], "constraints: 'memory': must be a name"),
        ({"": "min"}, [], "must be the name"),
    ],
)
def test_what_is_no_objective_is_refused(given, limits, message):
    with pytest.raises(InputError, match=message):
        objectives(given, limits)
