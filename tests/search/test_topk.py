"""Ranking and the top-K search against slow, obvious references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from siamnas.acquire.ranking import rank, rerank, to_back
from siamnas.errors import InputError
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import no_report
from siamnas.search.topk import TopK
from siamnas.seeding import streams
from tests.support import tiny_space

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
    cells = top + 3
    order = np.array([random.sample(range(cells), cells) for _ in range(repeats)])
    before = order.copy()
    result = rerank(order, fine)
    assert (order == before).all()
    for row, scores, new in zip(order, fine, result, strict=True):
        scored = [i for i in range(top) if not np.isnan(scores[i])]
        queue = iter(sorted(scored, key=lambda i: (-scores[i], i)))
        expected = [row[next(queue)] if i in scored else row[i] for i in range(top)] + row[top:].tolist()
        assert new.tolist() == expected


@given(st.integers(1, 9), st.data())
def test_to_back_keeps_both_orders(cells, data):
    order = np.array([data.draw(st.permutations(range(cells)))])
    moved = data.draw(st.lists(st.integers(0, cells - 1), unique=True))
    result = to_back(order, np.array([moved], dtype=np.int64))[0].tolist()
    row = order[0].tolist()
    assert result == [i for i in row if i not in moved] + [i for i in row if i in moved]


class Fake(Predictor):
    """Draws a pool, then scores by given arrays."""

    def __init__(self, space, identities, coarse, fine=None):
        super().__init__(space, identities, {})
        self.coarse, self.fine = coarse, fine

    def fit(self, oracle, n, report):
        oracle.query(oracle.draw(n, streams(self.identities, "pool")))
        report(1.0)
        return FitLog({"loss": np.zeros((7, len(self.identities)))})

    def score(self, cells):
        return self.coarse[:, cells]

    def refine(self, cells, codes):
        if self.fine is None:
            return None
        fine = np.take_along_axis(self.fine, cells, axis=1)
        return np.where(np.isnan(codes).any(axis=2), np.nan, fine)


def slow_topk(space, coarse, fine, pool, rule, rerank_top, depth, ties):
    """One repeat of `TopK` in plain Python: the ranking, and (chosen, queries, seconds) for each K."""
    cells = sorted(range(len(space)), key=lambda i: (-coarse[i], ties.index(i)))
    codes = 0
    if fine is not None:
        head = cells[:rerank_top]
        coded = [i for i in head if space.coded[i]]
        codes = len(coded)
        queue = iter(sorted(coded, key=lambda i: (-fine[i], head.index(i))))
        cells[:rerank_top] = [next(queue) if space.coded[i] else i for i in head]
    if rule == "exclude":
        cells = [i for i in cells if i not in pool] + [i for i in cells if i in pool]
    paid, steps = set(pool), []
    held = [max(pool, key=lambda i: space.label[i])] if rule == "start" else []
    for cell in cells[:depth]:
        paid.add(cell)
        held.append(cell)
        chosen = max(held, key=lambda i: space.label[i])
        steps.append((chosen, len(paid), sum(space.train_seconds[i] for i in paid)))
    return cells, steps, codes


@pytest.mark.parametrize("rule", ["keep", "exclude", "start"])
@pytest.mark.parametrize("refines", [False, True])
@given(
    n=st.integers(1, 12), k=st.integers(1, 8), depth=st.integers(1, 40), top=st.integers(0, 30), seed=st.integers(0, 9)
)
def test_topk_equals_slow_reference(rule, refines, n, k, depth, top, seed):
    space = tiny_space(cells=25, seed=seed, uncoded=5)
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 9, (3, 25)) / 9
    fine = rng.integers(0, 9, (3, 25)) / 9 if refines else None
    identities = range(seed, seed + 3)
    oracle = Oracle(space, 3)
    result = TopK(n, k, top, depth, rule).run(Fake(space, identities, coarse, fine), oracle, no_report)
    reach = min(25, max(k, depth))
    assert result["identity"].tolist() == list(identities)
    assert result["pool"].shape == (3, n)
    assert result["curve/loss"].shape == (3, 7)
    assert result["ranked"].shape == result["best"].shape == result["queries"].shape == (3, reach)
    for r in range(3):
        pool = result["pool"][r].tolist()
        fine_row = fine[r] if fine is not None else None
        ties = streams(identities, "ties")[r].permutation(25).tolist()
        cells, steps, codes = slow_topk(space, coarse[r], fine_row, pool, rule, top, reach, ties)
        assert result["ranked"][r].tolist() == cells[:reach]
        assert result["chosen"][r].tolist() == [chosen for chosen, _, _ in steps]
        assert result["best"][r].tolist() == [space.report[chosen] for chosen, _, _ in steps]
        assert result["queries"][r].tolist() == [queries for _, queries, _ in steps]
        np.testing.assert_allclose(result["query_seconds"][r], [seconds for _, _, seconds in steps])
        assert result["codes"][r] == codes
    assert {name: array.dtype.name for name, array in result.items() if name in ("pool", "ranked", "chosen")} == {
        "pool": "int32",
        "ranked": "int32",
        "chosen": "int32",
    }
    assert (oracle.cost().queries == result["queries"][:, -1]).all()


def test_no_fine_branch_spends_no_code():
    space = tiny_space(cells=40)
    result = TopK(5, 5, 20, 10, "keep").run(Fake(space, range(2), np.zeros((2, 40))), Oracle(space, 2), no_report)
    assert result["codes"].tolist() == [0, 0]
    assert result["code_seconds"].tolist() == [0, 0]


def test_progress_runs_from_zero_to_one():
    space, shares = tiny_space(cells=40), []
    TopK(5, 5, 20, 10, "keep").run(Fake(space, range(1), np.zeros((1, 40))), Oracle(space, 1), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(shares[:-1]) < 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 0}, r"search\.n=0: must be at least 1"),
        ({"k": 0}, r"search\.k=0: must be at least 1"),
        ({"rerank": -1}, r"search\.rerank=-1: must be at least 0"),
        ({"depth": 0}, r"search\.depth=0: must be at least 1"),
        ({"pool": "drop"}, r"search\.pool=drop: choose one of keep, exclude, start"),
        ({"n": 36}, r"search\.n=36: tiny has 35 cells that can be trained on"),
        ({"n": 20, "k": 21}, r"search\.n=20 \+ search\.k=21: tiny has only 40 cells"),
    ],
)
def test_bad_values_are_named(change, message):
    space = tiny_space(cells=40, uncoded=5)
    fields = {"n": 5, "k": 5, "rerank": 10, "depth": 10, "pool": "keep", **change}
    with pytest.raises(InputError, match=message):
        TopK(**fields).run(Fake(space, range(1), np.zeros((1, 40))), Oracle(space, 1), no_report)
