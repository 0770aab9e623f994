"""Which architectures of a space are equal."""

import numpy as np

from siamnas.spaces.space import IntArray, Space


def of(space: Space) -> IntArray:
    """(M,) the number of the class of equal architectures that each belongs to."""
    edges = space.adjacency.reshape(len(space), -1) if space.adjacency.ndim == 3 else np.empty((len(space), 0))
    rows = np.concatenate([space.types, edges.astype(np.uint8)], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel()
