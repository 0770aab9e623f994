"""NSAM: the node self-attention module (Siamese-NAS, section on the NSAM)."""

import numpy as np
from torch import Tensor, nn

from siamnas.nn.fused import Graph, attend
from siamnas.nn.layers import GraphConvGroup


class NodeSelfAttention(nn.Module):
    """Features + attention along and against the edges, then one more group.

    q, k and v are three graph-convolution groups of the features, computed in one product.
    """

    def __init__(self, generators: list[np.random.Generator], channels: int) -> None:
        super().__init__()
        self.qkv = GraphConvGroup(generators, channels, channels, groups=3)
        self.group = GraphConvGroup(generators, channels, channels)

    def forward(self, x: Tensor, graph: Graph) -> Tensor:
        """(R, C, V, B) -> (R, C, V, B)."""
        q, k, v = self.qkv(x, graph).chunk(3, dim=1)
        return self.group(x + attend(q, k, v, graph), graph)
