"""Graphs reduced to what their output depends on: dead nodes are removed, and identities spliced."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import Types
from siamnas.graphs.roles import Roles

CHUNK = 2048  # graphs at a time, so that the arrays of one step stay in the cache

Arcs = list[tuple[NDArray[np.intp], NDArray[np.bool_]]]
"""For each of W nodes the P nodes that any graph has an edge from (or to), and (P, M) which graphs have it."""


@dataclass(frozen=True)
class Pruned:
    """M graphs of W = V + 2 nodes in topological order: the input, what is kept, the output.

    All of them have the same two ends, so that a graph of skips alone is an edge from input to output. There are as
    many edges between two nodes as there were paths of identities: x + x is not x.

    Attributes:
        types: F, the number of node types of the batch.
        nodes: (M, V) True for the nodes of the batch that are on a path from input to output, identities included.
        labels: (M, W) int16: the node type of an operation, plus F where more is done there than it says (see
            `Roles.fixed`); 2 F for the input, 2 F + 1 for the output, -1 for a node that is left out.
        linked: (M, W, W) edges between nodes on a path, above the diagonal, before identities are spliced.
        spliced: (M, V) True for these identities.
    """

    types: int
    nodes: NDArray[np.bool_]
    labels: NDArray[np.int16]
    linked: NDArray[np.bool_]
    spliced: NDArray[np.bool_]

    @property
    def parts(self) -> Iterator["Pruned"]:
        """The graphs, some at a time, so that the arrays of one step stay in the cache; at least one part."""
        for begin in range(0, max(len(self.labels), 1), CHUNK):
            rows = slice(begin, begin + CHUNK)
            yield Pruned(self.types, self.nodes[rows], self.labels[rows], self.linked[rows], self.spliced[rows])

    @cached_property
    def edges(self) -> NDArray[np.signedinteger]:
        """(M, W, W) numbers of edges, above the diagonal; of the smallest integers that hold them."""
        return np.concatenate([_spliced(part.linked.astype(np.int64), part.spliced) for part in self.parts])

    @property
    def operations(self) -> NDArray[np.int16]:
        """(M, W) the node type of every operation that is kept; -1 for the ends and for what is left out."""
        inner = (self.labels >= 0) & (self.labels < 2 * self.types)
        return np.where(inner, self.labels % self.types, np.int16(-1))


def prune(types: Types, adjacency: NDArray[np.float32], node_types: tuple[str, ...], table: Roles) -> Pruned:
    """Remove dead nodes and splice identities.

    Args:
        types: (M, V), see `siamnas.graphs.batch.GraphBatch`.
        adjacency: (V, V) or (M, V, V) with self loops.
        node_types: F names.
        table: what these do.
    """
    roles = _RoleArrays(node_types, table, types.shape[1])
    shared = adjacency.ndim == 2
    parts = [
        _chunk(types[begin : begin + CHUNK], adjacency[None] if shared else adjacency[begin : begin + CHUNK], roles)
        for begin in range(0, len(types), CHUNK)
    ]
    return Pruned(len(node_types), *(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def arcs(linked: NDArray[np.bool_]) -> tuple[Arcs, Arcs]:
    """What leads to every node of graphs (M, W, W), and what follows it."""
    across = np.ascontiguousarray(linked.transpose(1, 2, 0))
    support = np.logical_or.reduce(linked, axis=0)
    before = [(begins := np.flatnonzero(there), across[begins, node]) for node, there in enumerate(support.T)]
    after = [(ends := np.flatnonzero(there), across[node, ends]) for node, there in enumerate(support)]
    return before, after


class _RoleArrays:
    """The roles as arrays: (F,) booleans, and (V,) for the fixed nodes."""

    def __init__(self, node_types: tuple[str, ...], table: Roles, size: int) -> None:
        self.size = len(node_types)
        self.identity, self.zero, self.input, self.output = (
            np.array([name in names for name in node_types])
            for names in (table.identity, table.zero, table.input, table.output)
        )
        self.fixed = np.isin(np.arange(size), table.fixed)


def _chunk(
    types: Types, adjacency: NDArray[np.float32], roles: _RoleArrays
) -> tuple[NDArray[np.bool_], NDArray[np.int16], NDArray[np.bool_], NDArray[np.bool_]]:
    """`nodes`, `labels`, `linked` and `spliced` of some graphs; `adjacency` is (1, V, V) or (M, V, V)."""
    count, size = types.shape
    order, inner = _sorted(adjacency != 0)
    types = np.take_along_axis(types, np.broadcast_to(order, types.shape), axis=1)
    fixed = roles.fixed[order]
    linked = np.zeros((count, size + 2, size + 2), bool)
    linked[:, 1:-1, 1:-1] = inner
    linked[:, 0, 1:-1], linked[:, 1:-1, -1] = _ends(types, inner, roles)
    kept = _on_a_path(linked, roles.zero[types])
    spliced = (roles.identity | roles.input | roles.output)[types] & ~fixed
    labels = np.full((count, size + 2), 2 * roles.size, np.int16)
    labels[:, 1:-1] = np.where(kept[:, 1:-1] & ~spliced, types + roles.size * fixed.astype(np.int16), -1)
    labels[:, -1] += 1
    nodes = np.empty((count, size), bool)
    np.put_along_axis(nodes, np.broadcast_to(order, types.shape), kept[:, 1:-1], axis=1)
    return nodes, labels, linked & kept[:, :, None] & kept[:, None, :], spliced & kept[:, 1:-1]


def _sorted(arcs: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Topological orders (M, V) of graphs (M, V, V) with self loops, and the graphs in this order without these."""
    size = arcs.shape[1]
    arcs = arcs & ~np.eye(size, dtype=bool)
    if not arcs[:, *np.tril_indices(size)].any():
        return np.broadcast_to(np.arange(size), arcs.shape[:2]), arcs
    depth = np.zeros(arcs.shape[:2], np.int16)
    for _ in range(size - 1):
        deeper = (arcs * (depth + np.int16(1))[:, :, None]).max(axis=1)
        if (deeper == depth).all():
            break
        depth = deeper
    order = np.argsort(depth, axis=1, kind="stable")
    rows = np.arange(len(arcs))[:, None, None]
    return order, arcs[rows, order[:, :, None], order[:, None, :]]


def _spliced(edges: NDArray[np.int64], out: NDArray[np.bool_]) -> NDArray[np.signedinteger]:
    """Edges (M, W, W) in topological order without the nodes `out` (M, V): from all before them to all after them.

    Changes its argument.
    """
    for node in np.flatnonzero(out.any(axis=0)) + 1:
        some = slice(None) if out[:, node - 1].all() else np.flatnonzero(out[:, node - 1])
        begins, ends = edges[some, :node, node], edges[some, node, node + 1 :]
        edges[some, :node, node + 1 :] += begins[:, :, None] * ends[:, None, :]
        edges[some, :node, node] = edges[some, node, node + 1 :] = 0
    return edges.astype(np.min_scalar_type(-1 - edges.max(initial=0)))


def _ends(types: Types, arcs: NDArray[np.bool_], roles: _RoleArrays) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(M, V) where graphs begin, and where they end."""
    takes, given = arcs.any(axis=1), arcs.any(axis=2)
    padding = roles.identity[types] & ~takes & ~given
    ends = []
    for named, bare in ((roles.input[types], ~takes), (roles.output[types], ~given)):
        ends.append(np.where(named.any(axis=1, keepdims=True), named, bare & ~padding))
    return ends[0], ends[1]


def _on_a_path(linked: NDArray[np.bool_], zero: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(M, W) True for nodes on a path between the ends; these themselves are always there."""
    count, size = linked.shape[:2]
    passed = np.ones((size, count), bool)
    passed[1:-1] = ~zero.T
    begun, ended = np.zeros((2, size, count), bool)
    begun[0] = ended[-1] = True
    before, after = arcs(linked)
    for node, (begins, there) in enumerate(before[1:], start=1):
        begun[node] = (begun[begins] & there).any(axis=0) & passed[node]
    for node in reversed(range(size - 1)):
        ends, there = after[node]
        ended[node] = (ended[ends] & there).any(axis=0) & passed[node]
    kept = begun & ended
    kept[[0, -1]] = True
    return kept.T
