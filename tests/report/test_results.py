"""The parts of a report on their own: curves, the paper's curves, names."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.report.compare.protocols import label_text
from siamnas.report.draw import plots, style
from siamnas.report.draw.curves import paper_curves
from siamnas.report.read import catalogue, naming
from siamnas.report.read.collect import Benchmark
from tests.report.support import ACCURACY, C100, LOSS

T3 = 3.182446305284263  # the quantile of Student's t for 95 % and four repeats


def test_curves_on_axes():
    from matplotlib import pyplot as plt

    spent = np.arange(1, 81)
    mean = 0.7 + 0.0005 * spent
    curves = pd.DataFrame({"method": "GCN", "n": 30, "evaluations": spent, "best_mean": mean, "best_std": 0.02})
    curves["repeats"] = 4
    top = curves[30:].assign(topk_mean=mean[:50] - 0.01, topk_std=0.02)
    look = style.looks(pd.DataFrame({"method": ["GCN"], "kind": ["gcn"]}))
    figure, (left, middle, right) = plt.subplots(1, 3)
    try:
        assert plots.over_evaluations(curves, "best", look, ACCURACY, left) is left
        line, begin = left.get_lines()
        np.testing.assert_allclose(line.get_xdata(), spent)
        np.testing.assert_allclose(line.get_ydata(), 100 * mean)
        assert set(begin.get_xdata()) == {30} and left.get_xlim() == (0, 80)
        band = left.collections[0].get_paths()[0].vertices
        assert band[:, 1].max() - 100 * mean[-1] == pytest.approx(100 * T3 * 0.02 / 2), "the 95 % interval of the mean"
        plots.over_evaluations(top, "topk", look, ACCURACY, middle)
        (line,) = middle.get_lines()
        np.testing.assert_allclose(line.get_ydata(), 100 * mean[:50] - 1)
        assert middle.get_xlim() == (30, 80)
        plots.paper(pd.DataFrame({"option": ["gcn"] * 2, "n_plus_k": [40, 80], "best": [0.72, 0.76]}), ACCURACY, middle)
        assert middle.get_lines()[1].is_dashed() and middle.get_ylim()[1] > 76
        plots.optimum(0.78, ACCURACY, middle)
        assert middle.get_lines()[2].get_ydata()[0] == pytest.approx(78) and middle.get_ylim()[1] > 78
        assert plots.over_n(curves[curves["evaluations"] == 40], "best", look, LOSS, right) is right
        np.testing.assert_allclose(right.get_lines()[0].get_ydata(), mean[39])
        plots.optimum(0.6, LOSS, right)
        assert right.get_ylim()[0] < 0.6 and right.texts[0].get_text() == "optimum 0.6000"
    finally:
        plt.close(figure)


def test_no_two_methods_look_the_same():
    kinds = [*catalogue.METHODS, *(f"mine{i}" for i in range(14))]
    look = style.looks(pd.DataFrame({"method": kinds, "kind": kinds}))
    assert len({(own.colour, str(own.dash)) for own in look.values()}) == len(kinds)


def test_points_show_both_protocols():
    from matplotlib import pyplot as plt

    numbers = {"best_mean": [0.72, 0.73], "best_std": 0.02, "topk_mean": [0.7, np.nan], "repeats": 4}
    rows = pd.DataFrame(numbers, index=["GCN", "Siams"])
    look = style.looks(pd.DataFrame({"method": ["GCN", "Siams"], "kind": ["gcn", "siams"]}))
    figure, ax = plt.subplots()
    try:
        plots.points(rows, "Siams", look, ACCURACY, ax)
        rings = [line.get_xdata()[0] for line in ax.get_lines() if line.get_fillstyle() == "none"]
        np.testing.assert_allclose(rings, [70, np.nan])
        (low, high), _ = (own.get_segments()[0][:, 0] for own in ax.collections)
        assert (low, high) == pytest.approx((72 - T3, 72 + T3))
        assert list(ax.get_lines()[-1].get_xdata()) == [73, 73], "the reference"
    finally:
        plt.close(figure)


def test_the_papers_curves_only_where_they_are_fair():
    def shown(benchmark: Benchmark = C100, **fixed: int) -> set[str]:
        return set(paper_curves(benchmark, **fixed)["option"])

    ours = {"gcn", "siams", "siams_nsam", "siams_nsam_bts"}
    assert shown(n=30) == shown(k=30) == ours
    assert shown(n=60) == shown(k=10) == set()
    assert shown(replace(C100, space="nb201_c10"), k=30) == set()
    assert shown(replace(C100, size=900), k=30) == set(), "a FLOPs limit makes another space"
    assert shown(replace(C100, metric=Metric("valid_200_mean")), k=30) == set()
    tiny = replace(C100, space="tiny_nb201", size=4096, light=True)
    assert shown(tiny, k=5) == shown(tiny, k=10) == {"siams_nsam_bts"}
    points = paper_curves(tiny, k=5).set_index("n_plus_k")["best"]
    assert points[20] == pytest.approx(0.8796) and points.notna().all()
    points = paper_curves(C100, k=30)
    assert points[(points["option"] == "gcn") & (points["n_plus_k"] == 60)]["best"].item() == pytest.approx(0.7164)


def test_names():
    assert label_text("test_200_mean") == "test accuracy after 200 epochs, mean of the runs"
    assert label_text("valid_12_run1") == "validation accuracy after 12 epochs, single training run 1"
    assert label_text("gt_accuracy") == "gt_accuracy"
    assert naming.flat({"a": {"b": 1, "c": {}}, "d": [1]}) == {"a.b": 1, "a.c": {}, "d": [1]}
    same = [{"predictor.x": True, "predictor.y": None}, {"predictor.x": False, "predictor.y": 1}]
    assert naming.tell_apart(["m", "m"], same, [None, None]) == ["m (x=true, y=null)", "m (x=false, y=1)"]
    assert naming.tell_apart(["m", "o"], same, [None, None]) == ["m", "o"]
    acquisitions = [
        {"acquisition._target_": "random"},
        *({"acquisition._target_": "top", "acquisition.rounds": r} for r in (3, 5)),
    ]
    assert naming.tell_apart(["m"] * 2, acquisitions[:2], [None] * 2) == [
        "m (acquisition=random)",
        "m (acquisition=top)",
    ]
    assert naming.tell_apart(["m"] * 3, acquisitions, [None] * 3) == [
        "m (acquisition=random)",
        "m (acquisition=top, acquisition.rounds=3)",
        "m (acquisition=top, acquisition.rounds=5)",
    ]
    assert naming.tell_apart(["m"] * 2, acquisitions[1:], [None] * 2) == [
        "m (acquisition.rounds=3)",
        "m (acquisition.rounds=5)",
    ]
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
