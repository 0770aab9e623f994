"""Pareto fronts in a report: hypervolumes and attainment against slow references, and the whole command."""

import itertools
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.jobs.store import RESULT, Result
from siamnas.report.compare import pareto
from siamnas.report.compare.pareto import Scale, attainment, growing, hypervolume
from siamnas.report.read.collect import collect

UNIT = st.integers(0, 12).map(lambda i: i / 10)  # some are beyond the reference point
POINTS = st.lists(st.tuples(UNIT, UNIT), max_size=12).map(lambda points: np.array(points).reshape(-1, 2))


def by_counting(points: np.ndarray) -> float:
    """The share of the cells of a grid, finer than no point, that are dominated."""
    middles = (np.arange(10) + 0.5) / 10
    return (
        sum(any((p <= cell).all() for p in points) for cell in np.array(list(itertools.product(middles, middles))))
        / 100
    )


@given(POINTS)
def test_the_hypervolume_is_the_dominated_part_of_the_square(points: np.ndarray):
    assert hypervolume(points) == pytest.approx(by_counting(points))


def test_it_is_that_of_pymoo():
    from pymoo.indicators.hv import HV

    points = np.random.default_rng(0).random((30, 2))
    assert hypervolume(points) == pytest.approx(HV(ref_point=np.array([1.0, 1.0]))(points))


@given(POINTS)
def test_it_grows_with_every_point_as_if_all_were_computed_anew(points: np.ndarray):
    slow = [by_counting(points[: t + 1]) for t in range(len(points))]
    np.testing.assert_allclose(growing(points), slow, atol=1e-12)


def test_what_is_not_known_adds_nothing():
    points = np.array([[0.5, 0.5], [math.nan, 0.1], [0.1, math.nan], [0.2, 0.9]])
    np.testing.assert_allclose(growing(points), [0.25, 0.25, 0.25, 0.28])


@given(st.lists(POINTS.filter(len), min_size=1, max_size=5))
def test_the_median_front_is_what_half_of_the_repeats_attain(repeats: list[np.ndarray]):
    longest = max(map(len, repeats))
    padded = np.full((len(repeats), longest, 2), math.nan)
    for row, points in zip(padded, repeats, strict=True):
        row[: len(points)] = points
    surface = attainment(padded)
    for x, y in itertools.product(np.arange(0, 1.25, 0.1) + 1e-6, repeat=2):
        attained = sum(bool(((points[:, 0] <= x) & (points[:, 1] <= y)).any()) for points in repeats)
        below = bool(((surface[:, 0] <= x) & (surface[:, 1] <= y)).any())
        assert below == (attained >= len(repeats) / 2)


def test_values_are_normalised_and_come_back():
    scale = Scale(least=2.0, most=12.0, optimum=0.9, median=0.5)
    points = scale.normalised(np.array([2.0, 12.0, 7.0]), np.array([0.9, 0.5, 0.7]))
    np.testing.assert_allclose(points, [[0, 0], [1, 1], [0.5, 0.5]])
    np.testing.assert_allclose(scale.of(points), [[2, 12, 7], [0.9, 0.5, 0.7]])
    loss = Scale(0.0, 1.0, optimum=1.0, median=3.0)  # smaller is better
    np.testing.assert_allclose(loss.normalised(np.array([0.0]), np.array([2.0])), [[0, 0.5]])


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from siamnas import runner
    from siamnas.config.compose import compose
    from siamnas.experiment import configuration

    root = tmp_path_factory.mktemp("fronts")
    for words in (("predictor=random", "search.n=20", "search.depth=30"), ("search=nsga2", "search.n=50")):
        given = (
            "space=tiny_nb201",
            "objective=latency.edgegpu",
            "repeats=5",
            "logger=none",
            f"out={root}",
            "name=both",
        )
        runner.run(configuration.load(*compose([*words, *given])))
    return root / "both"


def test_a_result_holds_the_points_and_the_true_front(swept: Path):
    from siamnas.benchmarks.pareto import front
    from tests.spaces.shipped import make

    benchmark = make("tiny_nb201")
    cost, report = benchmark.space.columns["latency.edgegpu"], benchmark.measured.report
    for path in swept.rglob(RESULT):
        result = Result.load(path)
        evaluated = result.arrays["evaluated"]
        np.testing.assert_array_equal(result.arrays["cost"], cost[evaluated])
        np.testing.assert_array_equal(result.arrays["value"], report[evaluated])
        true = result.meta["front"]
        assert true["cost"] == cost[front(cost, report)].tolist() and true["value"][-1] == benchmark.measured.optimum
        assert (true["column"], true["least"], true["most"]) == ("latency.edgegpu", cost.min(), cost.max())


def test_the_report_has_the_table_the_tests_and_the_figure(siamnas, swept: Path, tmp_path: Path, monkeypatch):
    both = shutil.copytree(swept, tmp_path / "both")
    monkeypatch.setattr("siamnas.experiment.build.space_or_benchmark", None)  # result files are enough
    shown = siamnas("report", str(both), "--at", "20,50", "--reference", "random search")
    assert shown.code == 0, shown.err
    out = both / "report"
    name = "Tiny-NASBench-201, CIFAR-10, against latency on an edge GPU"
    table = pd.read_csv(out / "hypervolume.csv")
    assert set(table["benchmark"]) == {name} and set(table["method"]) == {"random search", "NSGA-II"}
    assert table["mean"].between(0, 1).all() and (table.groupby("method")["mean"].diff().dropna() >= 0).all()
    tests = pd.read_csv(out / "paired.csv")
    tests = tests[tests["protocol"] == "front"]
    assert tests[["n", "k", "method", "pairs"]].values.tolist() == [[20, 0, "NSGA-II", 5], [50, 0, "NSGA-II", 5]]
    last = table[table["evaluations"] == 50].set_index("method")["mean"]
    assert tests["difference"].iloc[1] == pytest.approx(last["NSGA-II"] - last["random search"], abs=1e-6)
    surfaces = pd.read_csv(out / "fronts.csv")
    assert set(surfaces["method"]) == {pareto.TRUE, "random search", "NSGA-II"}
    text = (out / "table.md").read_text()
    assert "share of the true front's hypervolume after so many evaluations, %" in text
    assert "the reference point is the largest cost of the space" in text
    assert len(list(out.glob("*-front.png"))) == 1 and "Pareto front: share" in (out / "index.html").read_text()


def test_fronts_that_no_number_compares_are_said(swept: Path):
    """Where all that is better than the median costs the most, their table and figure were left out without a word."""
    found = collect([swept])
    for run in next(iter(found.by_benchmark.values())):
        true = run.records[0].meta["front"]
        true |= {"cost": [true["most"]], "value": [run.records[0].optimum]}
    assert pareto.compare(found.by_benchmark, [5], found.notes) == []
    assert "fronts are not compared: nothing is better than the median" in found.notes[-1]


def test_another_objective_is_another_benchmark_and_another_job(make_job):
    jobs = [make_job(*words) for words in ((), ("objective=flops",), ("objective=params",))]
    assert len({job.folder for job in jobs}) == 3
    assert "objective" not in jobs[0].identity, "results without one keep their identity"
