"""What the paths of a graph from input to output are made of."""

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet
from siamnas.graphs.pruning import Pruned


def paths(graphs: GraphBatch) -> FeatureSet:
    """Numbers of paths, and of the operations on them.

    Of all paths: their number, how many have no operation at all, and the most and the fewest operations with weights
    on one of them. Of each operation: how many there are on all paths, and, where it has no weights, the share of paths
    that have it. All are 0 where there is no path.
    """
    weighted = np.array([name not in graphs.roles.weightless for name in graphs.node_types])
    there = np.unique(graphs.pruned.operations[graphs.pruned.operations >= 0]).tolist()
    ends = (f"{which} operations with weights on a path" for which in ("most", "fewest"))
    names = ["paths", "paths of nothing", *ends]
    for number in there:
        names.append(f"{graphs.node_types[number]} over all paths")
        names += [] if weighted[number] else [f"share of paths with {graphs.node_types[number]}"]
    values = np.concatenate([_of(part, there, weighted) for part in graphs.pruned.parts])
    return FeatureSet(values, tuple(names), np.arange(len(names)))


def _of(pruned: Pruned, there: list[int], weighted: NDArray[np.bool_]) -> FloatArray:
    """(M, D) the values of some graphs.

    Args:
        pruned: the graphs.
        there: numbers of the node types that occur.
        weighted: (F,) whether a node type has weights.
    """
    edges, operations = pruned.edges, pruned.operations
    before = np.ascontiguousarray(edges.transpose(0, 2, 1)).astype(np.float64)
    down, up = _counts(before), _counts(edges[:, ::-1, ::-1])[:, ::-1]
    through, total = down * up, down[:, -1]  # of a node: paths to it times paths from it
    steps = ((operations >= 0) & weighted[operations]) * 1.0
    values: list[NDArray] = [total, edges[:, 0, -1], _longest(before, steps), -_longest(before, -steps)]
    for number in there:
        of = operations == number
        values.append((through * of).sum(axis=1))
        if not weighted[number]:
            without = _counts(before, ~of)[:, -1]
            values.append(1 - without / np.maximum(total, 1) - (total == 0))
    return np.stack(values, axis=1).astype(np.float64)


def _counts(before: NDArray, through: NDArray[np.bool_] | None = None) -> FloatArray:
    """How many paths lead from the first node to each one.

    Args:
        before: (M, W, W) the numbers of edges to a node from each one, below the diagonal.
        through: (M, W) nodes that paths may have, all if None.
    """
    counts = np.zeros(before.shape[:2])
    counts[:, 0] = 1
    for node in range(1, before.shape[1]):
        counts[:, node] = (counts[:, :node] * before[:, node, :node]).sum(axis=1)
        if through is not None:
            counts[:, node] *= through[:, node]
    return counts


def _longest(before: NDArray, lengths: FloatArray) -> FloatArray:
    """(M,) the largest sum of `lengths` (M, W) of the nodes on a path, 0 where there is none; see `_counts`."""
    sums = np.full(lengths.shape, -np.inf)
    sums[:, 0] = 0
    for node in range(1, before.shape[1]):
        ends = np.where(before[:, node, :node] > 0, sums[:, :node], -np.inf)
        sums[:, node] = ends.max(axis=1) + lengths[:, node]
    return np.where(np.isfinite(sums[:, -1]), sums[:, -1], 0)
