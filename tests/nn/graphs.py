"""Random graphs for the tests of the layers."""

import numpy as np
import torch

from siamnas.nn.fused import Graph


def random_graph(repeats: int, nodes: int, cells: int, shared: bool, seed: int = 0) -> Graph:
    """Random DAGs with self loops."""
    rng = np.random.default_rng(seed)
    shape = (1, nodes, nodes, 1) if shared else (repeats, nodes, nodes, cells)
    upper = np.triu(np.ones((nodes, nodes)), 1)[None, :, :, None]
    a = (rng.random(shape) < 0.4) * upper + np.eye(nodes)[None, :, :, None]
    a = np.ascontiguousarray(np.broadcast_to(a, (shape[0], nodes, nodes, cells)), dtype=np.float32)
    return Graph(torch.from_numpy(a), (a > 0).any(axis=(0, 3)), shared)
