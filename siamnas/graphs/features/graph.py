"""How much of everything a graph has."""

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.columns import FREE
from siamnas.graphs.features.base import FeatureSet

ALIKE = 0.995  # correlation


def graph(graphs: GraphBatch) -> FeatureSet:
    """The number of operations of each node type after pruning, and the logarithms of FLOPs and parameters where known.

    The cost of a graph is that of the cheapest one that is equal to it: tables count dead operations, too.
    Where one cost follows from the other, as parameters do where the same convolutions make both, it is left out.
    """
    operations = graphs.pruned.operations
    numbers = range(len(graphs.node_types))
    values = [(operations == number).sum(axis=1) for number in numbers]
    names = [f"number of {name}" for name in graphs.node_types]
    for name in sorted(FREE & set(graphs.columns)):
        cost = _log_cost(graphs, graphs.columns[name])
        if not any(_alike(cost, other) for other in values[len(numbers) :]):
            values.append(cost)
            names.append(f"log {name}")
    return FeatureSet.alone(values, names)


def _log_cost(graphs: GraphBatch, column: FloatArray) -> FloatArray:
    """(M,) its logarithm; no cost at all counts as the least there is."""
    cost = np.full(len(graphs), np.nan)
    np.fmin.at(cost, graphs.classes, column)
    cost = cost[graphs.classes]
    least = np.min(cost, where=cost > 0, initial=np.inf)
    return np.log(np.maximum(cost, least))


def _alike(one: FloatArray, other: FloatArray) -> bool:
    """Whether one nearly is a linear function of the other, where both are known."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 2 or not one[both].std() or not other[both].std():
        return False
    return bool(abs(np.corrcoef(one[both], other[both])[0, 1]) > ALIKE)
