"""How much of everything a graph has."""

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.columns import FREE
from siamnas.graphs.features.base import FeatureSet

ALIKE = 0.995  # correlation


def graph(graphs: GraphBatch) -> FeatureSet:
    """The number of operations of each node type after pruning, and the logarithms of FLOPs and parameters where known.

    Where one cost follows from the other, as parameters do where the same convolutions make both, it is left out.
    """
    operations = graphs.pruned.operations
    values = [(operations == number).sum(axis=1) for number in range(len(graphs.node_types))]
    names = [f"number of {name}" for name in graphs.node_types]
    for name, least in _costs(graphs.reference).items():
        values.append(_log(graphs.cost(name), least))
        names.append(f"log {name}")
    return FeatureSet.alone(values, names)


def _costs(reference: GraphBatch) -> dict[str, float]:
    """The costs that do not follow from another, and the least of each that there is."""
    if (key := "costs") not in reference.derived:
        found: dict[str, float] = {}
        values: list[FloatArray] = []
        for name in sorted(FREE & set(reference.columns)):
            cost = reference.cost(name)
            least = float(np.min(cost, where=cost > 0, initial=np.inf))
            if not any(_alike(_log(cost, least), other) for other in values):
                found[name] = least
                values.append(_log(cost, least))
        reference.derived[key] = found
    costs: dict[str, float] = reference.derived[key]
    return costs


def _log(cost: FloatArray, least: float) -> FloatArray:
    """Its logarithm; no cost at all counts as the least there is."""
    return np.log(np.maximum(cost, least))


def _alike(one: FloatArray, other: FloatArray) -> bool:
    """Whether one nearly is a linear function of the other, where both are known."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 2 or not one[both].std() or not other[both].std():
        return False
    return bool(abs(np.corrcoef(one[both], other[both])[0, 1]) > ALIKE)
