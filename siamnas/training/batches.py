"""Architectures as network input: one-hot node types, codes and adjacency, architectures last."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from siamnas.graphs.arrays import IntArray
from siamnas.nn.fused.ops import Graph
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class GraphInputs:
    """Turns architecture indices into tensors.

    Attributes:
        space: the search space.
        device: where the tensors go.
    """

    space: Space
    device: torch.device

    def one_hot(self, archs: IntArray) -> Tensor:
        """Architectures (R, B) -> one-hot node types (R, F, V, B)."""
        types = torch.from_numpy(self.space.types[archs]).to(self.device)  # (R, B, V)
        names = torch.arange(len(self.space.node_types), dtype=types.dtype, device=self.device)
        return (types.transpose(1, 2)[:, None] == names[:, None, None]).float()

    def graph(self, archs: IntArray) -> Graph:
        """Architectures (R, B) -> their adjacency, shared where the whole space shares it."""
        adjacency = self.space.adjacency
        if adjacency.ndim == 2:
            shared = torch.from_numpy(adjacency).to(self.device)[None, :, :, None]
            return Graph(shared.expand(-1, -1, -1, archs.shape[1]).contiguous(), self.space.support, shared=True)
        own = torch.from_numpy(adjacency[archs]).to(self.device)  # (R, B, V, V)
        return Graph(own.permute(0, 2, 3, 1).contiguous(), self.space.support, shared=False)

    def codes(self, codes: np.ndarray) -> Tensor:
        """Codes (R, B, L) -> (R, L, B)."""
        return torch.from_numpy(np.ascontiguousarray(codes.swapaxes(1, 2), dtype=np.float32)).to(self.device)
