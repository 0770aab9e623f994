"""The operation on every node that is kept by pruning, and the kept edges where graphs differ in these."""

import numpy as np

from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet


def onehot(graphs: GraphBatch) -> FeatureSet:
    """One 0/1 feature for a node and a node type; a dead node has none. All are one group.

    Identities count as operations here. Nodes whose type never differs are left out, and so are types that a node never
    has in the reference: of a category of hundreds, one node has them and all others none.
    """
    kept = graphs.pruned.nodes
    reference = graphs.reference
    differs = np.flatnonzero((reference.types != reference.types[0]).any(axis=0))
    there = np.zeros((len(graphs.node_types), len(differs)), bool)
    there[reference.types[:, differs], np.arange(len(differs))] = True
    numbers, seats = np.nonzero(there)
    nodes = differs[seats]
    values = [(graphs.types[:, nodes] == numbers) & kept[:, nodes]]
    names = [f"node {node} is {graphs.node_types[number]}" for number, node in zip(numbers, nodes, strict=True)]
    if graphs.adjacency.ndim == 3:
        begin, end = np.nonzero(reference.support & ~np.eye(kept.shape[1], dtype=bool))
        values.append((graphs.adjacency[:, begin, end] != 0) & kept[:, begin] & kept[:, end])
        names += [f"edge {i}->{j}" for i, j in zip(begin, end, strict=True)]
    return FeatureSet.together(np.concatenate(values, axis=1), names)
