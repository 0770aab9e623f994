"""The encoding of a space as it is, dead nodes included."""

import numpy as np

from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.listed import Space


def encoding(space: Space) -> FeatureSet:
    """V F one-hot node types; where architectures differ in their edges, V V more for these. All are one group."""
    size = space.types.shape[1]
    one_hot = np.eye(len(space.node_types), dtype=np.float32)[space.types].reshape(len(space), -1)
    names = [f"node {node} is {name}" for node in range(size) for name in space.node_types]
    if space.adjacency.ndim == 2:
        return FeatureSet.together(one_hot, names)
    names += [f"edge {begin}->{end}" for begin in range(size) for end in range(size)]
    return FeatureSet.together(np.concatenate([one_hot, space.adjacency.reshape(len(space), -1)], axis=1), names)
