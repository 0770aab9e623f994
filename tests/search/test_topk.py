"""The search of the paper against a slow, obvious reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.predictors.base import Predictor
from siamnas.predictors.random import Random
from siamnas.seeding import streams
from tests.support import run, searched, tiny_benchmark, tiny_search


class Fake(Predictor):
    """Scores by given arrays."""

    def __init__(self, space, seeds, coarse, fine=None):
        super().__init__(space, seeds, {})
        self.coarse, self.fine = coarse, fine
        self.coded = fine is not None

    def fit(self, training_set, labels):
        self.curves = {"loss": [np.zeros(len(self.seeds))] * 7}
        self.stage.report(1.0)

    def score(self, archs):
        return np.take_along_axis(self.coarse, self.rows(archs), axis=1)

    def refine(self, archs, codes):
        fine = np.take_along_axis(self.fine, archs, axis=1)
        return np.where(np.isnan(codes).any(axis=2), np.nan, fine)


def slow_topk(measured, coarse, fine, training_set, rerank_top, depth, ties):
    """One repeat of `TopK` in plain Python: what it evaluates, and the top K only."""
    archs = sorted(range(len(measured.label)), key=lambda i: (-coarse[i], ties.index(i)))
    codes: set[int] = set()
    if fine is not None:
        head = archs[:rerank_top]
        coded = [i for i in head if measured.coded[i]]
        codes = {*training_set, *coded}
        queue = iter(sorted(coded, key=lambda i: (-fine[i], head.index(i))))
        archs[:rerank_top] = [next(queue) if measured.coded[i] else i for i in head]

    def best(of):
        return max(of, key=lambda i: measured.label[i])

    evaluations = [*training_set, *(i for i in archs if i not in training_set)][: len(training_set) + depth]
    incumbents = [best(evaluations[:spent]) for spent in range(1, len(evaluations) + 1)]
    return evaluations, incumbents, [best(archs[:k]) for k in range(1, depth + 1)], len(codes)


@pytest.mark.parametrize("refines", [False, True])
@given(
    n=st.integers(1, 12), k=st.integers(1, 8), depth=st.integers(1, 40), top=st.integers(0, 30), seed=st.integers(0, 9)
)
def test_topk_equals_slow_reference(refines, n, k, depth, top, seed):
    benchmark = tiny_benchmark(25, seed=seed, uncoded=5)
    measured = benchmark.measured
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 9, (3, 25)) / 9
    fine = rng.integers(0, 9, (3, 25)) / 9 if refines else None
    seeds = range(seed, seed + 3)
    predictor = Fake(benchmark.space, seeds, coarse, fine)
    result = searched(predictor, benchmark, n=n, k=k, rerank=top, depth=depth)
    reach = min(25 - n, max(k, depth))
    assert result["seed"].tolist() == list(seeds)
    assert result["curve/loss"].shape == (3, 7)
    assert result["evaluated"].shape == result["best"].shape == result["query_seconds"].shape == (3, n + reach)
    assert result["topk"].shape == (3, reach)
    for r in range(3):
        training_set = result["evaluated"][r, :n].tolist()
        assert measured.coded[training_set].all() and len(set(training_set)) == n
        fine_row = fine[r] if fine is not None else None
        ties = streams(seeds, "ties")[r].permutation(25).tolist()
        evaluations, incumbents, top_held, codes = slow_topk(
            measured, coarse[r], fine_row, training_set, top, reach, ties
        )
        assert result["evaluated"][r].tolist() == evaluations
        assert result["chosen"][r].tolist() == incumbents
        assert result["best"][r].tolist() == measured.report[incumbents].tolist()
        assert result["topk"][r].tolist() == measured.report[top_held].tolist()
        np.testing.assert_allclose(result["query_seconds"][r], measured.train_seconds[evaluations].cumsum())
        assert result["codes"][r] == codes
    assert {result[name].dtype.name for name in ("evaluated", "chosen")} == {"int32"}


class Closing(Fake):
    """Looks at what it ranks first after every closing epoch, which changes nothing in it."""

    closing = 3
    trainer = {"ranked_share": 0.2}  # noqa: RUF012

    def __init__(self, space, seeds, coarse):
        super().__init__(space, seeds, coarse)
        self.trainer = Closing.trainer
        self.turn = 0

    def close(self):
        # The repeats disagree about how many of the three looks are new.
        self.turn += 1
        self.coarse = np.stack([row if r % 2 else np.roll(row, self.turn) for r, row in enumerate(self.coarse)])

    def keep(self, labels):
        pass


@given(st.integers(0, 99), st.integers(5, 12))
def test_closing_looks_are_paid_for_and_never_twice(seed, n):
    benchmark = tiny_benchmark(40, seed=seed % 7)
    coarse = np.random.default_rng(seed).random((4, 40))
    search, oracle = tiny_search(Closing(benchmark.space, range(4), coarse), benchmark, n=n, depth=10)
    asked = []
    run(search, oracle, asked.append)
    result = evaluate(search, oracle, benchmark)
    assert result["evaluated"].shape == (4, n + 10)
    for r, row in enumerate(result["evaluated"].tolist()):
        assert len(set(row)) == n + 10, "every evaluation is of another architecture"
        trace = list(dict.fromkeys(arch for archs in asked for arch in archs[r].tolist()))
        assert row == trace[: n + 10], "in the order of their evaluation, closing evaluations included"
        order = search.order[r].tolist()
        seen = {arch for archs in asked[:-1] for arch in archs[r].tolist()}
        left = [arch for arch in order if arch not in seen]
        assert row[len(seen) :] == left[: n + 10 - len(seen)], "then the ranking without them"


def test_a_smaller_value_is_better_where_the_metric_says_so():
    """A table of losses gives the same search as the table of their negatives."""
    from siamnas.benchmarks.metric import Metric
    from tests.support import remeasured

    higher = tiny_benchmark(60)
    lower = remeasured(
        higher, label=-higher.measured.label, report=-higher.measured.report, metric=Metric("loss", False, "")
    )
    coarse = np.random.default_rng(0).random((2, 60))
    one, other = (searched(Fake(b.space, range(2), coarse), b) for b in (higher, lower))
    for name in ("evaluated", "chosen", "spearman"):
        np.testing.assert_array_equal(one[name], other[name])
    for name in ("best", "topk"):
        np.testing.assert_array_equal(one[name], -other[name])


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
    result = searched(Fake(benchmark.space, range(1), np.zeros((1, 40))), benchmark, n=35, k=5)
    assert sorted(result["evaluated"][0]) == list(range(40))


def test_one_that_learns_nothing_spends_all_on_its_order():
    benchmark = tiny_benchmark(40)
    coarse = np.random.default_rng(0).permuted(np.tile(np.arange(40.0), (2, 1)), axis=1)
    predictor = Fake(benchmark.space, range(2), coarse)
    predictor.learns, predictor.least = False, 2
    result = searched(predictor, benchmark, n=10, depth=20)
    order = np.argsort(-coarse, axis=1)
    np.testing.assert_array_equal(result["evaluated"], order[:, :30])
    best = np.maximum.accumulate(benchmark.measured.label[order], axis=1)
    np.testing.assert_array_equal(benchmark.measured.label[result["chosen"]], best[:, :30])


def test_pools_are_nested_and_shared_by_all_methods_and_random_search():
    """The 30 of one method hold the 27 of another, and random search begins with them."""
    benchmark = tiny_benchmark(80)
    by_chance = searched(Random(benchmark.space, range(4), {}), benchmark, n=30)
    for n in (5, 17, 27, 30):
        coarse = np.random.default_rng(n).random((4, 80))
        own = searched(Fake(benchmark.space, range(4), coarse), benchmark, n=n)
        np.testing.assert_array_equal(own["evaluated"][:, :n], by_chance["evaluated"][:, :n])


class Guess(Fake):
    """Learns, and is none the wiser: it ranks at random."""

    def __init__(self, space, seeds):
        super().__init__(space, seeds, np.stack([rng.random(len(space)) for rng in streams(seeds, "guess")]))


@pytest.mark.slow
def test_a_learner_that_guesses_equals_random_search_in_distribution():
    from scipy import stats

    benchmark = tiny_benchmark(200)
    guess = searched(Guess(benchmark.space, range(2000)), benchmark, n=10, depth=20)
    by_chance = searched(Random(benchmark.space, range(5000, 7000), {}), benchmark, n=10, depth=20)
    for spent in (1, 5, 10, 11, 20, 30):
        p = stats.ks_2samp(guess["best"][:, spent - 1], by_chance["best"][:, spent - 1]).pvalue
        assert p > 0.001, (spent, p)
