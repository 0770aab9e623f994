"""The two operations of all graph layers, each as plain PyTorch (the definition) and through the fused CPU kernels.

Symbols: R repeats, K groups side by side, D = 2 directions (along the edges, against them), C channels, V nodes, B
cells. Cells are the last axis: `(R, C, V, B)`.
"""

import ctypes
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from siamnas.nn.fused import kernels

LARGEST = 2**18
"""V * V * B up to which a kernel's arrays surely fit on the stack; larger batches run in plain PyTorch."""


@dataclass(frozen=True)
class Graph:
    """The adjacency A + I of a batch of cells.

    Attributes:
        adjacency: contiguous (R, V, V, B) of weights, or (1, V, V, B) where all repeats have the same cells; entry
            (i, j) is the edge i -> j.
        support: (V, V) bool array, True where any cell of the space has the edge.
        shared: all cells of the space have all edges of the support, with weight 1.
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

    def kernels(self, features: Tensor) -> ctypes.CDLL | None:
        """The fused kernels for `features` (..., V, B) on this graph; None where they do not apply."""
        nodes, cells = features.shape[-2:]
        fits = nodes * nodes * cells <= LARGEST
        if features.device.type != "cpu" or features.dtype != torch.float32 or not fits:
            return None
        return kernels.load("training", self.support.tobytes(), nodes, cells, weighted=not self.shared)

    def arguments(self) -> tuple[ctypes.c_void_p, ctypes.c_long]:
        """The adjacency and its stride from one repeat to the next, as the kernels take them."""
        return pointer(self.adjacency), ctypes.c_long(self.adjacency.stride(0) if len(self.adjacency) > 1 else 0)


def pointer(array: Tensor) -> ctypes.c_void_p:
    """Where the array lies, as the kernels take it; the array must be kept until they return."""
    return ctypes.c_void_p(array.data_ptr())


def normalised_mish_reference(
    y: Tensor, gamma: Tensor, beta: Tensor, graph: Graph, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Definition of `normalised_mish` in plain PyTorch."""
    z = torch.einsum("rdijb,rkdcjb->rkdcib", graph.directed(len(y), y.shape[2]), y)
    mean = z.mean(dim=(-2, -1))
    var = z.var(dim=(-2, -1), correction=0)
    normalised = (z - mean[..., None, None]) * torch.rsqrt(var + eps)[..., None, None]
    activated = functional.mish(normalised * gamma[..., None, None] + beta[..., None, None])
    return activated.mean(dim=2), mean.detach(), var.detach()


class _NormalisedMish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, gamma, beta, graph, eps, library):  # type: ignore[no-untyped-def]
        y = y.contiguous()
        repeats, groups, directions, channels, nodes, cells = y.shape
        out = y.new_empty(repeats, groups, channels, nodes, cells)
        mean, var = torch.empty_like(gamma), torch.empty_like(gamma)
        sizes = (ctypes.c_long(repeats), groups, directions, channels)
        epsilon = ctypes.c_float(eps)
        library.group_train(
            *sizes, *graph.arguments(), *map(pointer, (y, gamma, beta)), epsilon, *map(pointer, (out, mean, var))
        )
        ctx.save_for_backward(y, gamma, beta, mean, var)
        ctx.sizes, ctx.graph, ctx.epsilon, ctx.library = sizes, graph, epsilon, library
        ctx.mark_non_differentiable(mean, var)
        return out, mean, var

    @staticmethod
    def backward(ctx, grad, *_):  # type: ignore[no-untyped-def]
        y, gamma, beta, mean, var = ctx.saved_tensors
        dy, dgamma, dbeta = torch.empty_like(y), torch.empty_like(gamma), torch.empty_like(beta)
        given, out = (mean, var, grad.contiguous()), (dy, dgamma, dbeta)
        ctx.library.group_grad(
            *ctx.sizes,
            *ctx.graph.arguments(),
            *map(pointer, (y, gamma, beta)),
            ctx.epsilon,
            *map(pointer, given + out),
        )
        return dy, dgamma, dbeta, None, None, None


def normalised_mish(y: Tensor, gamma: Tensor, beta: Tensor, graph: Graph, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Mean over the directions of mish(batch norm(A_d y)), with the statistics of the batch.

    Args:
        y: (R, K, D, C, V, B) features after the channel product; D is 2, or 1 for the direction along the edges alone.
        gamma: (R, K, D, C) scale of the batch norm.
        beta: (R, K, D, C) shift of the batch norm.
        graph: adjacency of the cells.
        eps: added to the variance.

    Returns:
        Activations (R, K, C, V, B); batch mean and biased variance over (V, B), (R, K, D, C) each.
    """
    library = graph.kernels(y)
    if library is None:
        return normalised_mish_reference(y, gamma, beta, graph, eps)
    return _NormalisedMish.apply(y, gamma, beta, graph, eps, library)


def affine_mish(y: Tensor, scale: Tensor, shift: Tensor, graph: Graph) -> Tensor:
    """Mean over the directions of mish(A_d y * scale + shift): `normalised_mish` with given statistics, for inference.

    Args:
        y: (R, K, D, C, V, B).
        scale: (R, K, D, C).
        shift: (R, K, D, C).
        graph: adjacency of the cells.

    Returns:
        (R, K, C, V, B)
    """
    library = graph.kernels(y)
    if library is None:
        z = torch.einsum("rdijb,rkdcjb->rkdcib", graph.directed(len(y), y.shape[2]), y)
        return functional.mish(z * scale[..., None, None] + shift[..., None, None]).mean(dim=2)
    y, scale, shift = y.contiguous(), scale.contiguous(), shift.contiguous()
    repeats, groups, directions, channels, nodes, cells = y.shape
    out = y.new_empty(repeats, groups, channels, nodes, cells)
    sizes = (ctypes.c_long(repeats), groups, directions, channels)
    library.group_infer(*sizes, *graph.arguments(), *map(pointer, (y, scale, shift, out)))
    return out


def attend_reference(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Definition of `attend` in plain PyTorch."""
    logits = torch.einsum("rcib,rcjb->rijb", q, k)
    weights = torch.softmax(logits[:, None] * graph.directed(len(q), 2), dim=3).sum(dim=1)
    return torch.einsum("rijb,rcjb->rcib", weights, v)


def _operands(*features: Tensor) -> list[ctypes.c_void_p | ctypes.c_long]:
    """Pointer and stride from one repeat to the next of each array, as the kernels take them."""
    return [argument for x in features for argument in (pointer(x), ctypes.c_long(x.stride(0)))]


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, graph, library):  # type: ignore[no-untyped-def]
        # Each repeat has to be contiguous; a slice of q, k and v together already is.
        q, k, v = (x if x[0].is_contiguous() else x.contiguous() for x in (q, k, v))
        repeats, channels, nodes, cells = q.shape
        weights = q.new_empty(repeats, 2, nodes, nodes, cells)
        out = q.new_empty(repeats, channels, nodes, cells)
        sizes = (ctypes.c_long(repeats), channels)
        library.attention(*sizes, *graph.arguments(), *_operands(q, k, v), pointer(weights), pointer(out))
        ctx.save_for_backward(q, k, v, weights)
        ctx.sizes, ctx.graph, ctx.library = sizes, graph, library
        return out

    @staticmethod
    def backward(ctx, grad):  # type: ignore[no-untyped-def]
        q, k, v, weights = ctx.saved_tensors
        grad, out = grad.contiguous(), [torch.empty(x.shape) for x in (q, k, v)]
        rest = map(pointer, (weights, grad, *out))
        ctx.library.attention_grad(*ctx.sizes, *ctx.graph.arguments(), *_operands(q, k, v), *rest)
        return *out, None, None


def attend(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Self-attention among the nodes of a cell, along the edges plus against them.

    Weights are softmax(q k^T * A) and softmax(q k^T * A^T): element-wise products, softmax over all V nodes, so that
    a non-neighbour enters with logit 0, not minus infinity (Siamese-NAS, NSAM; published code).

    Args:
        q: (R, C, V, B) queries.
        k: (R, C, V, B) keys.
        v: (R, C, V, B) values.
        graph: adjacency of the cells.

    Returns:
        Sum of both weighted sums of v, (R, C, V, B).
    """
    library = graph.kernels(q)
    return attend_reference(q, k, v, graph) if library is None else _Attention.apply(q, k, v, graph, library)
