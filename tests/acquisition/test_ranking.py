"""Scores -> order, against slow, obvious references."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from siamnas.acquisition.ranking import rank, rerank, to_back
from siamnas.seeding import streams

SCORES = st.sampled_from([0.0, -0.0, 0.25, 1.0, -3.0, np.nan])  # few values: ties and NaN are common


def matrices(columns):
    return hnp.arrays(np.float64, st.tuples(st.integers(1, 4), columns), elements=SCORES)


@given(matrices(st.integers(1, 12)))
def test_rank_equals_slow_sort(coarse):
    for row, order in zip(coarse, rank(coarse), strict=True):
        scored = [i for i in range(len(row)) if not np.isnan(row[i])]
        without = [i for i in range(len(row)) if np.isnan(row[i])]
        assert order.tolist() == sorted(scored, key=lambda i: (-row[i], i)) + without


@given(matrices(st.integers(1, 12)), st.integers(0, 99))
def test_ties_change_the_order_of_equal_scores_only(coarse, seed):
    coarse = coarse + 0.0  # -0.0 -> 0.0
    drawn = rank(coarse, streams(range(seed, seed + len(coarse)), "ties"))
    for row, order, plain in zip(coarse, drawn, rank(coarse), strict=True):
        assert sorted(order) == sorted(plain)
        assert np.array_equal(row[order], row[plain], equal_nan=True)


def test_equal_scores_are_in_every_order_as_often():
    first = rank(np.array([[1.0, 2.0, 1.0, np.nan, 2.0]] * 2000), streams(range(2000), "ties"))
    assert set(map(tuple, first[:, :2].tolist())) == {(1, 4), (4, 1)}
    assert set(map(tuple, first[:, 2:4].tolist())) == {(0, 2), (2, 0)}
    assert (first[:, 4] == 3).all()
    assert abs((first[:, 0] == 1).mean() - 0.5) < 0.05


@given(matrices(st.integers(1, 12)), st.randoms())
def test_rerank_equals_slow_reference(fine, random):
    repeats, top = fine.shape
    archs = top + 3
    order = np.array([random.sample(range(archs), archs) for _ in range(repeats)])
    before = order.copy()
    result = rerank(order, fine)
    assert (order == before).all()
    for row, scores, new in zip(order, fine, result, strict=True):
        scored = [i for i in range(top) if not np.isnan(scores[i])]
        queue = iter(sorted(scored, key=lambda i: (-scores[i], i)))
        expected = [row[next(queue)] if i in scored else row[i] for i in range(top)] + row[top:].tolist()
        assert new.tolist() == expected


@given(st.integers(1, 9), st.data())
def test_to_back_keeps_both_orders(archs, data):
    order = np.array([data.draw(st.permutations(range(archs)))])
    moved = data.draw(st.lists(st.integers(0, archs - 1), unique=True))
    result = to_back(order, np.array([moved], dtype=np.int64))[0].tolist()
    row = order[0].tolist()
    assert result == [i for i in row if i not in moved] + [i for i in row if i in moved]
