"""The parts of a report on their own: paired tests, headlines, curves, the paper's curves, names."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from siamnas.report import naming, page, paired, paper, plots
from siamnas.report.collect import Benchmark

C100 = Benchmark("NAS-Bench-201, CIFAR-100", "nb201_c100", "test_200_mean", 0.735133, 15_625, False, (10, 20, 30))


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


def test_the_headline_names_the_best_that_learns_too():
    """A forest learns, though it leaves no curve of a training behind; an order does not."""
    methods = {"FLOPs order": ("column", 0.735), "random forest": ("forest", 0.72), "Siams": ("siams", 0.71)}
    rows = [(C100.name, name, option, 30, 10, i, best) for name, (option, best) in methods.items() for i in range(3)]
    repeats = pd.DataFrame(rows, columns=["benchmark", "method", "option", "n", "k", "identity", "best"])
    table, tests = repeats[repeats["identity"] == 0], paired.compare(repeats)
    said = page.headline(C100, 30, 10, table, tests)
    assert said is not None
    assert "best is FLOPs order with 73.50 %, +1.50 on random forest" in said
    assert "Among those that learn it is random forest with 72.00 %, +1.00 on Siams" in said
    learned = page.headline(C100, 30, 10, table[table["option"] != "column"], tests)
    assert learned is not None
    assert "Among" not in learned


def test_curves_on_axes():
    from matplotlib import pyplot as plt

    k = np.arange(1, 61)
    mean = 0.7 + 0.0005 * k
    curves = pd.DataFrame({"method": "GCN", "k": k, "n_plus_k": 30 + k, "best_mean": mean, "best_std": 0.02})
    look = plots.looks(pd.DataFrame({"method": ["GCN"], "option": ["gcn"]}))
    figure, (left, right) = plt.subplots(1, 2)
    try:
        assert plots.best_over_k(curves, look, left, longest=50) is left
        (line,) = left.get_lines()
        np.testing.assert_allclose(line.get_xdata(), 30 + k[:50])
        np.testing.assert_allclose(line.get_ydata(), 100 * mean[:50])
        band = left.collections[0].get_paths()[0].vertices
        assert band[:, 1].max() - 100 * mean[49] == pytest.approx(100 * 0.02 / 4)
        plots.paper(pd.DataFrame({"option": ["gcn"] * 2, "n_plus_k": [40, 80], "best": [0.72, 0.76]}), left)
        assert left.get_lines()[1].is_dashed() and left.get_ylim()[1] > 76
        plots.optimum(0.78, left)
        assert left.get_lines()[2].get_ydata()[0] == pytest.approx(78) and left.get_ylim()[1] > 78
        assert plots.best_over_n(curves[curves["k"] == 10].assign(n=30), look, right) is right
    finally:
        plt.close(figure)


def test_the_papers_curves_only_where_they_are_fair():
    def shown(benchmark: Benchmark = C100, **fixed: int) -> set[str]:
        return set(paper.curves(benchmark, **fixed)["option"])

    ours = {"gcn", "siams", "siams_nsam", "siams_nsam_bts"}
    assert shown(n=30) == shown(k=30) == ours
    assert shown(n=60) == shown(k=10) == set()
    other = {**C100.__dict__}
    assert shown(Benchmark(**other | {"space": "nb201_c10"}), k=30) == set()
    assert shown(Benchmark(**other | {"cells": 900}), k=30) == set(), "a FLOPs limit makes another space"
    assert shown(Benchmark(**other | {"report": "valid_200_mean"}), k=30) == set()
    tiny = Benchmark(**other | {"space": "tiny_nb201", "cells": 4096, "light": True})
    assert shown(tiny, k=5) == shown(tiny, k=10) == {"siams_nsam_bts"}
    points = paper.curves(tiny, k=5).set_index("n_plus_k")["best"]
    assert points[20] == pytest.approx(0.8796) and points.notna().all()
    points = paper.curves(C100, k=30)
    assert points[(points["option"] == "gcn") & (points["n_plus_k"] == 60)]["best"].item() == pytest.approx(0.7164)


def test_names():
    assert naming.label_text("test_200_mean") == "test accuracy after 200 epochs, mean of the runs"
    assert naming.label_text("valid_12_run1") == "validation accuracy after 12 epochs, single training run 1"
    assert naming.label_text("gt_accuracy") == "gt_accuracy"
    assert naming.flat({"a": {"b": 1, "c": {}}, "d": [1]}) == {"a.b": 1, "a.c": {}, "d": [1]}
    same = [{"predictor.x": True, "predictor.y": None}, {"predictor.x": False, "predictor.y": 1}]
    assert naming.tell_apart(["m", "m"], same, [None, None]) == ["m (x=true, y=null)", "m (x=false, y=1)"]
    assert naming.tell_apart(["m", "o"], same, [None, None]) == ["m", "o"]
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
