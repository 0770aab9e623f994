"""What the paths of a graph from input to output are made of."""

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet


def paths(graphs: GraphBatch) -> FeatureSet:
    """Numbers of paths, and of the operations on them.

    Of all paths: their number, how many have no operation at all, and the most and the fewest operations with weights
    on one of them. Of each operation: how many there are on all paths, and, where it has no weights, the share of paths
    that have it. All are 0 where there is no path.
    """
    pruned = graphs.pruned
    edges, operations = pruned.edges, pruned.operations
    down, up = _counts(edges), _counts(edges[:, ::-1, ::-1].transpose(0, 2, 1))[:, ::-1]
    through, total = down * up, down[:, -1]  # of a node: paths to it times paths from it
    weighted = np.array([name not in graphs.roles.weightless for name in graphs.node_types])
    steps = ((operations >= 0) & weighted[operations]) * 1.0
    values: list[NDArray] = [total, edges[:, 0, -1], _longest(edges, steps), -_longest(edges, -steps)]
    ends = (f"{which} operations with weights on a path" for which in ("most", "fewest"))
    names = ["paths", "paths of nothing", *ends]
    for number, name in enumerate(graphs.node_types):
        of = operations == number
        if not of.any():
            continue
        values.append((through * of).sum(axis=1))
        names.append(f"{name} over all paths")
        if not weighted[number]:
            without = _counts(edges * ~of[:, :, None] * ~of[:, None, :])[:, -1]
            values.append(1 - without / np.maximum(total, 1) - (total == 0))
            names.append(f"share of paths with {name}")
    return FeatureSet.alone(values, names)


def _counts(edges: NDArray[np.int64]) -> FloatArray:
    """(M, W) how many paths lead from the first node to each one; `edges` (M, W, W) are above the diagonal."""
    counts = np.zeros(edges.shape[:2])
    counts[:, 0] = 1
    for node in range(1, edges.shape[1]):
        counts[:, node] = (counts * edges[:, :, node]).sum(axis=1)
    return counts


def _longest(edges: NDArray[np.int64], lengths: FloatArray) -> FloatArray:
    """(M,) the largest sum of `lengths` (M, W) of the nodes on a path; 0 where there is none."""
    sums = np.full(lengths.shape, -np.inf)
    sums[:, 0] = 0
    for node in range(1, edges.shape[1]):
        sums[:, node] = np.where(edges[:, :, node] > 0, sums, -np.inf).max(axis=1) + lengths[:, node]
    return np.where(np.isfinite(sums[:, -1]), sums[:, -1], 0)
