"""Neighbours in any space, against what a loop over all pairs of nodes finds."""

import numpy as np
import pytest

import siamnas
from siamnas.spaces.listed import Space
from siamnas.spaces.neighbours import Neighbourhood
from tests.search.ask_tell import graphs
from tests.support import own_edges, tiny_benchmark


def nano() -> Space:
    """200 cells of the Nano space, which differ in size, operations and edges."""
    whole = siamnas.Space.of_nano()
    few = np.arange(0, len(whole), len(whole) // 200)
    return Space(
        name="nano",
        node_types=whole.node_types,
        types=whole.types[few],
        adjacency=whole.adjacency[few],
        archs=whole.archs[few],
    )


SPACES = {
    "the same edges": lambda: tiny_benchmark(300).space,
    "few operations in a chain": graphs,
    "edges of their own": lambda: own_edges(tiny_benchmark(120).space),
    "nano": nano,
}


def difference(space: Space, one: int, other: int) -> int:
    """The definition: operations that differ, and edges that only one of them has."""
    operations = sum(a != b for a, b in zip(space.operations(one), space.operations(other), strict=True))
    return operations + len(set(space.edges(one)) ^ set(space.edges(other)))


@pytest.mark.parametrize("make", SPACES.values(), ids=SPACES)
def test_neighbours_differ_in_the_fewest_places(make):
    space = make()
    near, rng = Neighbourhood(space), np.random.default_rng(0)
    for arch in rng.choice(len(space), 8, replace=False).tolist():
        true = np.array([difference(space, arch, other) for other in range(len(space))])
        np.testing.assert_array_equal(near.distances(near.places[arch]), true)
        for among in (np.ones(len(space), bool), rng.random(len(space)) < 0.5):
            allowed = among & (true > 0)
            expected = np.flatnonzero(allowed & (true == true[allowed].min()))
            np.testing.assert_array_equal(near.of(arch, among), expected)
        np.testing.assert_array_equal(near.of(arch), near.of(arch, np.ones(len(space), bool)))


def test_a_whole_space_has_all_neighbours():
    """NAS-Bench-201: each of the six operations may become one of four others."""
    space = siamnas.Search("nb201_c100").space
    near = Neighbourhood(space)
    assert near.places.shape == (5**6, 6) and near.places.dtype == np.uint8
    for arch in (0, 7, 15_624):
        found = near.of(arch)
        assert len(found) == 6 * 4 and ((space.types[found] != space.types[arch]).sum(axis=1) == 1).all()
    assert arch in near.of(int(found[0])), "it goes both ways"


def test_the_nearest_of_what_is_none_of_the_space():
    space = tiny_benchmark(50).space
    near, rng = Neighbourhood(space), np.random.default_rng(1)
    among = rng.random(50) < 0.6
    for _ in range(5):
        place = near.places[rng.integers(50, size=near.places.shape[1]), np.arange(near.places.shape[1])]
        found = near.nearest(place, among)
        away = (near.places != place).sum(axis=1)
        np.testing.assert_array_equal(found, np.flatnonzero(among & (away == away[among].min())))
    assert near.nearest(near.places[3], np.ones(50, bool)).tolist() == [3]


def test_equal_graphs_and_the_last_one_have_no_neighbours():
    twice = siamnas.Space.of_graphs([["a", "b"]] * 2, [[(0, 1)]] * 2, ["one", "other"])
    assert Neighbourhood(twice).of(0).size == 0, "they differ in their names only"
    three = siamnas.Space.of_graphs([["a", "b"], ["a", "c"], ["a", "a"]], [[(0, 1)]] * 3)
    assert Neighbourhood(three).of(0, np.array([True, False, False])).size == 0
