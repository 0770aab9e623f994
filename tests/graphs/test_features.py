"""Feature sets: what they say of architectures, against a list of all paths; and how they are standardised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siamnas.errors import InputError
from siamnas.graphs import features
from siamnas.graphs.features.graph import graph as graph_set
from siamnas.graphs.features.paths import paths as paths_set
from siamnas.graphs.features.wl import wl
from tests.graphs.dags import Graph, paths_of, pruned_graph, random_graph, renumbered, space_of

INVARIANT = ("graph", "paths", "wl")  # of the numbers of nodes


def some_graphs(seed: int, count: int = 60, most: int = 6) -> list[Graph]:
    rng = np.random.default_rng(seed)
    return [random_graph(rng, most, share=0.6) for _ in range(count)]


def raw(found, name: str) -> np.ndarray:
    return found.values[:, found.names.index(name)]


def test_paths_are_those_that_a_list_of_all_has():
    graphs = some_graphs(1)
    found = paths_set(space_of(graphs))
    lists = [paths_of(graph) for graph in graphs]

    def lengths(choose) -> list[int]:
        return [choose((path.count("conv") + path.count("deep") for path in paths), default=0) for paths in lists]

    assert raw(found, "paths").tolist() == list(map(len, lists))
    assert raw(found, "paths of nothing").tolist() == [paths.count([]) for paths in lists]
    assert raw(found, "most operations with weights on a path").tolist() == lengths(max)
    assert raw(found, "fewest operations with weights on a path").tolist() == lengths(min)
    for name in ("conv", "deep"):
        sums = [sum(path.count(name) for path in paths) for paths in lists]
        assert raw(found, f"{name} over all paths").tolist() == sums
    share = [np.mean(["max_pool" in path for path in paths]) if paths else 0 for paths in lists]
    assert raw(found, "share of paths with max_pool") == pytest.approx(np.array(share))
    assert max(map(len, lists)) > 8 and min(map(len, lists)) == 0


def test_operations_are_counted_after_pruning():
    graphs = some_graphs(2)
    found = graph_set(space_of(graphs))
    for name in ("conv", "deep", "max_pool"):
        counts = [[label for _, label in pruned_graph(graph).nodes(data="label")].count(name) for graph in graphs]
        assert raw(found, f"number of {name}").tolist() == counts


def test_an_architecture_costs_what_the_cheapest_equal_one_does():
    pruned = (["input", "conv", "output"], [(0, 1), (1, 2)])
    dead = (["input", "conv", "conv", "output"], [(0, 1), (1, 3), (0, 2)])
    other = (["input", "deep", "output"], [(0, 1), (1, 2)])
    found = graph_set(space_of([dead, pruned, other], columns={"flops": np.array([5.0, 2.0, 0.0])}))
    assert raw(found, "log flops") == pytest.approx(np.log([2, 2, 2])), "no cost at all counts as the least there is"


@pytest.mark.parametrize(("noise", "kept"), [(0.0, ["log flops"]), (0.5, ["log flops", "log params"])])
def test_a_cost_that_follows_from_another_is_left_out(noise, kept):
    graphs, rng = some_graphs(6, count=40), np.random.default_rng(0)
    flops = np.exp(rng.normal(size=40))
    params = np.exp(2 * np.log(flops) + 1 + noise * rng.normal(size=40))
    flops[3], params[5] = np.nan, np.nan  # not known of all
    found = graph_set(space_of(graphs, columns={"flops": flops, "params": params}))
    assert [name for name in found.names if name.startswith("log")] == kept


def test_equal_architectures_have_equal_features():
    graphs = some_graphs(3, count=40)
    rng = np.random.default_rng(4)
    space = space_of([version for graph in graphs for version in (graph, renumbered(graph, rng))])
    found, kinds = features.build(space, INVARIANT).values, space.classes
    assert (found == found[kinds]).all()
    assert len(np.unique(found, axis=0)) > 0.9 * len(np.unique(kinds)), "and most others different ones"


def test_neighbourhoods_are_histograms_of_nodes():
    space = space_of(some_graphs(5, count=30))
    found = wl(space)
    operations = found.values[:, found.groups == 0].sum(axis=1) - 2  # the ends, which all have
    assert (operations == (space.pruned.operations >= 0).sum(axis=1)).all()
    # Two conv that differ in what follows have one colour at depth 0, and two at depth 1.
    one = (["input", "conv", "conv", "output"], [(0, 1), (0, 2), (1, 3), (2, 3)])
    two = (["input", "conv", "conv", "output"], [(0, 1), (1, 2), (2, 3)])
    found = wl(space_of([one, two, one, two]))
    assert (found.values[0, found.groups == 0] == found.values[1, found.groups == 0]).all()
    assert (found.values[0, found.groups == 1] != found.values[1, found.groups == 1]).any()


def test_the_onehot_says_what_is_kept():
    kept, dead = (["input", "conv", "output"], [(0, 1), (1, 2)]), (["input", "conv", "output"], [(0, 1), (0, 2)])
    other = (["input", "deep", "output"], [(0, 1), (1, 2)])
    found = features.build(space_of([kept, dead, other]), ["onehot"])
    rows = dict(zip(found.names, found.values.T > 0, strict=True))
    assert rows["node 1 is conv"].tolist() == [True, False, False]
    assert rows["node 1 is deep"].tolist() == [False, False, True]
    assert rows["edge 0->1"].tolist() == rows["edge 1->2"].tolist() == [True, False, True]
    assert "node 0 is input" not in rows


@pytest.mark.parametrize("name", ["nb201_c100", "nb_macro"])
def test_features_are_standardised_and_numbered(shipped, name: str):
    space = shipped[name].space
    found = features.build(space, ["onehot", "graph", "paths", "wl", "columns"], ["params"])
    assert found.values.shape == (len(space), len(found.names)) == (len(space), len(found.groups))
    assert found.values.mean(axis=0) == pytest.approx(0, abs=1e-9)
    variance = found.values.var(axis=0)
    assert (variance > 0).all()
    assert np.bincount(found.groups, variance) / np.bincount(found.groups) == pytest.approx(1)
    assert (np.unique(found.groups) == np.arange(found.groups[-1] + 1)).all() and (np.diff(found.groups) >= 0).all()
    assert sum(name.startswith("node") for name in found.names) == (found.groups == 0).sum(), "the one-hot is one group"
    alone = np.bincount(found.groups) == 1
    copies = np.corrcoef(found.values[:, alone[found.groups]].T)
    assert np.abs(copies - np.eye(len(copies))).max() < 1 - 1e-9, "none is a copy of another"


def test_unknown_values_are_the_mean_and_nothing_new_is_dropped():
    graphs = [(["input", *["conv"] * i, "output"], [(j, j + 1) for j in range(i + 1)]) for i in range(4)]
    cost = np.array([1.0, np.nan, 2.0, 3.0])
    space = space_of(graphs, columns={"cost": cost, "same": np.ones(4), "lost": np.full(4, np.nan), "copy": -2 * cost})
    found = features.build(space, ["columns"], ["cost", "same", "lost", "copy"])
    assert found.names == ("cost",)
    assert found.values[:, 0] == pytest.approx(np.array([-1, 0, 0, 1]) * np.sqrt(1.5))


def test_a_space_of_one_has_no_features():
    found = features.build(space_of([(["conv"], [])]), list(features.OF_GRAPHS))
    assert found.values.shape == (1, 0) and found.names == ()


def first_slowly(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The definition of `features._first`, by sorting."""
    alone = np.flatnonzero(np.bincount(groups, minlength=1)[groups] == 1)
    rows = np.round(values[:, alone].T, 9)
    signs = np.sign(rows[np.arange(len(rows)), (rows != 0).argmax(axis=1)])
    copies = np.delete(alone, np.unique(signs[:, None] * rows + 0.0, axis=0, return_index=True)[1])
    return np.setdiff1d(np.arange(len(groups)), copies)


@st.composite
def standardised(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Values (M, D), many of them equal but for a sign, a zero's sign or a rounding, and their groups."""
    few = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 1e-9, -1e-9, 4e-10, -4e-10, 1e300, -1e300])
    number = few | st.floats(allow_nan=False, allow_infinity=False)
    values = draw(arrays(np.float64, (draw(st.integers(1, 4)), draw(st.integers(0, 6))), elements=number))
    seats = draw(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([1.0, -1.0])), max_size=6))
    copies = [sign * values[:, seat] for seat, sign in seats if seat < values.shape[1]]
    values = np.concatenate([values, *(copy[:, None] for copy in copies)], axis=1)
    steps = draw(arrays(np.int64, values.shape[1], elements=st.integers(0, 1)))
    return values, np.cumsum(steps) - (steps[0] if len(steps) else 0)


@given(standardised())
def test_copies_are_found_as_by_sorting(case: tuple[np.ndarray, np.ndarray]):
    with np.errstate(over="ignore"):  # rounding multiplies by 1e9
        found, expected = features._first(*case), first_slowly(*case)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


@pytest.mark.parametrize(
    ("sets", "columns", "message"),
    [
        (["onehott"], [], r"predictor.features: no set onehott \(did you mean onehot"),
        ([], [], "predictor.features=: must be one or more different ones of encoding, onehot"),
        (["graph", "graph"], [], "predictor.features=graph,graph: must be one or more different"),
        (["columns"], [], r"predictor.columns=\[\]: must name at least one column"),
        (["columns"], ["latency_x"], "predictor.columns=latency_x: no column latency_x"),
        (["columns"], ["test_200_mean"], "test_200_mean is known only after a training"),
        (["graph"], ["params"], "predictor.columns=params: has no effect without the features `columns`"),
    ],
)
def test_bad_input_is_named(shipped, sets: list[str], columns: list[str], message: str):
    with pytest.raises(InputError, match=message):
        features.build(shipped["nb201_c100"].space, sets, columns)
