"""NSGA-II on a table: what it evaluates, where it goes, and that repeats are independent."""

import dataclasses
import math
import sys

import numpy as np
import pytest

from siamnas.benchmarks import pareto
from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.report.compare.pareto import Scale, growing
from siamnas.search.nsga2 import NSGA2
from siamnas.seeding import random_orders
from siamnas.spaces.benchmark import Benchmark
from tests.support import own_edges, remeasured, run, tiny_benchmark


def searched(benchmark: Benchmark, seeds: range, n: int, population: int = 6) -> NSGA2:
    oracle = TableOracle(benchmark, len(seeds))
    search = NSGA2(benchmark.space, seeds, oracle, benchmark.measured.metric, n, population, "flops")
    run(search, oracle)
    return search


@pytest.mark.parametrize("n", [1, 6, 25, 60])
def test_it_evaluates_n_different_architectures_up_to_the_whole_space(n: int):
    benchmark = tiny_benchmark(60)
    benchmark = Benchmark(own_edges(benchmark.space), benchmark.measured)
    search = searched(benchmark, range(3, 5), n)
    assert search.evaluations.shape == (2, n) and [len(set(row)) for row in search.evaluations.tolist()] == [n] * 2
    start = min(n, 6)
    np.testing.assert_array_equal(search.evaluations[:, :start], random_orders(range(3, 5), 60)[:, :start])


def test_its_front_is_better_than_by_chance():
    benchmark = tiny_benchmark(3000)
    cost, report = benchmark.space.columns["flops"], benchmark.measured.report
    true = pareto.truth("flops", cost, report, benchmark.measured.metric.sign)
    scale = Scale(true["least"], true["most"], benchmark.measured.optimum, benchmark.measured.median)

    def shares(evaluations: np.ndarray) -> np.ndarray:
        return np.array([growing(scale.normalised(cost[row], report[row]))[-1] for row in evaluations])

    found, by_chance = (
        shares(searched(benchmark, range(8), 80).evaluations),
        shares(random_orders(range(8), 3000)[:, :80]),
    )
    assert (found > by_chance).mean() > 0.7


def test_failures_and_unknown_costs_are_survived():
    benchmark = tiny_benchmark(80)
    label = np.where(np.arange(80) % 3, benchmark.measured.label, math.nan)
    cost = np.where(np.arange(80) % 5, benchmark.space.columns["flops"], math.nan)
    space = dataclasses.replace(benchmark.space, columns={"flops": cost})
    found = searched(Benchmark(space, remeasured(benchmark, label=label).measured), range(2), 40)
    assert found.evaluations.shape == (2, 40)


def test_the_second_objective_must_be_said_and_free(siamnas, tmp_path):
    words = ("space=tiny_nb201", "search=nsga2", "search.n=15", "repeats=2", "logger=none", f"out={tmp_path}")
    for objective, said in (
        ("null", "search.column=null: must be a free column that is to be small: give objective=flops, for example"),
        ("flop", "no column flop (did you mean flops?)"),
        ("test_200_mean", "test_200_mean is known only after a training"),
    ):
        shown = siamnas(*words, f"objective={objective}")
        assert shown.code == 2 and said in " ".join(shown.err.split()) and "Traceback" not in shown.err
        assert not any(tmp_path.iterdir())


def test_without_pymoo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pymoo", None)
    with pytest.raises(InputError, match=r"search=nsga2: needs pymoo: pip install 'pymoo>=0.6.1.5'"):
        searched(tiny_benchmark(20), range(1), 5)
