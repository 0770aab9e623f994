"""The parts of a report on their own: paired tests, headlines, curves, the paper's curves, names."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from siamnas.metric import Metric
from siamnas.report import naming, paired, paper, plots, style, words
from siamnas.report.collect import Benchmark
from siamnas.report.headlines import headline

ACCURACY, LOSS = Metric("test_200_mean"), Metric("val_loss", maximise=False, unit="")
C100 = Benchmark("NAS-Bench-201, CIFAR-100", "nb201_c100", ACCURACY, 0.735133, 15_625, False, (10, 20, 30))


def test_paired_tests():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.73, 0.01, 12), rng.normal(0.72, 0.01, 10)
    rows = [("space", "a", 30, 10, i, x) for i, x in enumerate(a)]
    rows += [("space", "b", 30, 10, i + 4, x) for i, x in enumerate(b)]
    rows += [("space", "c", 30, 10, i, x) for i, x in enumerate(a)]
    rows += [("space", "d", 30, 10, 11, 0.7)]
    frame = pd.DataFrame(rows, columns=["benchmark", "method", "n", "k", "identity", "best"])
    tests = paired.compare(frame).set_index(["method_a", "method_b"])
    assert set(tests.index) == {("c", "b"), ("c", "a"), ("b", "a")}
    row, difference = tests.loc["b", "a"], b[:8] - a[4:]
    assert row["pairs"] == 8
    assert row["difference"] == pytest.approx(difference.mean())
    assert row["wilcoxon_p"] == pytest.approx(stats.wilcoxon(difference).pvalue)
    draws = np.random.default_rng(7).choice(difference, (20_000, 8)).mean(axis=1)
    np.testing.assert_allclose([row["low"], row["high"]], np.quantile(draws, [0.025, 0.975]), atol=3e-4)
    assert tuple(tests.loc[("c", "a"), ["difference", "low", "high", "wilcoxon_p"]]) == (0, 0, 0, 1)
    assert paired.compare(frame[frame["method"] == "a"]).empty
    np.testing.assert_allclose(paired.holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])


METHODS = {"FLOPs order": 0.735, "random forest": 0.72, "Siams": 0.71}


def tables_of(methods: dict[str, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [(C100.name, name, 30, 10, i, best) for name, best in methods.items() for i in range(3)]
    repeats = pd.DataFrame(rows, columns=["benchmark", "method", "n", "k", "identity", "best"])
    return repeats[repeats["identity"] == 0], paired.compare(repeats)


def test_the_headline_names_the_best_that_learns_too():
    """A forest learns, though it leaves no curve of a training behind; an order does not."""
    table, tests = tables_of(METHODS)
    said = headline(C100, 30, 10, table, tests, {"FLOPs order"})
    assert said is not None
    assert "best is FLOPs order with 73.50 %, +1.50 on random forest" in said
    assert "Among those that learn it is random forest with 72.00 %, +1.00 on Siams" in said
    learned = headline(C100, 30, 10, table[table["method"] != "FLOPs order"], tests, {"FLOPs order"})
    assert learned is not None
    assert "Among" not in learned


def test_the_headline_of_a_loss_names_the_smallest():
    benchmark = replace(C100, metric=LOSS, optimum=0.7)
    said = headline(benchmark, 30, 10, *tables_of(METHODS), {"FLOPs order"})
    assert said == (
        "N = 30, K = 10: best is Siams with 0.7100, -0.0100 on random forest "
        "(95 % interval -0.0100 to -0.0100, 3 paired repeats, smaller is better)."
    )


def test_tiny_values_are_not_taken_for_equal():
    difference = np.array([1.0, 2.0, 3.0, 4.0, 5.0]) * 1e-12
    frame = pd.DataFrame(
        [
            ("space", name, 30, 10, i, 1e-11 + d)
            for name, ds in (("a", difference), ("b", 0 * difference))
            for i, d in enumerate(ds)
        ],
        columns=["benchmark", "method", "n", "k", "identity", "best"],
    )
    assert paired.compare(frame)["wilcoxon_p"].item() == pytest.approx(stats.wilcoxon(difference).pvalue)


def test_curves_on_axes():
    from matplotlib import pyplot as plt

    k = np.arange(1, 61)
    mean = 0.7 + 0.0005 * k
    curves = pd.DataFrame({"method": "GCN", "k": k, "n_plus_k": 30 + k, "best_mean": mean, "best_std": 0.02})
    look = style.looks(pd.DataFrame({"method": ["GCN"], "kind": ["gcn"]}))
    figure, (left, right) = plt.subplots(1, 2)
    try:
        assert plots.best_over_k(curves, look, ACCURACY, left, longest=50) is left
        (line,) = left.get_lines()
        np.testing.assert_allclose(line.get_xdata(), 30 + k[:50])
        np.testing.assert_allclose(line.get_ydata(), 100 * mean[:50])
        band = left.collections[0].get_paths()[0].vertices
        assert band[:, 1].max() - 100 * mean[49] == pytest.approx(100 * 0.02 / 4)
        plots.paper(pd.DataFrame({"option": ["gcn"] * 2, "n_plus_k": [40, 80], "best": [0.72, 0.76]}), ACCURACY, left)
        assert left.get_lines()[1].is_dashed() and left.get_ylim()[1] > 76
        plots.optimum(0.78, ACCURACY, left)
        assert left.get_lines()[2].get_ydata()[0] == pytest.approx(78) and left.get_ylim()[1] > 78
        assert plots.best_over_n(curves[curves["k"] == 10].assign(n=30), look, LOSS, right) is right
        np.testing.assert_allclose(right.get_lines()[0].get_ydata(), mean[9])
        plots.optimum(0.6, LOSS, right)
        assert right.get_ylim()[0] < 0.6 and right.texts[0].get_text() == "optimum 0.6000"
    finally:
        plt.close(figure)


def test_the_papers_curves_only_where_they_are_fair():
    def shown(benchmark: Benchmark = C100, **fixed: int) -> set[str]:
        return set(paper.curves(benchmark, **fixed)["option"])

    ours = {"gcn", "siams", "siams_nsam", "siams_nsam_bts"}
    assert shown(n=30) == shown(k=30) == ours
    assert shown(n=60) == shown(k=10) == set()
    assert shown(replace(C100, space="nb201_c10"), k=30) == set()
    assert shown(replace(C100, size=900), k=30) == set(), "a FLOPs limit makes another space"
    assert shown(replace(C100, metric=Metric("valid_200_mean")), k=30) == set()
    tiny = replace(C100, space="tiny_nb201", size=4096, light=True)
    assert shown(tiny, k=5) == shown(tiny, k=10) == {"siams_nsam_bts"}
    points = paper.curves(tiny, k=5).set_index("n_plus_k")["best"]
    assert points[20] == pytest.approx(0.8796) and points.notna().all()
    points = paper.curves(C100, k=30)
    assert points[(points["option"] == "gcn") & (points["n_plus_k"] == 60)]["best"].item() == pytest.approx(0.7164)


def test_names():
    assert words.label_text("test_200_mean") == "test accuracy after 200 epochs, mean of the runs"
    assert words.label_text("valid_12_run1") == "validation accuracy after 12 epochs, single training run 1"
    assert words.label_text("gt_accuracy") == "gt_accuracy"
    assert naming.flat({"a": {"b": 1, "c": {}}, "d": [1]}) == {"a.b": 1, "a.c": {}, "d": [1]}
    same = [{"predictor.x": True, "predictor.y": None}, {"predictor.x": False, "predictor.y": 1}]
    assert naming.tell_apart(["m", "m"], same, [None, None]) == ["m (x=true, y=null)", "m (x=false, y=1)"]
    assert naming.tell_apart(["m", "o"], same, [None, None]) == ["m", "o"]
    pools = [{"acquire._target_": "a.Random"}, *({"acquire._target_": "a.Top", "acquire.rounds": r} for r in (3, 5))]
    assert naming.tell_apart(["m"] * 2, pools[:2], [None] * 2) == ["m (acquire=random)", "m (acquire=top)"]
    assert naming.tell_apart(["m"] * 3, pools, [None] * 3) == [
        "m (acquire=random)",
        "m (acquire=top, acquire.rounds=3)",
        "m (acquire=top, acquire.rounds=5)",
    ]
    assert naming.tell_apart(["m"] * 2, pools[1:], [None] * 2) == ["m (acquire.rounds=3)", "m (acquire.rounds=5)"]
    schedules = [{"trainer.epochs": 5}, {"trainer.epochs": 6}]
    assert naming.tell_apart(["m", "o"], schedules, ["paper", "paper"]) == [
        "m (trainer.epochs=5)",
        "o (trainer.epochs=6)",
    ]
    many = [{f"k{i}": value for i in range(5)} for value in (1, 2)]
    assert naming.tell_apart(["m", "m"], many, [None, None])[0] == "m (k0=1, k1=1, k2=1, ...)"
    hidden = [{f"k{i}": 0 for i in range(4)} | {"k9": value} for value in (1, 2)]
    assert naming.tell_apart(["m", "m"], [{}, {}], [None, None]) == ["m #1", "m #2"]
    assert naming.differences(hidden) == ["k9"]
