"""The operation on every node that is kept by pruning, and the kept edges where graphs differ in these."""

import numpy as np

from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet


def onehot(graphs: GraphBatch) -> FeatureSet:
    """One 0/1 feature for a node and a node type; a dead node has none. All are one group.

    Identities count as operations here. Nodes whose type never differs are left out.
    """
    kept = graphs.pruned.nodes
    reference = graphs.reference
    nodes = np.flatnonzero((reference.types != reference.types[0]).any(axis=0))
    values, names = [], []
    for number, name in enumerate(graphs.node_types):
        values.append((graphs.types[:, nodes] == number) & kept[:, nodes])
        names += [f"node {node} is {name}" for node in nodes]
    if graphs.adjacency.ndim == 3:
        begin, end = np.nonzero(reference.support & ~np.eye(kept.shape[1], dtype=bool))
        values.append((graphs.adjacency[:, begin, end] != 0) & kept[:, begin] & kept[:, end])
        names += [f"edge {i}->{j}" for i, j in zip(begin, end, strict=True)]
    return FeatureSet.together(np.concatenate(values, axis=1), names)
