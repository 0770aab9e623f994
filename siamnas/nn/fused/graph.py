"""The graph that the layers run on, and which kernels fit it."""

import ctypes
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from siamnas.nn.fused import kernels

LARGEST = 2**18
"""V * V * B up to which a kernel's arrays surely fit on the stack; larger batches run in plain PyTorch."""


@dataclass(frozen=True)
class Graph:
    """The adjacency A + I of a batch of architectures.

    Attributes:
        adjacency: contiguous (R, V, V, B) of weights, or (1, V, V, B) where all repeats have the same ones; entry
            (i, j) is the edge i -> j.
        support: (V, V) bool array, True where any architecture of the space has the edge.
        shared: all architectures of the space have all edges of the support, with weight 1.
    """

    adjacency: Tensor
    support: np.ndarray
    shared: bool

    def reversed(self) -> "Graph":
        """The graph with every edge turned round."""
        return Graph(self.adjacency.transpose(1, 2).contiguous(), np.ascontiguousarray(self.support.T), self.shared)

    def directed(self, repeats: int, directions: int) -> Tensor:
        """(R, D, V, V, B): A for the first direction, its transpose for the second."""
        both = torch.stack([self.adjacency, self.adjacency.transpose(1, 2)][:directions], dim=1)
        return both.expand(repeats, -1, -1, -1, -1)

    def kernels(self, features: Tensor) -> kernels.Library | None:
        """The kernels for `features` (R, ..., V, B) on this graph; None where they do not apply.

        Raises:
            ValueError: the graph is of other features; a kernel would read beyond its arrays.
        """
        if not features.is_cpu or features.dtype != torch.float32:
            return None
        repeats, *_, nodes, size = features.shape
        if nodes * nodes * size > LARGEST:
            return None
        shape = self.adjacency.shape
        if shape != (1, nodes, nodes, size) and shape != (repeats, nodes, nodes, size):
            raise ValueError(f"an adjacency of {tuple(shape)} does not fit features of {tuple(features.shape)}")
        return kernels.load("training", self.support, size, weighted=not self.shared)

    def arguments(self) -> tuple[ctypes.c_float, int]:
        """The adjacency and its stride from one repeat to the next, as the kernels take them."""
        adjacency = self.adjacency
        return kernels.floats(adjacency), adjacency.stride(0) if len(adjacency) > 1 else 0
