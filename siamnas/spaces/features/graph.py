"""How much of everything an architecture has."""

import numpy as np

from siamnas.spaces.columns import FREE
from siamnas.spaces.features.base import FeatureSet
from siamnas.spaces.space import Space


def graph(space: Space) -> FeatureSet:
    """The number of live operations of each node type, and the logarithms of FLOPs and parameters where known.

    What an architecture costs is what the cheapest one costs that is equal to it: tables count dead operations, too.
    """
    operations = space.live.operations
    numbers = range(len(space.node_types))
    values = [(operations == number).sum(axis=1) for number in numbers]
    names = [f"number of {name}" for name in space.node_types]
    for name in sorted(FREE & set(space.columns)):
        cost = np.full(len(space), np.nan)
        np.fmin.at(cost, space.classes, space.columns[name])
        cost = cost[space.classes]
        # No cost at all counts as the least there is.
        least = np.min(cost, where=cost > 0, initial=np.inf)
        values.append(np.log(np.maximum(cost, least)))
        names.append(f"log {name}")
    return FeatureSet.alone(values, names)
