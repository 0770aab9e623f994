"""The canonical form of a pruned graph, however its nodes were numbered."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.colours import Colours, mixed
from siamnas.graphs.pruning import Pruned

Rows = list[list[int]]


def classes(pruned: Pruned) -> NDArray[np.int64]:
    """(M,) the number of the first graph of the class of each one.

    Two graphs are equal when nothing is left to tell them apart: dead nodes are removed, identities spliced, and nodes
    numbered in one way. Sums and concatenations have no order; x + x is not x.
    """
    first: dict[bytes, int] = {}
    every = chain.from_iterable(map(forms, pruned.parts))
    return np.array([first.setdefault(form.tobytes(), graph) for graph, form in enumerate(every)], np.int64)


def forms(pruned: Pruned) -> NDArray[np.int64]:
    """(M, W + W W) labels and edges in a canonical order of the nodes: equal rows are isomorphic graphs.

    The order is that of labels, then of colours which say what leads to a node and what follows. Where nodes are tied
    that can't be exchanged one by one, all their orders are tried, and the least form counts: individualisation and
    refinement, as in nauty (arXiv 1301.1493). It is exact: a collision of colours costs time only.
    """
    # Nodes that are left out come last.
    labels = np.where(pruned.labels < 0, np.iinfo(np.int16).max, pruned.labels)
    colour = _colours(pruned)
    order = np.lexsort((colour, labels), axis=1)
    labels, colour = np.take_along_axis(pruned.labels, order, axis=1), np.take_along_axis(colour, order, axis=1)
    rows = np.arange(len(order))[:, None, None]
    edges = pruned.edges[rows, order[:, :, None], order[:, None, :]]
    tied = (labels[:, 1:] == labels[:, :-1]) & (colour[:, 1:] == colour[:, :-1]) & (labels[:, 1:] >= 0)
    for graph in np.flatnonzero(_undecided(tied, edges)):
        count = int((labels[graph] >= 0).sum())
        ranks = np.concatenate([[0], np.cumsum(~tied[graph, : count - 1])])
        # Nodes only change places with others of their rank, so the labels stay.
        edges[graph, :count, :count] = _least(ranks.tolist(), edges[graph, :count, :count].tolist())
    return np.concatenate([labels.astype(np.int64), edges.reshape(len(edges), -1)], axis=1)


def _colours(pruned: Pruned) -> Colours:
    """(M, W) a number for everything that leads to a node and everything that follows it."""
    labels, edges = mixed(pruned.labels.astype(np.uint64)), pruned.edges.astype(np.uint64)
    down, up = labels.copy(), labels.copy()
    size = labels.shape[1]
    for node in range(1, size):
        down[:, node] = mixed(labels[:, node] + (edges[:, :node, node] * mixed(down[:, :node])).sum(axis=1))
    for node in reversed(range(size - 1)):
        after = slice(node + 1, size)
        up[:, node] = mixed(labels[:, node] + (edges[:, node, after] * mixed(up[:, after])).sum(axis=1))
    return mixed(mixed(down) + up)


def _undecided(tied: NDArray[np.bool_], edges: NDArray[np.signedinteger]) -> NDArray[np.bool_]:
    """(M,) True where the exchange of two tied neighbours changes the edges.

    Args:
        tied: (M, W - 1) whether a node and the next one are.
        edges: (M, W, W).
    """
    undecided = np.zeros(len(tied), dtype=bool)
    for node in range(tied.shape[1]):
        swapped = np.arange(edges.shape[1])
        swapped[[node, node + 1]] = node + 1, node
        some = edges[tied[:, node]]
        undecided[tied[:, node]] |= (some != some[:, swapped][:, :, swapped]).any(axis=(1, 2))
    return undecided


def _least(ranks: list[int], edges: Rows) -> Rows:
    """The least of the matrices (w, w) in orders that keep the ranks (w,)."""
    ranks = _refined(ranks, edges)
    # Two branches whose first leaves are equal are images of each other under a symmetry: one stands for both.
    different: dict[str, list[int]] = {}
    for branch in _branches(ranks, edges):
        different.setdefault(repr(_leaf(branch, edges)), branch)
    if not different:
        return _ordered(ranks, edges)
    return min(_least(branch, edges) for branch in different.values())


def _leaf(ranks: list[int], edges: Rows) -> Rows:
    """The matrix in one of the orders that keep the ranks."""
    ranks = _refined(ranks, edges)
    branch = next(_branches(ranks, edges), None)
    return _ordered(ranks, edges) if branch is None else _leaf(branch, edges)


def _branches(ranks: list[int], edges: Rows) -> Iterator[list[int]]:
    """Ranks with one node before the others of its rank: for each that is worth a try, of the first rank with some."""
    nodes = range(len(ranks))
    for rank in sorted(set(ranks)):
        cell = [node for node in nodes if ranks[node] == rank]
        different = [node for i, node in enumerate(cell) if not any(_twins(node, cell[j], edges) for j in range(i))]
        if len(different) > 1:
            yield from ([2 * ranks[node] + (node != first) for node in nodes] for first in different)
            return


def _ordered(ranks: list[int], edges: Rows) -> Rows:
    """The matrix in the order of the ranks."""
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    return [[edges[i][j] for j in order] for i in order]


def _refined(ranks: list[int], edges: Rows) -> list[int]:
    """Ranks after which nodes of one rank have equal numbers of edges to and from every other rank."""
    nodes = range(len(ranks))
    while True:
        signs = []
        for node in nodes:
            after = sorted((ranks[other], edges[node][other]) for other in nodes if edges[node][other])
            before = sorted((ranks[other], edges[other][node]) for other in nodes if edges[other][node])
            signs.append((ranks[node], tuple(after), tuple(before)))
        place = {sign: rank for rank, sign in enumerate(sorted(set(signs)))}
        refined = [place[sign] for sign in signs]
        if len(place) == len(set(ranks)):
            return refined
        ranks = refined


def _twins(one: int, other: int, edges: Rows) -> bool:
    """Whether two nodes have the same edges to and from all others, and none between them."""
    if edges[one][other] or edges[other][one]:
        return False
    return edges[one] == edges[other] and all(row[one] == row[other] for row in edges)
