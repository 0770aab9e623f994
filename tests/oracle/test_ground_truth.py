"""Reported values and rank correlations."""

import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from siamnas.acquisition.ranking import rank
from siamnas.benchmarks.metric import Metric
from siamnas.oracle.ground_truth import GroundTruth, correlations, kendall
from tests.support import remeasured, tiny_benchmark


@given(seed=st.integers(0, 99), steps=st.integers(2, 30))
def test_correlations_equal_scipy(seed, steps):
    label = np.round(tiny_benchmark(30, seed=seed).measured.label * steps) / steps  # ties are common
    assume(len(np.unique(label)) > 1)
    order = rank(np.random.default_rng(seed).normal(size=(4, 30)) * 0.1 + label)
    rho, tau = correlations(order, label)
    for r in range(4):
        score = -np.argsort(order[r])
        assert rho[r] == pytest.approx(stats.spearmanr(score, label).statistic)
        assert tau[r] == pytest.approx(stats.kendalltau(score, label, variant="b").statistic)


@given(seed=st.integers(0, 999), size=st.sampled_from([2, 3, 40, 300, 70_000]), values=st.integers(2, 80_000))
@settings(max_examples=25, deadline=None)
def test_tau_is_that_of_scipy_to_the_last_bit(seed: int, size: int, values: int) -> None:
    rng = np.random.default_rng(seed)
    label = rng.integers(values, size=size) / 7
    assume(label.min() < label.max())
    order = np.array([rng.permutation(size), np.argsort(label + rng.normal(size=size)), np.argsort(label)])
    expected = [stats.kendalltau(np.argsort(row), label).statistic for row in order]
    assert kendall(order, label).tolist() == expected


def test_perfect_and_reversed_order():
    label = np.arange(10) / 10
    rho, tau = correlations(np.array([np.arange(9, -1, -1), np.arange(10)]), label)
    assert rho == pytest.approx([1, -1])
    assert tau == pytest.approx([1, -1])


def test_equal_labels_have_no_correlation():
    rho, tau = correlations(np.array([[0, 1, 2]]), np.full(3, 0.5))
    assert np.isnan(rho).all()
    assert np.isnan(tau).all()


def test_a_hundred_repeats_of_the_whole_benchmark_take_seconds():
    rng = np.random.default_rng(0)
    label = rng.normal(size=15_625)
    order = rank(rng.normal(size=(100, 15_625)).astype(np.float32) + label)
    begin = time.process_time()
    correlations(order, label)
    assert time.process_time() - begin < 5  # 0.4 s on an idle core


def test_reported_values_are_not_the_labels():
    benchmark = tiny_benchmark(20)
    archs = np.array([[3, 1], [0, 19]])
    np.testing.assert_array_equal(GroundTruth(benchmark).reported(archs), benchmark.measured.report[archs])
    assert (GroundTruth(benchmark).reported(archs) != benchmark.measured.label[archs]).any()


@pytest.mark.parametrize("maximise", [True, False])
def test_the_best_first_is_rho_1_in_the_direction_of_the_metric(maximise):
    benchmark = remeasured(tiny_benchmark(20), metric=Metric("value", maximise, ""))
    measured = benchmark.measured
    order = np.argsort(-measured.metric.sign * measured.label)[None]
    rho, tau = GroundTruth(benchmark).correlations(order)
    assert rho == pytest.approx(1) and tau == pytest.approx(1)
    assert measured.optimum == (measured.report.max() if maximise else measured.report.min())
