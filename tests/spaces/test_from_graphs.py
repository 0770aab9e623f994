"""A space of graphs that are built in Python."""

from typing import Any

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.spaces.public import Space

OPERATIONS = [["input", "conv", "output"], ["input", "pool", "conv", "output"]]
EDGES = [[(0, 1), (1, 2)], [(0, 1), (0, 2), (1, 3), (2, 3)]]


def test_graphs_of_two_sizes() -> None:
    flops = np.array([3, 4])
    space = Space.of_graphs(OPERATIONS, EDGES, ["small", "large"], {"flops": flops}, "mine")
    assert (space.name, len(space), space.archs.tolist()) == ("mine", 2, ["small", "large"])
    assert space.node_types == ("conv", "input", "none", "output", "pool")
    names = [[space.node_types[t] for t in row] for row in space.types]
    assert names == [["input", "conv", "output", "none"], OPERATIONS[1]]
    assert space.types.dtype == np.uint8 and space.adjacency.dtype == np.float32
    expected = np.tile(np.eye(4), (2, 1, 1))
    for matrix, edges in zip(expected, EDGES, strict=True):
        matrix[tuple(zip(*edges, strict=True))] = 1
    np.testing.assert_array_equal(space.adjacency, expected)
    assert space.columns["flops"].dtype == np.float64 and space.columns["flops"].tolist() == [3, 4]
    assert space.support.sum() == 4 + 5, "the edges 0-1, 1-2, 0-2, 1-3 and 2-3, and a self loop each"


def test_equal_edges_are_kept_once_and_no_padding_without_need() -> None:
    operations = [["input", name, "output"] for name in ("conv", "pool", "none")]
    space = Space.of_graphs(operations, [EDGES[0]] * 3)
    np.testing.assert_array_equal(space.adjacency, np.eye(3) + np.eye(3, k=1))
    assert space.archs.tolist() == ["arch_0", "arch_1", "arch_2"]
    assert (space.name, dict(space.columns)) == ("own", {})
    assert "none" not in Space.of_graphs(operations[:2], [EDGES[0]] * 2).node_types


def test_an_edge_may_be_named_twice_and_in_any_order_of_the_nodes() -> None:
    space = Space.of_graphs([["a", "b", "c"]], [[(2, 1), (2, 1), (1, 0)]])
    np.testing.assert_array_equal(space.adjacency, np.eye(3) + np.eye(3, k=-1))


def test_names_may_be_numbers_and_one_architecture_is_a_space() -> None:
    space = Space.of_graphs([["a"]], [[]], names=[7])  # type: ignore[list-item]
    assert space.archs.tolist() == ["7"] and space.adjacency.tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"edges": [EDGES[0], [(0, 1), (1, 2), (2, 1)]]}, r"large: has a cycle among nodes \[1, 2\]"),
        ({"edges": [EDGES[0], [(1, 1)]]}, "large: has a self loop; leave it out"),
        ({"edges": [[(0, 3)], EDGES[1]]}, r"small: edge \(0, 3\): must join two of its 3 nodes, from 0"),
        ({"edges": [[(-1, 2)], EDGES[1]]}, r"small: edge \(-1, 2\): must join two of its 3 nodes"),
        ({"edges": EDGES[:1]}, "2 lists of operations, but 1 of edges: must be one each"),
        ({"names": ["small"]}, "names: must be 2, one per architecture, not 1"),
        ({"names": ["same", "same"]}, "same: two architectures have this name"),
        (
            {"columns": {"flops": np.zeros(3)}},
            r"columns\['flops'\]: must be 2 numbers, one per architecture, is \(3,\)",
        ),
        ({"columns": {"flops": np.zeros((2, 1))}}, r"columns\['flops'\]: must be 2 numbers"),
        ({"operations": [], "edges": [], "names": []}, "own: must hold at least one architecture"),
        ({"operations": [[], []], "edges": [[], []]}, "small: must have at least one node"),
        ({"operations": [["a"], [f"type {i}" for i in range(300)]], "edges": [[], []]}, "must be 1 to 256 different"),
    ],
)
def test_what_is_no_space_is_named(changes: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"operations": OPERATIONS, "edges": EDGES, "names": ["small", "large"]}
    with pytest.raises(InputError, match=message):
        Space.of_graphs(**(given | changes))


@pytest.mark.parametrize("edge", [(0, 1, 2), (0,), 3, ("a", "b"), (0.5, 1)])
def test_what_is_no_pair_of_nodes_is_named(edge: Any) -> None:
    with pytest.raises(InputError, match="small: edge"):
        Space.of_graphs(OPERATIONS, [[edge], EDGES[1]], ["small", "large"])


def test_a_long_chain_is_no_cycle() -> None:
    nodes = 60
    space = Space.of_graphs([["a"] * nodes], [[(i, i + 1) for i in range(nodes - 1)]])
    assert space.adjacency.sum() == 2 * nodes - 1
    with pytest.raises(InputError, match="cycle"):
        Space.of_graphs([["a"] * nodes], [[(i, (i + 1) % nodes) for i in range(nodes)]])


def test_a_space_gives_back_the_graphs_that_it_was_made_of():
    operations = [["a", "b", "c"], ["a", "c"], ["b", "a", "c"]]
    edges = [[(0, 1), (0, 2), (1, 2)], [(0, 1)], [(1, 0), (1, 2)]]
    space = Space.of_graphs(operations, edges)
    assert [space.operations(arch) for arch in range(3)] == [operations[0], ["a", "c", "none"], operations[2]]
    assert [space.edges(arch) for arch in range(3)] == edges
    alike = Space.of_graphs(operations[:1] * 2, edges[:1] * 2, ["one", "two"])
    assert alike.adjacency.ndim == 2 and alike.edges(1) == edges[0]
