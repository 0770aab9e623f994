"""What a search recommends: the best label, or what the predictor makes of noisy ones."""

import numpy as np
import pytest

from siamnas.acquisition.top import Top
from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.predictors.regressor import Regressor
from siamnas.search.recommendation import best_so_far
from tests.predictors.every import FOREST, MAKERS
from tests.search.test_active import active
from tests.support import remeasured, run, tiny_benchmark


class Noted(Regressor):
    """Remembers every training set it is fitted on, and its predictions for it."""

    def fit(self, training_set, labels):
        super().fit(training_set, labels)
        self.noted = [*getattr(self, "noted", []), (training_set.archs, labels, self.score(training_set.archs))]


def noted(benchmark, repeats=3):
    return Noted(benchmark.space, range(repeats), {}, 3, ["encoding"], [], False, FOREST)


def benchmark_with_failures():
    benchmark = tiny_benchmark(80, noise=0.05)
    label = benchmark.measured.label.copy()
    label[::5] = np.nan
    return remeasured(benchmark, label=label)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_posterior_recommends_what_the_latest_fit_predicts_to_be_best(batch):
    benchmark = benchmark_with_failures()
    predictor = noted(benchmark)
    search, oracle = active(benchmark, range(3), n=18, batch=batch, predictor=predictor, recommend="posterior")
    chosen = run(search, oracle).incumbents
    archs, labels = search.evaluated
    fits = {training_set.shape[1]: (training_set, label, score) for training_set, label, score in predictor.noted}
    assert chosen.shape == (3, 18) and 18 in fits and len(fits) > 3
    for count in range(1, 19):
        if count < min(fits):
            np.testing.assert_array_equal(chosen[:, count - 1], best_so_far(archs, labels)[:, count - 1])
            continue
        training_set, label, score = fits[max(size for size in fits if size <= count)]
        for r in range(3):
            usable = [i for i in range(training_set.shape[1]) if not np.isnan(label[r, i])]
            best = max(usable, key=lambda i: (score[r, i], -i))
            assert chosen[r, count - 1] == training_set[r, best]


def test_the_result_reports_what_was_recommended():
    benchmark = tiny_benchmark(60, noise=0.1)
    for recommend in ("label", "posterior"):
        search, oracle = active(benchmark, n=15, recommend=recommend)
        found = evaluate(run(search, oracle), oracle, benchmark)
        np.testing.assert_array_equal(found["chosen"], search.incumbents)
        np.testing.assert_array_equal(found["best"], benchmark.measured.report[search.incumbents])
        np.testing.assert_array_equal(found["evaluated"], search.evaluated[0])
    assert not np.array_equal(search.incumbents, best_so_far(*search.evaluated))


def test_the_recommendation_changes_nothing_of_what_is_evaluated():
    benchmark = tiny_benchmark(60, noise=0.1)
    evaluations = [
        run(*active(benchmark, n=15, recommend=recommend)).evaluations for recommend in ("label", "posterior")
    ]
    np.testing.assert_array_equal(*evaluations)


def test_the_posterior_is_closer_to_the_truth_where_labels_are_noisy():
    """Labels whose noise is as large as the differences: the luckiest is worse than the one that looks best."""
    benchmark = tiny_benchmark(400, noise=0.0)
    truth = benchmark.measured.label
    noisy = truth + 0.08 * np.random.default_rng(0).standard_normal(len(truth))
    benchmark = remeasured(benchmark, label=noisy, report=truth)
    ends = {}
    for recommend in ("label", "posterior"):
        search, oracle = active(benchmark, range(12), n=40, recommend=recommend)
        ends[recommend] = evaluate(run(search, oracle), oracle, benchmark)["best"][:, -1].mean()
    assert ends["posterior"] > ends["label"]


def test_what_learns_nothing_has_no_posterior():
    benchmark = tiny_benchmark(30)
    search, oracle = active(benchmark)
    predictor = MAKERS["column"](benchmark.space, range(2), oracle)
    with pytest.raises(
        InputError, match=r"search.recommend=posterior: Column learns nothing from labels; choose label"
    ):
        active(benchmark, acquisition=Top(2), predictor=predictor, recommend="posterior")
