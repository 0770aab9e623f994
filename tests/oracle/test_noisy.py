"""Labels that every repeat draws anew."""

import numpy as np
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.oracle.ground_truth import truth
from siamnas.oracle.noisy import NoisyTable, SingleRun
from tests.support import remeasured, tiny_benchmark

SIZE = 90
EVERY = np.arange(SIZE)


def benchmark():
    made = tiny_benchmark(SIZE, noise=0.02)
    label = made.measured.label
    runs = np.stack([label - 0.1, label, label + 0.1], axis=1)
    runs[::3, 2] = np.nan
    return remeasured(made, runs=runs)


def labels(seeds=range(4), noise="residuals", deviation=None, made=None, block=30):
    oracle = NoisyTable(made or benchmark(), len(seeds), seeds, noise, deviation, block)
    return oracle.query(np.tile(EVERY, (len(seeds), 1)))


@pytest.mark.parametrize(("noise", "deviation"), [("runs", None), ("residuals", None), ("normal", 0.05)])
def test_a_repeat_draws_its_own_labels_whatever_its_neighbours(noise, deviation):
    together = labels(range(4), noise, deviation)
    assert len(np.unique(together, axis=0)) == 4
    np.testing.assert_array_equal(labels(range(2, 4), noise, deviation), together[2:])
    assert np.std(together, axis=0).mean() > 0.005


def test_a_single_run_is_one_of_those_there_are():
    made = benchmark()
    drawn = labels(range(60), "runs", made=made)
    near = np.isclose(drawn[:, :, None], made.measured.runs)
    assert near.any(axis=2).all()
    chosen = near.mean(axis=0)  # (M, S) how often each
    assert (chosen[::3, 2] == 0).all() and chosen[1::3].min() > 0.1


def test_residuals_keep_what_a_block_is_off_by():
    """The same errors on other architectures: a line through a block, and the squares around it, stay."""
    made = benchmark()
    order = np.argsort(made.measured.report, kind="stable")
    for drawn in labels(range(3), made=made):
        for part in np.array_split(order, 3):
            x = made.measured.report[part]
            found = [np.polyval(np.polyfit(x, made.measured.label[part], 1), x), made.measured.label[part], drawn[part]]
            np.testing.assert_allclose(np.sort(found[2] - found[0]), np.sort(found[1] - found[0]), atol=1e-9)


def test_normal_errors_have_the_deviation_that_is_asked_for():
    made = benchmark()
    off = labels(range(200), "normal", 0.05, made) - made.measured.report
    assert off.std() == pytest.approx(0.05, rel=0.03) and abs(off.mean()) < 0.002


def test_what_can_not_be_drawn_is_refused():
    with pytest.raises(InputError, match="oracle.noise=runs: the table has no single runs of test_200_mean"):
        labels(noise="runs", made=remeasured(benchmark(), runs=None))
    for noise, deviation in (("normal", None), ("residuals", 0.1)):
        with pytest.raises(InputError, match=f"oracle.deviation={deviation}: belongs to noise=normal"):
            labels(noise=noise, deviation=deviation)


def test_where_a_single_run_is_all_that_is_known_it_is_what_results_report():
    made, archs = benchmark(), np.array([[5, 2, 2], [7, 1, 0]])
    oracle = SingleRun(made, 2, range(3, 5), 0.05)
    known = truth(made, oracle)
    np.testing.assert_array_equal(known.reported(archs), labels(range(3, 5), "normal", 0.05, made)[[[0], [1]], archs])
    best_first = np.argsort(-oracle.labels, axis=1)
    assert known.correlations(best_first)[0] == pytest.approx([1, 1])
    assert (known.correlations(best_first[::-1])[0] < 0.9).all()  # each repeat has labels of its own


def test_a_single_run_is_of_accuracies():
    other = remeasured(benchmark(), metric=Metric("perplexity", maximise=False, unit=""))
    with pytest.raises(InputError, match=r"oracle=single_run: needs accuracies, of which oracle.deviation=0.05"):
        SingleRun(other, 1, range(1), 0.05)


def test_a_label_that_is_reported_itself_has_nothing_to_draw():
    exact = tiny_benchmark(SIZE, noise=0.0)
    exact = remeasured(exact, label=exact.measured.report)
    with pytest.raises(InputError, match=r"oracle.noise=residuals: space.label=.* is what is reported"):
        labels(made=exact)
    assert np.std(labels(noise="normal", deviation=0.05, made=exact), axis=0).mean() > 0.03
