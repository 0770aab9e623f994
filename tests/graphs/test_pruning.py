"""Removal of what is dead and splicing of identities, against the same step by step."""

import dataclasses

import networkx
import numpy as np
import pytest

from siamnas.graphs import pruning
from siamnas.spaces.public import Space
from tests.graphs.dags import equal, paths_of, pruned_graph, random_graph, space_of


def as_networkx(space: Space, arch: int) -> networkx.DiGraph:
    """`space.pruned` of one architecture."""
    kept, labels, edges = space.pruned, space.pruned.labels[arch], space.pruned.edges[arch]
    names = {2 * kept.types: "begin", 2 * kept.types + 1: "end"} | dict(enumerate(space.node_types))
    found = networkx.DiGraph()
    found.add_nodes_from((node, {"label": names[label]}) for node, label in enumerate(labels.tolist()) if label >= 0)
    found.add_weighted_edges_from((i, j, int(edges[i, j])) for i, j in np.argwhere(edges))
    return found


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_it_is_what_the_steps_say(share: float):
    rng = np.random.default_rng(1)
    graphs = [random_graph(rng, most=6, share=share) for _ in range(200)]
    space = space_of(graphs)
    for arch, graph in enumerate(graphs):
        assert equal(as_networkx(space, arch), pruned_graph(graph))


def test_kept_nodes_are_those_on_a_path():
    rng = np.random.default_rng(2)
    graphs = [random_graph(rng) for _ in range(100)]
    nodes = space_of(graphs).pruned.nodes
    for row, graph in zip(nodes, graphs, strict=True):
        there = bool(paths_of(graph))
        assert row[graph[0].index("input")] == row[graph[0].index("output")] == there
        assert not row[len(graph[0]) :].any(), "padding"
        assert not any(row[node] for node, name in enumerate(graph[0]) if name == "zero")


def test_many_chunks_and_equal_edges_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (1, 2)]
    graphs = [(["input", *rng.choice(["conv", "skip", "zero"], 2), "output"], edges) for _ in range(9)]
    space = space_of(graphs)
    assert space.adjacency.ndim == 2
    monkeypatch.setattr(pruning, "CHUNK", 4)
    other = dataclasses.replace(space, adjacency=np.tile(space.adjacency, (9, 1, 1)))
    for field in ("nodes", "labels", "edges"):
        assert (getattr(space.pruned, field) == getattr(other.pruned, field)).all()


def test_without_named_ends_it_begins_and_ends_where_nothing_is():
    # Two branches without an input; the second node has no way on, so it ends there, too.
    space = space_of([(["conv", "conv", "conv"], [(0, 2)]), (["conv"], [])])
    assert space.pruned.nodes.tolist() == [[True] * 3, [True, False, False]]
    assert space.pruned.edges.sum(axis=(1, 2)).tolist() == [5, 2]


def test_two_skips_side_by_side_are_two_edges():
    once, twice = (["input", "output"], [(0, 1)]), (["input", "skip", "output"], [(0, 1), (1, 2), (0, 2)])
    assert space_of([once, twice]).pruned.edges.max(axis=(1, 2)).tolist() == [1, 2]


def test_a_fixed_node_stays_whatever_it_is(shipped):
    space = shipped["nb_macro"].space
    (arch,) = np.flatnonzero(space.archs == "00000000")
    labels = space.pruned.labels[arch]
    fixed = space.node_types.index("identity") + len(space.node_types)
    assert labels[[2, 4, 7]].tolist() == [fixed] * 3, "the identities that begin a stage"
    assert (labels >= 0).sum() == 2 + 3
