"""Active search: its initial design, its batches, its budget."""

import dataclasses
import re

import numpy as np
import pytest

import siamnas
from siamnas.acquisition import initial_design
from siamnas.acquisition.ei import ExpectedImprovement
from siamnas.acquisition.improvement import log_expected
from siamnas.acquisition.random import Random
from siamnas.acquisition.state import State
from siamnas.acquisition.thompson import Thompson
from siamnas.acquisition.top import Top
from siamnas.acquisition.ucb import UpperConfidenceBound
from siamnas.errors import InputError
from siamnas.jobs.evaluation import evaluate
from siamnas.oracle.table import TableOracle
from siamnas.predictors.regressor import Regressor
from siamnas.search.active import Active, InitialDesign
from tests.predictors.every import FOREST, MAKERS
from tests.search.ask_tell import graphs, value
from tests.support import run, tiny_benchmark

MAXIMIN = InitialDesign(count=3, kind="maximin", column=None)
ACQUISITIONS = {
    "top": lambda: Top(2),
    "ucb": lambda: UpperConfidenceBound(2, 1.0),
    "ei": lambda: ExpectedImprovement(2),
    "thompson": lambda: Thompson(2),
}


def active(
    benchmark, seeds=range(2), acquisition=None, n=20, batch=1, first=MAXIMIN, predictor=None, recommend="label"
):
    """A search with a forest, and its oracle."""
    oracle = TableOracle(benchmark, len(seeds))
    predictor = predictor or Regressor(benchmark.space, seeds, {}, 3, ["encoding"], [], False, FOREST)
    acquisition = acquisition or UpperConfidenceBound(2, 1.0)
    return Active(predictor, acquisition, oracle, benchmark.measured.metric, n, first, batch, recommend), oracle


def state_of(size=60, repeats=3, uncoded=0):
    benchmark = tiny_benchmark(size, uncoded=uncoded)
    predictor = MAKERS["forest"](benchmark.space, range(repeats), TableOracle(benchmark, repeats))
    return State(predictor, TableOracle(benchmark, repeats), benchmark.measured.metric, distinct=True)


@pytest.mark.parametrize("uncoded", [0, 20])
def test_a_maximin_design_takes_the_farthest_each_time(uncoded):
    state = state_of(uncoded=uncoded)
    found, x = initial_design.maximin(state, 6), state.predictor.features
    np.testing.assert_array_equal(found[:, :1], state.at_random(1))
    for row, free in zip(found, state.free, strict=True):
        assert free[row].all()
        for i in range(1, 6):
            nearest = np.square(x[:, None] - x[row[:i]]).sum(axis=2).min(axis=1)
            assert nearest[row[i]] == pytest.approx(nearest[free].max())


@pytest.mark.parametrize("count", [1, 4, 7])
def test_a_stratified_design_takes_one_of_each_part(count):
    state = state_of()
    flops = state.space.columns["flops"]
    bounds = np.array_split(np.sort(flops), count)
    for row in initial_design.stratified(state, count, "flops"):
        assert len(set(row)) == count
        assert all(part[0] <= flops[arch] <= part[-1] for arch, part in zip(row, bounds, strict=True))


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("batch", [1, 4])
def test_it_spends_its_budget_and_all_of_it_differs(acquisition, batch):
    benchmark = tiny_benchmark(60, uncoded=5)
    search, oracle = active(benchmark, acquisition=ACQUISITIONS[acquisition](), n=21, batch=batch)
    sizes = []
    found = run(search, oracle, lambda archs: sizes.append(archs.shape[1]))
    assert sizes == [3] + [batch] * (18 // batch) + [18 % batch] * (18 % batch > 0)
    assert [len(set(row)) for row in found.evaluated[0].tolist()] == [21, 21]
    assert oracle.cost().queries.tolist() == [21, 21]
    arrays = evaluate(found, oracle, benchmark)
    assert arrays["best"].shape == (2, 21) and arrays["topk"].shape == (2, 0)


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("kind", ["maximin", "random", "stratified"])
def test_repeats_at_once_equal_each_repeat_alone(acquisition, kind):
    benchmark = tiny_benchmark(60)
    first = InitialDesign(4, kind, "flops" if kind == "stratified" else None)
    many, oracle = active(benchmark, range(5, 9), ACQUISITIONS[acquisition](), batch=3, first=first)
    archs = run(many, oracle).evaluated[0]
    for r, seed in enumerate(range(5, 9)):
        one, oracle = active(benchmark, range(seed, seed + 1), ACQUISITIONS[acquisition](), batch=3, first=first)
        np.testing.assert_array_equal(run(one, oracle).evaluated[0][0], archs[r])


def test_expected_improvement_is_on_the_best_of_those_that_did_not_fail():
    """A predictor may think most of an architecture that failed: there is nothing to improve on."""
    state, rng = state_of(), np.random.default_rng(0)
    archs = np.stack([rng.permutation(60)[:5] for _ in range(3)])
    score, spread = rng.normal(size=(3, 60)), np.ones((3, 60))
    state.add(archs, np.tile([np.nan, np.nan, 0.5, 0.5, 0.5], (3, 1)))
    np.put_along_axis(score, archs[:, :2], 9.0, axis=1)
    found, level = ExpectedImprovement(2).worth(state, score, spread), np.take_along_axis(score, archs[:, 2:], axis=1)
    np.testing.assert_allclose(found, log_expected(score, spread, level.max(axis=1, keepdims=True)))


def doubled():
    """A space in which every architecture is there three times under other names."""
    operations = [["in", a, b, "out"] for a in "abc" for b in "abc" for _ in range(3)]
    return siamnas.Space.of_graphs(operations, [[(0, 1), (1, 2), (2, 3)]] * 27)


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
def test_a_batch_never_has_two_of_a_kind(acquisition):
    space = doubled()
    kinds = space.classes
    assert len(set(kinds)) == 9
    search = siamnas.Search(
        space,
        "forest",
        27,
        overrides=["search=active", f"acquisition={acquisition}", "search.batch=6", "search.initial_design.count=3"],
    )
    sizes = []
    while archs := search.ask(6):
        sizes.append(len(archs))
        left = set(kinds[[arch for arch in range(27) if arch not in search.values or arch in archs]])
        # Copies come only where too few others are left.
        assert len(set(kinds[archs])) == min(len(archs), len(left))
        search.tell(archs, [float(space.types[arch].sum()) for arch in archs])
    assert sum(sizes) == 27


@pytest.mark.parametrize("name", ["gcn", "ridge with codes", "random"])
@pytest.mark.parametrize("acquisition", ["ucb", "ei", "thompson"])
def test_an_acquisition_that_needs_a_spread_is_refused_without_one(name, acquisition):
    benchmark = tiny_benchmark(40)
    oracle = TableOracle(benchmark, 1)
    predictor = MAKERS[name](benchmark.space, range(1), oracle)
    with pytest.raises(InputError, match="weighs how sure the predictor is"):
        Active(predictor, ACQUISITIONS[acquisition](), oracle, benchmark.measured.metric, 10, MAXIMIN, 1, "label")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search.n=0"], "search.n=0: must be an integer of at least 1"),
        (["search.initial_design.kind=fra"], "search.initial_design.kind=fra: must be maximin or random or stratified"),
        (["search.initial_design.count=0"], "search.initial_design.count=0: must be an integer of at least 1"),
        (["+search.k=3"], "unknown key search.k"),
        (["acquisition=ucb", "acquisition.beta=-1"], "acquisition.beta=-1: must be a number of at least 0"),
    ],
)
def test_a_wrong_value_is_named(make_job, words, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make_job("search=active", "predictor=forest", *words)


@pytest.mark.parametrize(
    ("fields", "n", "message"),
    [
        ({"kind": "stratified"}, 10, "search.initial_design.column=None: no column None"),
        ({"kind": "stratified", "column": "test_200_mean"}, 10, "only a query may see it"),
        ({"column": "flops"}, 10, "search.initial_design.column=flops: has no effect"),
        ({}, 61, "search.n=61: must be at least 1 for this predictor, and at most 60"),
    ],
)
def test_what_does_not_fit_the_space_is_named(fields, n, message):
    with pytest.raises(InputError, match=re.escape(message)):
        active(tiny_benchmark(60), n=n, first=dataclasses.replace(MAXIMIN, **fields))


def test_a_forest_that_chooses_is_ahead_of_chance():
    benchmark = tiny_benchmark(300)
    best = {}
    for name, acquisition in {"random": Random, **ACQUISITIONS}.items():
        search, oracle = active(benchmark, range(4), acquisition(), n=30)
        best[name] = evaluate(run(search, oracle), oracle, benchmark)["best"][:, -1].mean()
    assert min(best[name] for name in ACQUISITIONS) > best["random"] + 0.005


def test_evaluations_that_fail_count_and_others_come_in_their_place():
    space = graphs()
    search = siamnas.Search(space, "forest", 30, overrides=["search=active", "search.batch=1"])
    while archs := search.ask(5):
        assert len(archs) == 1 or not search.values, "one at a time after the initial design"
        search.tell(archs, [value(arch, space, fails=True) if len(search.values) > 8 else None for arch in archs])
    assert len(search.values) == 30


def test_a_job_without_a_k_has_a_table_curves_and_a_report(siamnas, tmp_path):
    words = ("space=nb_macro", "predictor=forest", "predictor.model.n_estimators=3", "repeats=2", f"out={tmp_path}")
    done = siamnas(*words, "search=active", "search.n=6", "search.initial_design.count=3", "logger=csv")
    assert done.code == 0, done.err
    head, row = (
        next(line for line in done.out.splitlines() if line.startswith(f"{word}  ")) for word in ("method", "forest")
    )
    assert row.split()[2] == "6" and not {"K", "top-K", "below"} & set(head.split()), "there is no final ranking"
    assert siamnas(*words, "search.n=4", "search.k=2", "search.depth=4", "logger=none").code == 0
    assert siamnas("report", str(tmp_path / "default")).code == 0
    table = (tmp_path / "default" / "report" / "table.csv").read_text().splitlines()
    assert len(table) == 3
