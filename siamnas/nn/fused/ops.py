"""The operations of all graph layers, each as plain PyTorch (the definition) and through the fused CPU kernels.

Symbols: R repeats, K groups side by side, D = 2 directions (along the edges, against them), C channels, V nodes, B
architectures. Architectures are the last axis: `(R, C, V, B)`.
"""

import ctypes

import torch
from torch import Tensor
from torch.nn import functional

from siamnas.nn.fused.graph import Graph
from siamnas.nn.fused.kernels import floats


def normalised_mish(y: Tensor, gamma: Tensor, beta: Tensor, graph: Graph, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Mean over the directions of mish(batch norm(A_d y)), with the statistics of the batch.

    Args:
        y: (R, K, D, C, V, B) features after the channel product; D is 2, or 1 for the direction along the edges alone.
        gamma: (R, K, D, C) scale of the batch norm.
        beta: (R, K, D, C) shift of the batch norm.
        graph: adjacency of the architectures.
        eps: added to the variance.

    Returns:
        Activations (R, K, C, V, B); batch mean and biased variance over (V, B), (R, K, D, C) each.

    Raises:
        ValueError: gamma, beta or the graph do not have these shapes.
    """
    library = graph.kernels(y)
    if library is None:
        return normalised_mish_reference(y, gamma, beta, graph, eps)
    _check(y.shape[:4], gamma, beta)
    return _NormalisedMish.apply(y, gamma, beta, graph, eps, library)


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
        y, gamma, beta = y.contiguous(), gamma.contiguous(), beta.contiguous()
        repeats, groups, directions, channels, nodes, size = y.shape
        out = y.new_empty(repeats, groups, channels, nodes, size)
        mean, var = torch.empty_like(gamma), torch.empty_like(gamma)
        sizes = (repeats, groups, directions, channels)
        library.group_train(
            *sizes, *graph.arguments(), *map(floats, (y, gamma, beta)), eps, *map(floats, (out, mean, var))
        )
        ctx.save_for_backward(y, gamma, beta, mean, var)
        ctx.sizes, ctx.graph, ctx.eps, ctx.library = sizes, graph, eps, library
        ctx.mark_non_differentiable(mean, var)
        return out, mean, var

    @staticmethod
    def backward(ctx, grad, *_):  # type: ignore[no-untyped-def]
        y, gamma, beta, mean, var = ctx.saved_tensors
        grad, out = grad.contiguous(), [torch.empty_like(x) for x in (y, gamma, beta)]
        rest = map(floats, (mean, var, grad, *out))
        ctx.library.group_grad(*ctx.sizes, *ctx.graph.arguments(), *map(floats, (y, gamma, beta)), ctx.eps, *rest)
        return *out, None, None, None


def affine_mish(y: Tensor, scale: Tensor, shift: Tensor, graph: Graph) -> Tensor:
    """Mean over the directions of mish(A_d y * scale + shift): `normalised_mish` with given statistics, for inference.

    Args:
        y: (R, K, D, C, V, B).
        scale: (R, K, D, C).
        shift: (R, K, D, C).
        graph: adjacency of the architectures.

    Returns:
        (R, K, C, V, B)

    Raises:
        ValueError: scale, shift or the graph do not have these shapes.
    """
    library = graph.kernels(y)
    if library is None:
        return affine_mish_reference(y, scale, shift, graph)
    _check(y.shape[:4], scale, shift)
    y, scale, shift = y.contiguous(), scale.contiguous(), shift.contiguous()
    repeats, groups, directions, channels, nodes, size = y.shape
    out = y.new_empty(repeats, groups, channels, nodes, size)
    arrays = map(floats, (y, scale, shift, out))
    library.group_infer(repeats, groups, directions, channels, *graph.arguments(), *arrays)
    return out


def affine_mish_reference(y: Tensor, scale: Tensor, shift: Tensor, graph: Graph) -> Tensor:
    """Definition of `affine_mish` in plain PyTorch."""
    z = torch.einsum("rdijb,rkdcjb->rkdcib", graph.directed(len(y), y.shape[2]), y)
    return functional.mish(z * scale[..., None, None] + shift[..., None, None]).mean(dim=2)


def attend(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Self-attention among the nodes of an architecture, along the edges plus against them.

    Weights are softmax(q k^T * A) and softmax(q k^T * A^T): element-wise products, softmax over all V nodes, so that
    a non-neighbour enters with logit 0, not minus infinity (Siamese-NAS, NSAM; published code).

    Args:
        q: (R, C, V, B) queries.
        k: (R, C, V, B) keys.
        v: (R, C, V, B) values.
        graph: adjacency of the architectures.

    Returns:
        (R, C, V, B)

    Raises:
        ValueError: k, v or the graph do not have these shapes.
    """
    library = graph.kernels(q)
    if library is None:
        return attend_reference(q, k, v, graph)
    _check(q.shape, k, v)
    return _Attention.apply(q, k, v, graph, library)


def attend_reference(q: Tensor, k: Tensor, v: Tensor, graph: Graph) -> Tensor:
    """Definition of `attend` in plain PyTorch."""
    logits = torch.einsum("rcib,rcjb->rijb", q, k)
    weights = torch.softmax(logits[:, None] * graph.directed(len(q), 2), dim=3).sum(dim=1)
    return torch.einsum("rijb,rcjb->rcib", weights, v)


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, graph, library):  # type: ignore[no-untyped-def]
        # Each repeat has to be contiguous; a slice of q, k and v together already is.
        q, k, v = (x if x[0].is_contiguous() else x.contiguous() for x in (q, k, v))
        repeats, channels, nodes, size = q.shape
        weights = q.new_empty(repeats, 2, nodes, nodes, size)
        out = q.new_empty(repeats, channels, nodes, size)
        written = map(floats, (weights, out))
        library.attention(repeats, channels, *graph.arguments(), *_with_strides(q, k, v), *written)
        ctx.save_for_backward(q, k, v, weights)
        ctx.graph, ctx.library = graph, library
        return out

    @staticmethod
    def backward(ctx, grad):  # type: ignore[no-untyped-def]
        q, k, v, weights = ctx.saved_tensors
        grad, out = grad.contiguous(), [q.new_empty(x.shape) for x in (q, k, v)]
        rest = map(floats, (weights, grad, *out))
        ctx.library.attention_grad(*q.shape[:2], *ctx.graph.arguments(), *_with_strides(q, k, v), *rest)
        return *out, None, None


def _with_strides(*features: Tensor) -> list[ctypes.c_float | int]:
    """Each array and its stride from one repeat to the next, as the kernels take them."""
    return [argument for x in features for argument in (floats(x), x.stride(0))]


def _check(shape: torch.Size, *arrays: Tensor) -> None:
    """Refuse what a kernel would read as something else, or beyond its end."""
    for array in arrays:
        if array.shape != shape or array.dtype != torch.float32 or not array.is_cpu:
            raise ValueError(
                f"a {array.dtype} array of {tuple(array.shape)} on {array.device}: the kernel reads {tuple(shape)}, "
                "float32 on the CPU"
            )
