"""Coarse accuracies of many architectures of one space on the CPU, several times faster than one by one.

Where all architectures have the same edges, the features of a node after the stem are the sum of two of a few table
rows (`siamnas.nn.fused.sharing`). A linear map of that sum is the sum of the mapped rows: the first product after the
stem, of the NSAM's q, k and v or of the third group, is computed once per row instead of once per node and
architecture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from siamnas.graphs.arrays import IntArray
from siamnas.nn.fused import kernels
from siamnas.nn.fused.graph import Graph
from siamnas.nn.fused.ops import affine_mish_reference, attend_reference
from siamnas.nn.fused.sharing import Neighbourhoods


@dataclass(frozen=True)
class Group:
    """K graph-convolution groups of the same input, in inference.

    Attributes:
        weight: (R, K, 2, C, C), the last axis is the input.
        scale: (R, K, 2, C) what batch norm amounts to, with the shift.
        shift: (R, K, 2, C).
    """

    weight: Tensor
    scale: Tensor
    shift: Tensor


@dataclass(frozen=True)
class Trunk:
    """What a network does with the features after its stem.

    Attributes:
        first: the NSAM's q, k and v (K = 3); or the third group, which then is all there is (K = 1).
        later: the last group of the NSAM and the third one, after each other (K = 2); not read where the first is all.
        over_channels: the features' mean is over the channels, else over the nodes.
        accuracy: the unit at the end: means (R, V or C, M) -> accuracies (R, M).
    """

    first: Group
    later: Group
    over_channels: bool
    accuracy: Callable[[Tensor], Tensor]


class Network(Protocol):
    """A network that ends in a `Trunk`."""

    def after_stem(self) -> Trunk:
        """The weights as they are."""
        ...


def load(adjacency: np.ndarray, channels: int) -> kernels.Library | None:
    """The kernel for architectures with this adjacency (V, V); None where there is no C compiler."""
    return kernels.load("ranking", adjacency != 0, channels, weighted=False)


class SharedRanking:
    """Computes `network.coarse(network.stem(...))` for architectures that share rows of a table.

    The weights are read once, at the start: the next training step makes it useless.

    Args:
        network: in inference mode.
        shared: of the space.
        features: (R, rows, C) of the shared rows after the stem, `Neighbourhoods.table`.
        library: of `load`.
    """

    def __init__(self, network: Network, shared: Neighbourhoods, features: Tensor, library: kernels.Library) -> None:
        self.trunk = network.after_stem()
        self.rows = shared.rows.astype(np.int32)
        self.library = library
        first, later = self.trunk.first, self.trunk.later
        self.arrays = [
            features,
            torch.bmm(features, first.weight.flatten(1, 3).transpose(1, 2)),  # (R, rows, K * 2 * C)
            first.scale,
            first.shift,
            later.weight.transpose(3, 4).contiguous(),  # the input before the output
            later.scale,
            later.shift,
        ]

    def score(self, archs: IntArray) -> Tensor:
        """Coarse accuracies (R, M) of the architectures `archs` (M,), or of (R, M), other ones for every repeat."""
        places = torch.from_numpy(self.rows[np.atleast_2d(archs)])  # (1 or R, M, 2, V)
        features, over_channels = self.arrays[0], self.trunk.over_channels
        repeats, rows, channels = features.shape
        groups, count, nodes = self.trunk.first.weight.shape[1], places.shape[1], places.shape[3]
        means = features.new_empty(repeats, count, nodes if over_channels else channels)
        stride = places.stride(0) if len(places) > 1 else 0
        self.library.rank(
            repeats,
            count,
            rows,
            groups,
            kernels.integers(places),
            stride,
            *map(kernels.floats, self.arrays),
            over_channels,
            kernels.floats(means),
        )
        return self.trunk.accuracy(means.transpose(1, 2))


def score_reference(trunk: Trunk, features: Tensor, places: Tensor, adjacency: np.ndarray) -> Tensor:
    """Definition of `SharedRanking.score` in plain PyTorch.

    Args:
        trunk: of the network.
        features: (R, rows, C) of the shared rows.
        places: (R, M, 2, V) the two rows of each node.
        adjacency: (V, V).

    Returns:
        (R, M)
    """
    same = torch.from_numpy(adjacency).float()[None, :, :, None].expand(1, -1, -1, places.shape[1])
    graph = Graph(same, adjacency != 0, shared=True)

    def run(group: Group, x: Tensor) -> Tensor:
        y = torch.einsum("rkdoc,rcvm->rkdovm", group.weight, x)
        return affine_mish_reference(y, group.scale, group.shift, graph)  # (R, K, C, V, M)

    repeat = torch.arange(len(features))[:, None, None, None]
    x = features[repeat, places.long()].sum(dim=2).permute(0, 3, 2, 1)  # (R, C, V, M)
    out = run(trunk.first, x)
    if out.shape[1] == 1:
        x = out[:, 0]
    else:
        q, k, v = out.unbind(dim=1)
        x = x + attend_reference(q, k, v, graph)
        for i in range(2):
            one = [array[:, i : i + 1] for array in (trunk.later.weight, trunk.later.scale, trunk.later.shift)]
            x = run(Group(*one), x)[:, 0]
    return trunk.accuracy(x.mean(dim=1 if trunk.over_channels else 2))
