"""The live operation on every node, and the live edges where architectures differ in these."""

import numpy as np

from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.listed import Space


def onehot(space: Space) -> FeatureSet:
    """One 0/1 feature for a node and a node type; a dead node has none. All are one group.

    Identities count as operations here. Nodes whose type never differs are left out.
    """
    alive = space.live.nodes
    nodes = np.flatnonzero((space.types != space.types[0]).any(axis=0))
    values, names = [], []
    for number, name in enumerate(space.node_types):
        values.append((space.types[:, nodes] == number) & alive[:, nodes])
        names += [f"node {node} is {name}" for node in nodes]
    if space.adjacency.ndim == 3:
        begin, end = np.nonzero(space.support & ~np.eye(alive.shape[1], dtype=bool))
        values.append((space.adjacency[:, begin, end] != 0) & alive[:, begin] & alive[:, end])
        names += [f"edge {i}->{j}" for i, j in zip(begin, end, strict=True)]
    return FeatureSet.together(np.concatenate(values, axis=1), names)
