"""The search of the paper against a slow, obvious reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from tests.support import run, searched, tiny_benchmark, tiny_search


class Fake(Predictor):
    """Scores by given arrays."""

    def __init__(self, space, identities, coarse, fine=None):
        super().__init__(space, identities, {})
        self.coarse, self.fine = coarse, fine
        self.coded = fine is not None

    def fit(self, pool, labels):
        self.curves = {"loss": [np.zeros(len(self.identities))] * 7}
        self.stage.report(1.0)

    def score(self, archs):
        return np.take_along_axis(self.coarse, self.rows(archs), axis=1)

    def refine(self, archs, codes):
        fine = np.take_along_axis(self.fine, archs, axis=1)
        return np.where(np.isnan(codes).any(axis=2), np.nan, fine)


def slow_topk(measured, coarse, fine, pool, rule, rerank_top, depth, ties):
    """One repeat of `TopK` in plain Python: the ranking, and (chosen, queries, seconds) for each K."""
    archs = sorted(range(len(measured.label)), key=lambda i: (-coarse[i], ties.index(i)))
    codes: set[int] = set()
    if fine is not None:
        head = archs[:rerank_top]
        coded = [i for i in head if measured.coded[i]]
        codes = {*pool, *coded}
        queue = iter(sorted(coded, key=lambda i: (-fine[i], head.index(i))))
        archs[:rerank_top] = [next(queue) if measured.coded[i] else i for i in head]
    if rule == "exclude":
        archs = [i for i in archs if i not in pool] + [i for i in archs if i in pool]
    paid, steps = set(pool), []
    held = [max(pool, key=lambda i: measured.label[i])] if rule == "start" else []
    for arch in archs[:depth]:
        paid.add(arch)
        held.append(arch)
        chosen = max(held, key=lambda i: measured.label[i])
        steps.append((chosen, len(paid), sum(measured.train_seconds[i] for i in paid)))
    return archs, steps, len(codes)


@pytest.mark.parametrize("rule", ["keep", "exclude", "start"])
@pytest.mark.parametrize("refines", [False, True])
@given(
    n=st.integers(1, 12), k=st.integers(1, 8), depth=st.integers(1, 40), top=st.integers(0, 30), seed=st.integers(0, 9)
)
def test_topk_equals_slow_reference(rule, refines, n, k, depth, top, seed):
    benchmark = tiny_benchmark(25, seed=seed, uncoded=5)
    measured = benchmark.measured
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 9, (3, 25)) / 9
    fine = rng.integers(0, 9, (3, 25)) / 9 if refines else None
    identities = range(seed, seed + 3)
    predictor = Fake(benchmark.space, identities, coarse, fine)
    result = searched(predictor, benchmark, n=n, k=k, rerank=top, depth=depth, pool=rule)
    reach = min(25, max(k, depth))
    assert result["identity"].tolist() == list(identities)
    assert result["pool"].shape == (3, n)
    assert result["curve/loss"].shape == (3, 7)
    assert result["ranked"].shape == result["best"].shape == result["queries"].shape == (3, reach)
    for r in range(3):
        pool = result["pool"][r].tolist()
        assert measured.coded[pool].all() and len(set(pool)) == n
        fine_row = fine[r] if fine is not None else None
        ties = streams(identities, "ties")[r].permutation(25).tolist()
        archs, steps, codes = slow_topk(measured, coarse[r], fine_row, pool, rule, top, reach, ties)
        assert result["ranked"][r].tolist() == archs[:reach]
        assert result["chosen"][r].tolist() == [chosen for chosen, _, _ in steps]
        assert result["best"][r].tolist() == [measured.report[chosen] for chosen, _, _ in steps]
        assert result["queries"][r].tolist() == [queries for _, queries, _ in steps]
        np.testing.assert_allclose(result["query_seconds"][r], [seconds for _, _, seconds in steps])
        assert result["codes"][r] == codes
    assert {result[name].dtype.name for name in ("pool", "ranked", "chosen")} == {"int32"}


def test_a_smaller_value_is_better_where_the_metric_says_so():
    """A table of losses gives the same search as the table of their negatives."""
    from siamnas.metric import Metric
    from tests.support import remeasured

    higher = tiny_benchmark(60)
    lower = remeasured(
        higher, label=-higher.measured.label, report=-higher.measured.report, metric=Metric("loss", False, "")
    )
    coarse = np.random.default_rng(0).random((2, 60))
    one, other = (searched(Fake(b.space, range(2), coarse), b, pool="start") for b in (higher, lower))
    for name in ("pool", "ranked", "chosen", "spearman"):
        np.testing.assert_array_equal(one[name], other[name])
    np.testing.assert_array_equal(one["best"], -other["best"])


def test_no_fine_branch_spends_no_code():
    benchmark = tiny_benchmark(40)
    result = searched(Fake(benchmark.space, range(2), np.zeros((2, 40))), benchmark, n=5)
    assert result["codes"].tolist() == [0, 0]
    assert result["code_seconds"].tolist() == [0, 0]


def test_progress_runs_from_zero_to_one():
    benchmark, shares = tiny_benchmark(40), []
    search, oracle = tiny_search(Fake(benchmark.space, range(1), np.zeros((1, 40))), benchmark, n=5)
    search.report = shares.append
    run(search, oracle)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(shares[:-1]) < 1.0


@pytest.mark.parametrize(
    ("change", "least", "closing", "message"),
    [
        ({"n": 36}, 1, 0, r"search\.n=36: must be at most 35, the architectures of tiny to learn from"),
        ({"n": 20, "k": 21}, 1, 0, r"search\.k=21: search\.n \+ search\.k = 41 must be at most 40, the size of tiny"),
        ({"n": 1}, 2, 0, r"search\.n=1: must be at least 2 for this predictor$"),
        ({"n": 4}, 2, 3, r"search\.n=4: must be at least 5 for this predictor \(3 of the N queries"),
    ],
)
def test_a_budget_that_does_not_fit_is_refused_before_anything_is_asked(change, least, closing, message):
    benchmark = tiny_benchmark(40, uncoded=5)
    predictor = Fake(benchmark.space, range(1), np.zeros((1, 40)))
    predictor.least, predictor.closing = least, closing
    with pytest.raises(InputError, match=message):
        tiny_search(predictor, benchmark, **change)


def test_a_budget_that_just_fits():
    benchmark = tiny_benchmark(40, uncoded=5)
    result = searched(Fake(benchmark.space, range(1), np.zeros((1, 40))), benchmark, n=35, k=5, pool="exclude")
    assert result["queries"][0, 4] == 40


def test_one_that_learns_nothing_needs_no_n():
    benchmark = tiny_benchmark(40)
    predictor = Fake(benchmark.space, range(1), np.zeros((1, 40)))
    predictor.learns, predictor.least = False, 2
    assert searched(predictor, benchmark, n=1)["pool"].shape == (1, 0)
