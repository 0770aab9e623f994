"""Best-so-far curves, regret and rank correlations."""

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from siamnas.acquire.ranking import rank
from siamnas.oracle.scores import best_so_far, correlations, regret
from tests.support import tiny_space


def coarse_labels(space, steps):
    """The same space with labels rounded to `steps` values, so that ties are common."""
    return dataclasses.replace(space, label=np.round(space.label * steps) / steps)


@given(seed=st.integers(0, 99), depth=st.integers(1, 20), steps=st.integers(1, 20), start=st.booleans())
def test_best_so_far_equals_slow_reference(seed, depth, steps, start):
    space = coarse_labels(tiny_space(cells=20, seed=seed), steps)
    rng = np.random.default_rng(seed)
    ranked = np.stack([rng.permutation(20) for _ in range(3)])[:, :depth]
    held = rng.integers(0, 20, 3) if start else None
    best, chosen = best_so_far(space, ranked, held)
    for r in range(3):
        holder = None if held is None else held[r]
        for step in range(depth):
            cell = ranked[r, step]
            if holder is None or space.label[cell] > space.label[holder]:
                holder = cell
            assert chosen[r, step] == holder
            assert best[r, step] == space.report[holder]
    assert (regret(space, best) == space.optimum - best).all()
    assert (regret(space, best) >= 0).all()


@given(seed=st.integers(0, 99), steps=st.integers(2, 30))
def test_correlations_equal_scipy(seed, steps):
    space = coarse_labels(tiny_space(cells=30, seed=seed), steps)
    assume(len(np.unique(space.label)) > 1)
    order = rank(np.random.default_rng(seed).normal(size=(4, 30)) * 0.1 + space.label)
    rho, tau = correlations(order, space.label)
    for r in range(4):
        score = -np.argsort(order[r])
        assert rho[r] == pytest.approx(stats.spearmanr(score, space.label).statistic)
        assert tau[r] == pytest.approx(stats.kendalltau(score, space.label, variant="b").statistic)


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
    begin = time.perf_counter()
    correlations(order, label)
    assert time.perf_counter() - begin < 5  # 0.4 s on an idle core
