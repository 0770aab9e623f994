"""Conclusions over tasks against slow, obvious computations and scipy's numbers."""

import itertools

import numpy as np
import pandas as pd
import pytest

from siamnas.referee import statistics
from siamnas.referee.noise import drawn_anew


def table(tasks: int, methods: int, seed: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).random((tasks, methods)).round(1)  # with ties
    return pd.DataFrame(values, columns=[f"m{i}" for i in range(methods)])


@pytest.mark.parametrize("seed", range(5))
def test_mean_ranks_are_counted_pair_by_pair(seed: int):
    values = table(6, 5, seed)
    ranks = statistics.ranks(values)
    for method, mean in zip(ranks.methods, ranks.means, strict=True):
        others = [other for other in values if other != method]
        better = [(values[other] < values[method]) + 0.5 * (values[other] == values[method]) for other in others]
        assert mean == pytest.approx(1 + sum(better).mean())
    assert list(ranks.means) == sorted(ranks.means)


def test_the_critical_difference_is_that_of_demsar_2006():
    # Table 5 (a): q = 2.569 for 4 methods; the example of its figure 1 has 14 data sets.
    assert statistics.critical_difference(4, 14) == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=2e-3)
    assert statistics.critical_difference(10, 30) == pytest.approx(3.164 * np.sqrt(10 * 11 / (6 * 30)), abs=2e-3)


def test_groups_are_all_maximal_sets_within_the_critical_difference():
    ranks = statistics.Ranks(list("abcdef"), np.array([1.0, 1.5, 2.4, 4.0, 4.2, 6.0]), 10, 0.0, 1.0)
    slow = {
        tuple(sorted(own)) for size in range(2, 7) for own in itertools.combinations(range(6), size)
        if np.ptp(ranks.means[list(own)]) <= ranks.critical
    }  # fmt: skip
    largest = {own for own in slow if not any(set(own) < set(other) for other in slow)}
    assert {tuple(range(first, last + 1)) for first, last in ranks.groups()} == largest


def test_the_bayesian_test_is_that_of_loops():
    differences = np.array([-0.05, -0.02, 0.0, 0.004, -0.3, 0.02])
    rng = np.random.default_rng(1)
    points, counts = [0.0, *differences], np.zeros(3)
    for _ in range(1500):
        weights, sums = rng.dirichlet([statistics.STRENGTH, *np.ones(6)]), np.zeros(3)
        for (a, x), (b, y) in itertools.product(zip(weights, points, strict=True), repeat=2):
            middle = (x + y) / 2
            sums[0 if middle < -0.01 else 2 if middle > 0.01 else 1] += a * b
        counts[sums.argmax()] += 1
    assert statistics.signed_rank(differences) == pytest.approx(counts / counts.sum(), abs=0.04)


def test_the_bayesian_test_knows_clear_cases():
    assert statistics.signed_rank(np.full(10, -0.2))[0] > 0.99
    assert statistics.signed_rank(np.full(10, 0.2))[2] > 0.99
    assert statistics.signed_rank(np.full(10, 0.001))[1] > 0.99


def test_pairs_turn_around_and_their_intervals_hold_the_difference():
    values = table(8, 3, 0)
    pairs = statistics.pairs(values, "m2").set_index("method")
    other = statistics.pairs(values, "m0").set_index("method")
    assert pairs.loc["m0", "difference"] == pytest.approx(-other.loc["m2", "difference"])
    assert pairs.loc["m0", "better"] == pytest.approx(other.loc["m2", "worse"], abs=0.01)
    assert (pairs["low"] <= pairs["difference"]).all() and (pairs["difference"] <= pairs["high"]).all()
    assert len(statistics.pairs(values)) == 3


def test_tasks_of_one_family_count_once():
    values = pd.DataFrame({"a": [0.0, 0.0, 0.9, 0.5], "b": [0.2, 0.2, 0.4, 0.5]})
    row = statistics.pairs(values, "b", ["x", "x", "y", "z"]).iloc[0]
    assert (row["tasks"], row["families"], row["families_better"]) == (4, 3, 1)


def test_noise_is_that_of_the_real_labels_and_another_for_every_seed():
    rng = np.random.default_rng(0)
    report = rng.random(3000)
    label = report + 0.3 * report * rng.normal(size=3000)  # more noise where it is better
    one, two = (drawn_anew(label, report, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.array_equal(one, drawn_anew(label, report, np.random.default_rng(1)))
    assert abs(np.corrcoef(one - report, two - report)[0, 1]) < 0.1
    for part in (report < 0.3, report > 0.7):
        assert np.std((one - report)[part]) == pytest.approx(np.std((label - report)[part]), rel=0.1)
