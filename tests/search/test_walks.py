"""Searches without a predictor: what they pay for, where they go, and that repeats are independent."""

import dataclasses
import math
import sys

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.oracle.table import TableOracle
from siamnas.search.evolution import Evolution
from siamnas.search.local import Local
from siamnas.search.tpe import TPE
from siamnas.search.walks import Walks
from siamnas.seeding import random_orders
from siamnas.spaces.benchmark import Benchmark
from tests.search.ask_tell import graphs, value
from tests.support import own_edges, run, tiny_benchmark, without_codes

SEARCHES = {
    "local": (Local, {"start": 4}),
    "evolution": (Evolution, {"population": 5, "tournament": 2}),
    "tpe": (TPE, {"start": 5}),
}
EVERY = pytest.mark.parametrize("name", SEARCHES)


def searched(name: str, benchmark: Benchmark, seeds: range, n: int) -> tuple[Walks, TableOracle]:
    """A whole search."""
    kind, fields = SEARCHES[name]
    oracle = TableOracle(benchmark, len(seeds))
    search = kind(benchmark.space, seeds, oracle, benchmark.measured.metric, n, **fields)
    run(search, oracle)
    return search, oracle


@EVERY
@pytest.mark.parametrize("n", [1, 3, 25, 60])
def test_they_pay_for_n_different_architectures_up_to_the_whole_space(name: str, n: int):
    benchmark = without_codes(tiny_benchmark(60))
    benchmark = Benchmark(own_edges(benchmark.space), benchmark.measured)
    search, oracle = searched(name, benchmark, range(3, 6), n)
    assert search.evaluations.shape == (3, n) and [len(set(row)) for row in search.evaluations.tolist()] == [n] * 3
    assert oracle.cost().queries.tolist() == [n] * 3 and oracle.cost().codes.tolist() == [0] * 3
    arrays = evaluate(search, oracle, benchmark)
    assert arrays["topk"].shape == (3, 0) and arrays["best"].shape == (3, n)
    labels = benchmark.measured.label
    for row, order in zip(search.evaluations, search.order, strict=True):
        assert sorted(order) == list(range(60)) and set(order[:n]) == set(row)
        assert (np.diff(labels[order[:n]]) <= 0).all(), "what is known comes first, the best of it at the top"


@EVERY
def test_of_equal_architectures_one_is_paid_for_where_a_space_is_unique(name: str):
    benchmark = tiny_benchmark(1200)
    space = dataclasses.replace(benchmark.space, unique=True)
    every = space.distinct()
    assert every < 1200
    search, _ = searched(name, Benchmark(space, benchmark.measured), range(2), 150)
    for row, order in zip(search.evaluations, search.order, strict=True):
        assert len(set(space.classes[row].tolist())) == 150
        assert sorted(order) == list(range(1200))
    with pytest.raises(InputError, match=f"must be at most {every}"):
        searched(name, Benchmark(space, benchmark.measured), range(2), every + 1)


@EVERY
def test_they_begin_where_random_search_begins(name: str):
    benchmark = tiny_benchmark(200)
    search, _ = searched(name, benchmark, range(2), 20)
    np.testing.assert_array_equal(search.evaluations[:, :4], random_orders(range(2), 200)[:, :4])


@EVERY
def test_they_beat_random_search(name: str):
    benchmark = tiny_benchmark(3000)
    search, _ = searched(name, benchmark, range(12), 60)
    found = benchmark.measured.label[search.evaluations].max(axis=1)
    by_chance = benchmark.measured.label[random_orders(range(12), 3000)[:, :60]].max(axis=1)
    assert (found >= by_chance).mean() > 0.6 and found.mean() > by_chance.mean() + 0.005


def test_local_search_goes_to_better_neighbours_until_there_are_none():
    """One repeat by hand: after the random ones only neighbours of the centre, or a random one in an optimum."""
    benchmark = tiny_benchmark(400)
    search, _ = searched("local", benchmark, range(5, 6), 120)
    labels, evaluations = benchmark.measured.label, search.evaluations[0].tolist()
    centre, known, moved, restarted = max(evaluations[:4], key=lambda arch: labels[arch]), set(evaluations[:4]), 0, 0
    for arch in evaluations[4:]:
        while True:  # to what is known already it may go for nothing
            near = search.near.of(centre)
            better = [other for other in near.tolist() if other in known and labels[other] > labels[centre]]
            if arch in near or not better:
                break
            centre = max(better, key=lambda other: labels[other])
        if arch not in near:
            assert known >= set(near.tolist()), "it leaves only what it knows all around"
            restarted += 1
        known.add(arch)
        if arch not in near or labels[arch] > labels[centre]:
            moved += arch in near
            centre = arch
    assert moved >= 3 and restarted >= 1


def test_a_child_differs_from_a_living_parent_in_the_fewest_places():
    benchmark = tiny_benchmark(400)
    search, _ = searched("evolution", benchmark, range(1), 60)
    evaluations = search.evaluations[0].tolist()
    for born in range(5, 60):
        free = np.ones(400, bool)
        free[evaluations[:born]] = False
        assert any(evaluations[born] in search.near.of(parent, free) for parent in evaluations[born - 5 : born])


@EVERY
def test_failed_evaluations_are_paid_for_and_never_the_best(name: str):
    space = graphs()
    search = siamnas.Search(space, budget=40, overrides=[f"search={name}"])
    while archs := search.ask(3):
        search.tell(archs, [value(arch, space, fails=True) for arch in archs])
    values = search.values
    assert search.done and len(values) == 40 and any(map(math.isnan, values.values()))
    best = search.best()
    assert best is not None and best.value == max(v for v in values.values() if v == v)


@EVERY
def test_a_metric_to_minimise(name: str):
    space = graphs()
    up = siamnas.Search(space, budget=20, overrides=[f"search={name}"])
    down = siamnas.Search(space, budget=20, maximise=False, overrides=[f"search={name}"])
    for search, sign in ((up, 1), (down, -1)):
        while archs := search.ask():
            search.tell(archs, [sign * value(arch, space) for arch in archs])
    assert list(up.values) == list(down.values)


@EVERY
def test_the_command(siamnas, make_job, tmp_path, name: str):
    words = ("space=tiny_nb201", f"search={name}", "search.n=15", "repeats=2", "logger=none", f"out={tmp_path}")
    shown = siamnas(*words)
    assert shown.code == 0 and f"{name} on tiny_nb201: 2 repeats" in shown.out
    job = make_job(*words)
    assert job.path.startswith(f"tiny_nb201/{name}/n=15,k=0,seed=0,") and (job.folder / "result.npz").exists()
    assert not job.identity["predictor"] and job.identity["acquisition"] is None
    assert job.folder == make_job(*words, "predictor=forest").folder, "what it does without is no part of the job"


@EVERY
def test_a_space_that_is_too_small(siamnas, tmp_path, name: str):
    shown = siamnas("space=tiny_nb201", f"search={name}", "search.n=99999", f"out={tmp_path}")
    assert shown.code == 2 and "search.n=99999: must be at most" in shown.err and "Traceback" not in shown.err


def test_without_optuna_tpe_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    benchmark = tiny_benchmark(20)
    with pytest.raises(InputError, match=r"search=tpe: needs Optuna: pip install 'optuna>=4'"):
        TPE(benchmark.space, range(1), TableOracle(benchmark, 1), benchmark.measured.metric, 5, 2)
