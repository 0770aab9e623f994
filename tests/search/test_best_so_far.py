"""Best-so-far curves and their regret."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from siamnas.benchmarks.metric import Metric
from siamnas.search.recommendation import best_so_far

LABELS = st.sampled_from([0.0, 0.25, 0.5, 0.75, -1.0, np.nan])  # few values: ties and failures are common


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=LABELS), st.data())
def test_best_so_far_equals_slow_reference(labels, data):
    repeats, count = labels.shape
    archs = np.array([data.draw(st.permutations(range(count))) for _ in range(repeats)])
    chosen = best_so_far(archs, labels)
    assert chosen.shape == (repeats, count)
    for r in range(repeats):
        incumbent = 0
        for step in range(count):
            value, best = labels[r, step], labels[r, incumbent]
            if not np.isnan(value) and (np.isnan(best) or value > best):
                incumbent = step
            assert chosen[r, step] == archs[r, incumbent]


@given(st.floats(-10, 10), st.floats(-10, 10), st.booleans())
def test_regret_is_the_distance_to_the_optimum_and_never_negative(optimum, value, maximise):
    metric = Metric("value", maximise, "")
    expected = (optimum - value) * metric.sign
    assert metric.regret(optimum, value) == max(expected, 0)
