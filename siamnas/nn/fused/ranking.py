"""Coarse accuracies of many cells of one space on the CPU, several times faster than cell by cell.

Where all cells have the same edges, the features of a node after the stem are the sum of two of a few table rows
(`siamnas.nn.fused.sharing`). A linear map of that sum is the sum of the mapped rows: the first product after the stem,
of the NSAM's q, k and v or of the third group, is computed once per row instead of once per node and cell.
"""

import ctypes

import numpy as np
import torch
from torch import Tensor

from siamnas.nn.fused import kernels
from siamnas.nn.fused.ops import pointer
from siamnas.nn.fused.sharing import Neighbourhoods
from siamnas.nn.networks import GraphPredictorNetwork
from siamnas.spaces.space import IntArray


def load(adjacency: np.ndarray, channels: int) -> ctypes.CDLL | None:
    """The kernel for cells with this adjacency (V, V); None where there is no C compiler."""
    return kernels.load("ranking", (adjacency != 0).tobytes(), len(adjacency), channels, weighted=False)


class SharedRanking:
    """Computes `network.coarse(network.stem(...))` for cells that share rows of a table.

    The weights are read once, at the start: the next training step makes it useless.

    Args:
        network: in inference mode.
        shared: of the space.
        features: (R, rows, C) of the shared rows after the stem, `Neighbourhoods.table`.
        library: of `load`.
    """

    def __init__(
        self, network: GraphPredictorNetwork, shared: Neighbourhoods, features: Tensor, library: ctypes.CDLL
    ) -> None:
        nsam = network.nsam
        first = network.third if nsam is None else nsam.qkv
        later = [network.third] if nsam is None else [nsam.group, network.third]  # not read without the NSAM
        self.groups = first.weight.shape[1]  # K
        self.unit = network.unit
        self.rows = shared.rows.astype(np.int32)
        self.library = library
        self.arrays = [
            features,
            torch.bmm(features, first.weight.flatten(1, 3).transpose(1, 2)),  # (R, rows, K * 2 * C)
            *first.norm.folded(),
            torch.cat([group.weight.transpose(3, 4) for group in later], dim=1),  # (R, 2, 2, in, C)
            *(torch.cat(arrays, dim=1) for arrays in zip(*(group.norm.folded() for group in later), strict=True)),
        ]

    def score(self, cells: IntArray) -> Tensor:
        """Coarse accuracies (R, M) of `cells` (M,), or of (R, M), other ones for every repeat."""
        places = torch.from_numpy(self.rows[np.atleast_2d(cells)])  # (1 or R, M, 2, V)
        features = self.arrays[0]
        means = features.new_empty(len(features), places.shape[1], self.unit.weight.shape[2])
        self.library.rank(
            *(ctypes.c_long(size) for size in (*means.shape[:2], features.shape[1])),
            self.groups,
            pointer(places),
            ctypes.c_long(places.stride(0) if len(places) > 1 else 0),
            *map(pointer, self.arrays),
            int(self.unit.axis == 1),
            pointer(means),
        )
        return self.unit.of_means(means.transpose(1, 2))
