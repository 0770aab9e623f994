"""What stands beside a verdict: intervals that hold for a whole family at once, and never say something else."""

import itertools

import numpy as np
import pandas as pd
import pytest

from siamnas.report.compare import paired
from siamnas.report.compare.tests import reach
from tests.report.support import C100, collection, repeats

REFERENCES = {C100.name: "zero"}


def compared(effects: list[float], count: int, seed: int) -> pd.DataFrame:
    """Methods that are better than the reference by some effects, in as many repeats."""
    rng = np.random.default_rng(seed)
    zero = rng.normal(0.7, 0.01, count)
    others = [repeats(f"m{i}", zero + effect + rng.normal(0, 0.01, count)) for i, effect in enumerate(effects)]
    return paired.compare(collection([repeats("zero", zero), *others]), REFERENCES)


@pytest.mark.parametrize("count", [3, 6, 12])
def test_no_interval_contradicts_its_verdict(count: int):
    seen = set()
    for seed in range(30):
        tests = compared([0.0, 0.003, 0.006, 0.01, -0.01], count, seed)
        for row in tests.itertuples():
            assert row.family_low <= row.difference <= row.family_high
            assert row.verdict != paired.LEVEL or row.family_low <= 0 <= row.family_high
            assert row.verdict != paired.AHEAD or row.family_low >= 0
            assert row.verdict != paired.BEHIND or row.family_high <= 0
            seen.add((row.verdict, row.low > 0 or row.high < 0))
    assert (paired.LEVEL, True) in seen, "the interval of a row alone may exclude 0, which this is about"


def test_all_intervals_of_a_family_hold_at_once():
    effects = [0.0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.01, -0.01]
    missed = alone = 0
    for seed in range(60):
        tests = compared(effects, 12, seed)
        missed += not (tests["family_low"].le(effects) & tests["family_high"].ge(effects)).all()
        alone += not (tests["low"].le(effects) & tests["high"].ge(effects)).all()
    assert missed <= 8 < alone, "at most one in twenty, with room for chance"


def test_the_reach_is_that_of_a_t_interval():
    from scipy import stats

    values = np.random.default_rng(0).normal(size=12)
    low, high = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert (high - low) / 2 == pytest.approx(reach(values.std(ddof=1), 12))
    assert reach(1.0, 12, family=5) == pytest.approx(stats.t.ppf(1 - 0.005, 11) / 12**0.5)
    np.testing.assert_array_equal(reach(np.array([0.0, 3.0]), np.array([1, 1])), 0)


def test_all_pairs_are_one_family():
    rng = np.random.default_rng(2)
    tidy = [
        repeats(name, rng.normal(0.7 + by, 0.01, 30)) for name, by in (("a", 0), ("b", 0.01), ("c", 0.03), ("d", 0))
    ]
    pairs = paired.compare(collection(tidy), None)
    assert list(zip(pairs["method"], pairs["reference"], strict=True)) == list(itertools.combinations("abcd", 2))
    np.testing.assert_allclose(pairs["holm_p"], paired.holm(pairs["p"].to_numpy()))
    against = paired.compare(collection(tidy), {C100.name: "d"}).set_index("method")
    both = pairs[pairs["reference"] == "d"].set_index("method")
    for column in ("difference", "low", "high", "p"):
        np.testing.assert_array_equal(both[column], against[column])
    assert (both["holm_p"] >= against["holm_p"]).all(), "six tests instead of three"
