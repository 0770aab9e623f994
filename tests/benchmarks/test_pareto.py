"""The Pareto front against its definition."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siamnas.benchmarks.pareto import front

NUMBER = st.integers(0, 6).map(float) | st.just(math.nan)


@given(st.lists(st.tuples(NUMBER, NUMBER), max_size=15))
def test_on_the_front_is_what_nothing_else_beats(points: list[tuple[float, float]]):
    known = {point for point in points if not any(map(math.isnan, point))}
    slow = sorted(
        (cost, worth)
        for cost, worth in known
        if not any(c <= cost and w >= worth and (c, w) != (cost, worth) for c, w in known)
    )
    cost, worth = np.array(points).reshape(-1, 2).T
    found = front(cost, worth)
    assert [(cost[i], worth[i]) for i in found] == slow


def test_of_equal_points_the_first_is_taken():
    assert front(np.array([2.0, 1.0, 1.0, 2.0]), np.array([5.0, 3.0, 3.0, 5.0])).tolist() == [1, 0]
