"""The network of BRP-NAS (arXiv 2007.08668, code SamsungLabs/eagle), R of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from siamnas.graphs.arrays import FloatArray, IntArray, Types, type_number
from siamnas.graphs.batch import GraphBatch
from siamnas.nn.products import linear, matmul

LEVELS = 256  # dropout compares random bytes, so its rate is rounded to 1/256


class Rectify(torch.autograd.Function):
    """max(x, 0) with dropped units set to zero: one saved tensor where ReLU and dropout would save two."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, dropped: Tensor | None) -> Tensor:
        """`dropped` is a bool tensor of the shape of x."""
        out = x.clamp_min(0)
        if dropped is not None:
            out.mul_((~dropped).view(torch.uint8))  # masked_fill_, and a product by bools, take many times as long
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        """The gradient passes where the output is positive."""
        (out,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(grads[0], out, 0), None


def with_global(graphs: GraphBatch) -> tuple[Types, NDArray[np.float32]]:
    """Put the global node in front of every graph: it sums over all nodes, and no node sums over it.

    Returns:
        (M, V + 1) node types, the global node having type F, and the adjacency (V + 1, V + 1) or (M, V + 1, V + 1).
    """
    archs, nodes = graphs.types.shape
    own = len(graphs.node_types)
    types = np.concatenate([np.full((archs, 1), own, type_number(own + 1)), graphs.types], axis=1)
    adjacency = np.zeros((*graphs.adjacency.shape[:-2], nodes + 1, nodes + 1), dtype=np.float32)
    adjacency[..., 1:, 1:] = graphs.adjacency
    adjacency[..., 0, :] = 1
    return types, adjacency


class RelationNetwork(nn.Module):
    """Graph convolutions h -> mask(relu(norm(A h W + b))), read at the global node, and a comparison of two of them.

    The comparison is a 2-way softmax of [e_i, e_j] W + b. Only the difference of the two logits matters, and as
    [e_i, e_j] W = e_i W_a + e_j W_b, it splits into a part of each architecture: log-odds(i better than j) = f(e_i) +
    g(e_j). All ordered pairs of N architectures thus cost 2 N dot products.

    Args:
        generators: one for each repeat, used for the weights.
        types: F + 1, number of node types with that of the global node.
        width: H, channels of each layer.
        layers: number of graph convolutions.
        dropout: rate after each of them, rounded to 1/256.
    """

    def __init__(
        self, generators: list[np.random.Generator], types: int, width: int, layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.width = width
        self.cut = round(dropout * LEVELS)
        self.scale = LEVELS / (LEVELS - self.cut)

        def uniform(*shape: int, bound: float) -> nn.Parameter:
            draws = [rng.uniform(-bound, bound, shape).astype(np.float32) for rng in generators]
            return nn.Parameter(torch.from_numpy(np.stack(draws)))

        bound = width**-0.5
        inputs = [types] + [width] * (layers - 1)
        self.weight = nn.ParameterList(uniform(k, width, bound=bound) for k in inputs)  # (R, K, H)
        self.bias = nn.ParameterList(uniform(1, width, bound=bound) for _ in inputs)  # (R, 1, H)
        self.gain = nn.ParameterList(nn.Parameter(torch.ones_like(bias)) for bias in self.bias)
        self.shift = nn.ParameterList(nn.Parameter(torch.zeros_like(bias)) for bias in self.bias)
        bound = (2 * width) ** -0.5
        self.head = uniform(2, width, 2, bound=bound)  # (R, first or second architecture, H, logit)
        self.head_bias = uniform(2, bound=bound)

    def draw_dropped(
        self, generators: list[np.random.Generator], nodes: int, archs: Sequence[int]
    ) -> list[Tensor] | None:
        """Units to drop in one step: bool (R, V + 1, C, H) for each layer, (R, 1, C, H) for the last; None for rate 0.

        Each repeat draws from its own generator for its own number `archs` (R,) of architectures; C is the largest.
        """
        if not self.cut:
            return None
        rows = [nodes] * (len(self.weight) - 1) + [1]
        drawn = np.zeros((len(generators), sum(rows), max(archs), self.width), dtype=np.uint8)
        for r, (rng, count) in enumerate(zip(generators, archs, strict=True)):
            draws = np.frombuffer(rng.bytes(sum(rows) * count * self.width), dtype=np.uint8)
            drawn[r, :, :count] = draws.reshape(sum(rows), count, self.width)
        dropped = torch.from_numpy(drawn < self.cut).to(self.head.device)
        return list(dropped.split(rows, dim=1))

    def forward(self, counts: Tensor, adjacency: Tensor, dropped: list[Tensor] | None = None) -> Tensor:
        """Embed architectures.

        Args:
            counts: (R, V + 1, N, F + 1) A times the one-hot node types.
            adjacency: (V + 1, V + 1), or (R, N, V + 1, V + 1) where the architectures differ in it.
            dropped: from `draw_dropped`; None switches dropout off.

        Returns:
            (R, N, H) embeddings.
        """
        last = len(self.weight) - 1
        h = counts
        for i, weight in enumerate(self.weight):
            rows = slice(0, 1) if i == last else slice(None)  # of the last layer only the global node is read
            if i == 0:
                h = h[:, rows]  # (R, V', N, F + 1), A is in the counts already
            elif adjacency.ndim == 2:
                h = (adjacency[rows] @ h.flatten(2)).unflatten(2, h.shape[2:])  # (R, V', N, H)
            else:
                h = torch.einsum("rnij,rjnh->rinh", adjacency[:, :, rows], h)
            h = linear(h.flatten(1, 2), weight, self.bias[i]).view(*h.shape[:3], self.width)
            h = self.activate(h, i, dropped)
        return h[:, 0]

    def activate(self, h: Tensor, i: int, dropped: list[Tensor] | None) -> Tensor:
        """Layer norm with the gain of each repeat, ReLU and dropout of layer i; h is (R, V', N, H)."""
        scale = self.scale if dropped is not None else 1.0  # scale * relu(x) = relu(scale * x)
        gain, shift = (scale * p[:, None] for p in (self.gain[i], self.shift[i]))  # (R, 1, 1, H)
        if len(h) == 1:
            h = nn.functional.layer_norm(h, (self.width,), gain.flatten(), shift.flatten())
        else:
            h = torch.addcmul(shift, nn.functional.layer_norm(h, (self.width,)), gain)
        return Rectify.apply(h, dropped[i] if dropped is not None else None)

    def odds(self, embedding: Tensor, repeat: int | None = None) -> tuple[Tensor, Tensor]:
        """Parts f and g of embedded architectures: log-odds(i better than j) = f_i + g_j.

        Args:
            embedding: (R, N, H), or (N, H) of one repeat.
            repeat: that repeat.

        Returns:
            f and g, (R, N) or (N,).
        """
        index = slice(None) if repeat is None else repeat
        head = (self.head[..., 0] - self.head[..., 1])[index]  # (R, 2, H)
        bias = (self.head_bias[:, 0] - self.head_bias[:, 1])[index]  # (R,)
        both = embedding @ head.transpose(-1, -2)  # (R, N, 2)
        return both[..., 0] + bias[..., None], both[..., 1]


@dataclass(frozen=True)
class Unfolding:
    """The rows of every layer that differ in a whole space, for inference without repeated work.

    In inference the row of a node after layer i depends only on the multiset of rows that it sums over in layer i - 1
    (a Weisfeiler-Lehman colour). Architectures share most of them: of the 4 x 15,625 x 11 rows of four layers on
    NAS-Bench-201, 8 % differ (276, 15,626, 25,286 and 15,625), and 10, 276, 15,626 and 15,625 are multiplied.

    Attributes:
        sources: for each layer the rows of the layer before that are summed, all bags one after the other.
        offsets: for each layer where each bag begins.
        arch: (M,) row of each architecture's global node in the last layer.
    """

    sources: list[Tensor]
    offsets: list[Tensor]
    arch: IntArray

    @classmethod
    def of(cls, graphs: GraphBatch, layers: int) -> "Unfolding":
        """Find the different rows of all layers."""
        types, adjacency = with_global(graphs)
        edges = adjacency.astype(np.uint64)
        rng = np.random.default_rng(0)  # hashes only; two unequal multisets collide with probability 2^-64
        rows = types.astype(np.int64)  # (M, V + 1) row of every node in the layer before
        sources, offsets = [], []
        for layer in range(layers):
            nodes = slice(0, 1) if layer == layers - 1 else slice(None)
            codes = rng.integers(0, 2**64, int(rows.max()) + 1, dtype=np.uint64)[rows]  # (M, V + 1)
            bags = np.einsum("...ij,...j->...i", edges[..., nodes, :], codes)  # sums modulo 2^64
            _, first, inverse = np.unique(bags, return_index=True, return_inverse=True)
            arch, node = np.unravel_index(first, bags.shape)
            linked = (adjacency[arch, node] if adjacency.ndim == 3 else adjacency[node]) > 0  # (U, V + 1)
            sources.append(torch.from_numpy(rows[arch][linked]))
            offsets.append(torch.from_numpy(np.concatenate([[0], linked.sum(axis=1).cumsum()[:-1]])))
            rows = inverse.reshape(bags.shape)
        return cls(sources, offsets, rows[:, 0])

    def embed(self, network: RelationNetwork, repeat: int, block: int = 4096) -> Tensor:
        """(U, H) embeddings of the different architectures by one repeat's network; `arch` maps to them."""
        h = torch.eye(network.weight[0].shape[1], device=network.head.device)
        for i, (sources, offsets) in enumerate(zip(self.sources, self.offsets, strict=True)):
            weight, bias, gain, shift = (
                p[i][repeat] for p in (network.weight, network.bias, network.gain, network.shift)
            )
            fewer = len(h) < len(offsets)  # the sum of the products is the product of the sum: the fewer products
            if fewer:
                h = matmul(h, weight)
            ends = [*range(0, len(offsets), block), len(offsets)]
            parts = []
            for begin, end in zip(ends, ends[1:], strict=False):
                first = int(offsets[begin])
                stop = int(offsets[end]) if end < len(offsets) else len(sources)
                out = nn.functional.embedding_bag(
                    sources[first:stop].to(h.device), h, (offsets[begin:end] - first).to(h.device), mode="sum"
                )
                out = out.add_(bias) if fewer else matmul(out, weight, bias[0])
                parts.append(nn.functional.layer_norm(out, (network.width,), gain[0], shift[0]).clamp_min_(0))
            h = torch.cat(parts)
        return h


def training_inputs(graphs: GraphBatch, archs: IntArray) -> tuple[FloatArray, FloatArray]:
    """`counts` and `adjacency` of the architectures `archs` (R, N), as `RelationNetwork.forward` takes them."""
    types, adjacency = with_global(graphs)
    one_hot = np.eye(len(graphs.node_types) + 1, dtype=np.float32)[types[archs]]  # (R, N, V + 1, F + 1)
    if adjacency.ndim == 3:
        adjacency = adjacency[archs]
    return np.ascontiguousarray((adjacency @ one_hot).swapaxes(1, 2)), adjacency
