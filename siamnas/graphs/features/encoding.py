"""The encoding of graphs as it is, dead nodes included."""

import numpy as np

from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet


def encoding(graphs: GraphBatch) -> FeatureSet:
    """V F one-hot node types; where graphs differ in their edges, V V more for these. All are one group."""
    size = graphs.types.shape[1]
    one_hot = np.eye(len(graphs.node_types), dtype=np.float32)[graphs.types].reshape(len(graphs), -1)
    names = [f"node {node} is {name}" for node in range(size) for name in graphs.node_types]
    if graphs.adjacency.ndim == 2:
        return FeatureSet.together(one_hot, names)
    names += [f"edge {begin}->{end}" for begin in range(size) for end in range(size)]
    return FeatureSet.together(np.concatenate([one_hot, graphs.adjacency.reshape(len(graphs), -1)], axis=1), names)
