"""What the paths of a graph from input to output are made of."""

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet
from siamnas.graphs.pruning import Arcs, Pruned, arcs


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

    Identities are on paths as they are in no operation, so they need not be spliced.

    Args:
        pruned: the graphs.
        there: numbers of the node types that occur.
        weighted: (F,) whether a node type has weights.
    """
    before, after = arcs(pruned.linked)
    operations = np.ascontiguousarray(pruned.operations.T)
    light = [number for number in there if not weighted[number]]
    avoided = [operations >= 0, *(operations == number for number in light)]
    down = _counts(before, ~np.stack([np.zeros_like(avoided[0]), *avoided], axis=1))
    back = [(len(after) - 1 - ends, linked) for ends, linked in reversed(after)]
    up = _counts(back, np.ones((len(after), 1, 1), bool))[::-1, 0]
    through, total = down[:, 0] * up, down[-1, 0]  # of a node: paths to it times paths from it
    without = dict(zip(light, down[-1, 2:], strict=True))
    steps = ((operations >= 0) & weighted[operations]) * 1.0
    most, fewest = _longest(before, np.stack([steps, -steps], axis=1))
    values: list[NDArray] = [total, down[-1, 1], most, -fewest]
    for number in there:
        values.append((through * (operations == number)).sum(axis=0))
        if number in without:
            values.append(1 - without[number] / np.maximum(total, 1) - (total == 0))
    return np.stack(values, axis=1).astype(np.float64)


def _counts(before: Arcs, through: NDArray[np.bool_]) -> FloatArray:
    """(W, K, M) how many paths lead from the first node to each one; `through` (W, K, M): nodes that paths may have."""
    counts = np.zeros((len(before), through.shape[1], before[0][1].shape[1]))
    counts[0] = 1
    for node, (begins, there) in enumerate(before[1:], start=1):
        counts[node] = (counts[begins] * there[:, None]).sum(axis=0) * through[node]
    return counts


def _longest(before: Arcs, lengths: FloatArray) -> FloatArray:
    """(K, M) the largest sum of `lengths` (W, K, M) of the nodes on a path, 0 where there is none."""
    sums = np.full(lengths.shape, -np.inf)
    sums[0] = 0
    for node, (begins, there) in enumerate(before[1:], start=1):
        ends = np.where(there[:, None], sums[begins], -np.inf)
        sums[node] = ends.max(axis=0, initial=-np.inf) + lengths[node]
    return np.where(np.isfinite(sums[-1]), sums[-1], 0)
