"""The two operations of all graph layers, each as plain PyTorch (the definition) and through the fused CPU kernels.

Symbols: R repeats, K groups side by side, D = 2 directions (along the edges, against them), C channels, V nodes, B cells.
Cells are the last axis: `(R, C, V, B)`.
"""

import ctypes
import functools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from siamnas.nn import kernels


@dataclass(frozen=True)
class Graph:
    """The adjacency A + I of a batch of cells.

    Attributes:
        adjacency: (1, V, V, B) where all repeats share it, else (R, V, V, B); entry (i, j) weighs the edge i -> j.
        support: (V, V) bool array, True where any cell of the space has the edge.
    """

    adjacency: Tensor
    support: np.ndarray

    def directed(self, directions: int) -> Tensor:
        """(1 or R, D, V, V, B): A for the first direction, its transpose for the second."""
        return torch.stack([self.adjacency, self.adjacency.transpose(1, 2)][:directions], dim=1)


class _Rows:
    """Compressed neighbour lists of both directions and of their transposes, for the kernels."""

    def __init__(self, support: np.ndarray) -> None:
        nodes = len(support)
        place = np.arange(nodes * nodes).reshape(nodes, nodes)
        both = [(support, place), (support.T, place.T)]
        self.forward = self._compress(both)
        self.backward = self._compress([(s.T, p.T) for s, p in both])
        self.neighbours = np.ascontiguousarray(support | support.T, dtype=np.int32)

    @staticmethod
    def _compress(directions: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
        counts = np.concatenate([[0], np.concatenate([s.sum(axis=1) for s, _ in directions]).cumsum()])
        nodes = len(directions[0][0])
        starts = np.concatenate([counts[d * nodes : (d + 1) * nodes + 1] for d in range(len(directions))])
        columns = np.concatenate([np.nonzero(s)[1] for s, _ in directions])
        places = np.concatenate([p[s] for s, p in directions])
        return [np.ascontiguousarray(a, dtype=np.int32) for a in (starts, columns, places)]


@functools.lru_cache(maxsize=64)
def _rows_of(support: bytes, nodes: int) -> _Rows:
    return _Rows(np.frombuffer(support, dtype=bool).reshape(nodes, nodes))


def _rows(graph: Graph) -> _Rows:
    return _rows_of(graph.support.tobytes(), len(graph.support))


def _library(x: Tensor) -> ctypes.CDLL | None:
    """The fused kernels for features `x` (..., V, B), where they apply."""
    if x.device.type != "cpu" or x.dtype != torch.float32:
        return None
    return kernels.load(x.shape[-2], x.shape[-1])


def _pointer(array: Tensor | np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.data_ptr() if isinstance(array, Tensor) else array.ctypes.data)


def _stride(x: Tensor) -> ctypes.c_long:
    """Elements from one repeat to the next; 0 where all repeats share the array."""
    return ctypes.c_long(x.stride(0) if x.shape[0] > 1 else 0)


def normalised_mish_reference(
    y: Tensor, gamma: Tensor, beta: Tensor, graph: Graph, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Definition of `normalised_mish` in plain PyTorch."""
    z = torch.einsum("rdijb,rkdcjb->rkdcib", graph.directed(y.shape[2]).expand(len(y), -1, -1, -1, -1), y)
    mean = z.mean(dim=(-2, -1))
    var = z.var(dim=(-2, -1), correction=0)
    normalised = (z - mean[..., None, None]) * torch.rsqrt(var + eps)[..., None, None]
    activated = functional.mish(normalised * gamma[..., None, None] + beta[..., None, None])
    return activated.mean(dim=2), mean.detach(), var.detach()


class _NormalisedMish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, gamma, beta, graph, eps):  # type: ignore[no-untyped-def]
        library = _library(y)
        assert library is not None
        y, adjacency = y.contiguous(), graph.adjacency.contiguous()
        repeats, groups, directions, channels, nodes, cells = y.shape
        out = y.new_empty(repeats, groups, channels, nodes, cells)
        mean, var = torch.empty_like(gamma), torch.empty_like(gamma)
        rows = _rows(graph)
        sizes = (ctypes.c_long(repeats), groups, directions, channels)
        library.group_train(
            *sizes, *map(_pointer, rows.forward), _pointer(adjacency), _stride(adjacency), _pointer(y), _pointer(gamma),
            _pointer(beta), ctypes.c_float(eps), _pointer(out), _pointer(mean), _pointer(var),
        )  # fmt: skip
        ctx.save_for_backward(y, gamma, beta, mean, var, adjacency)
        ctx.sizes, ctx.rows, ctx.eps, ctx.library = sizes, rows, eps, library
        ctx.mark_non_differentiable(mean, var)
        return out, mean, var

    @staticmethod
    def backward(ctx, grad, *_):  # type: ignore[no-untyped-def]
        y, gamma, beta, mean, var, adjacency = ctx.saved_tensors
        grad = grad.contiguous()
        dy, dgamma, dbeta = torch.empty_like(y), torch.empty_like(gamma), torch.empty_like(beta)
        ctx.library.group_grad(
            *ctx.sizes, *map(_pointer, ctx.rows.forward), *map(_pointer, ctx.rows.backward), _pointer(adjacency),
            _stride(adjacency), _pointer(y), _pointer(gamma), _pointer(beta), ctypes.c_float(ctx.eps), _pointer(mean),
            _pointer(var), _pointer(grad), _pointer(dy), _pointer(dgamma), _pointer(dbeta),
        )  # fmt: skip
        return dy, dgamma, dbeta, None, None


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
    if _library(y) is None:
        return normalised_mish_reference(y, gamma, beta, graph, eps)
    return _NormalisedMish.apply(y, gamma.contiguous(), beta.contiguous(), graph, eps)


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
    library = _library(y)
    if library is None:
        z = torch.einsum("rdijb,rkdcjb->rkdcib", graph.directed(y.shape[2]).expand(len(y), -1, -1, -1, -1), y)
        return functional.mish(z * scale[..., None, None] + shift[..., None, None]).mean(dim=2)
    y, scale, shift, adjacency = y.contiguous(), scale.contiguous(), shift.contiguous(), graph.adjacency.contiguous()
    repeats, groups, directions, channels, nodes, cells = y.shape
    out = y.new_empty(repeats, groups, channels, nodes, cells)
    library.group_infer(
        ctypes.c_long(repeats), groups, directions, channels, *map(_pointer, _rows(graph).forward), _pointer(adjacency),
        _stride(adjacency), _pointer(y), _pointer(scale), _pointer(shift), _pointer(out),
    )  # fmt: skip
    return out


def attend_reference(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Definition of `attend` in plain PyTorch."""
    logits = torch.einsum("rcib,rcjb->rijb", q, k)
    weights = torch.softmax(logits[:, None] * graph.directed(2), dim=3).sum(dim=1)
    return torch.einsum("rijb,rcjb->rcib", weights, v)


def _whole_rows(x: Tensor) -> Tensor:
    """`x` (R, C, V, B) such that every repeat is contiguous (a slice of q, k and v together already is)."""
    return x if x[0].is_contiguous() else x.contiguous()


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, graph):  # type: ignore[no-untyped-def]
        library = _library(q)
        assert library is not None
        q, k, v = (_whole_rows(x) for x in (q, k, v))
        adjacency = graph.adjacency.contiguous()
        repeats, channels, nodes, cells = q.shape
        weights = q.new_empty(repeats, 2, nodes, nodes, cells)
        out = q.new_empty(repeats, channels, nodes, cells)
        neighbours = _rows(graph).neighbours
        shared = (ctypes.c_long(repeats), channels, _pointer(neighbours), _pointer(adjacency), _stride(adjacency))
        operands = [argument for x in (q, k, v) for argument in (_pointer(x), ctypes.c_long(x.stride(0)))]
        library.attention(*shared, *operands, _pointer(weights), _pointer(out))
        ctx.save_for_backward(q, k, v, weights, adjacency)
        ctx.shared, ctx.neighbours, ctx.library = shared, neighbours, library
        return out

    @staticmethod
    def backward(ctx, grad):  # type: ignore[no-untyped-def]
        q, k, v, weights, _ = ctx.saved_tensors
        grad = grad.contiguous()
        dq, dk, dv = (torch.empty(x.shape, dtype=x.dtype) for x in (q, k, v))
        operands = [argument for x in (q, k, v) for argument in (_pointer(x), ctypes.c_long(x.stride(0)))]
        gradients = map(_pointer, (dq, dk, dv))
        ctx.library.attention_grad(*ctx.shared, *operands, _pointer(weights), _pointer(grad), *gradients)
        return dq, dk, dv, None


def attend(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Self-attention among the nodes of a cell, along the edges plus against them.

    Weights are softmax(q k^T * A) and softmax(q k^T * A^T): element-wise products, softmax over all V nodes, so that
    a non-neighbour enters with logit 0, not minus infinity (Siamese-NAS, equation of the NSAM; published code).

    Args:
        q: (R, C, V, B) queries; k and v, keys and values, alike.
        k: (R, C, V, B)
        v: (R, C, V, B)
        graph: adjacency of the cells.

    Returns:
        Sum of both weighted sums of v, (R, C, V, B).
    """
    if _library(q) is None:
        return attend_reference(q, k, v, graph)
    return _Attention.apply(q, k, v, graph)
