"""Matrix products of float32 on the CPU by the faster of the two libraries that come with PyTorch.

MKL keeps to 256-bit instructions on AMD processors: 105 Gflop/s on one core (EPYC, Zen 5) at a width of 600, where
oneDNN reaches 240 by AVX-512. Without AVX-512 MKL is the faster one: 87 against 68 (EPYC, AVX2).
"""

from typing import Any

import torch
from torch import Tensor


def matmul(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """The product a b, plus `bias` if there is one.

    Args:
        a: (n, K)
        b: (K, H)
        bias: (H,)
    """
    if a.is_cpu and torch.backends.mkldnn.is_available() and "AVX512" in torch.backends.cpu.get_cpu_capability():
        return torch.ops.mkldnn._linear_pointwise(a, b.t(), bias, "none", [], "")
    return a @ b if bias is None else torch.addmm(bias, a, b)


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The layer x W + b of R repeats at once: (R, n, K), (R, K, H) and (R, 1, H) to (R, n, H)."""
    if len(x) > 1:
        return torch.baddbmm(bias, x, weight)
    return Linear.apply(x.squeeze(0), weight.squeeze(0), bias.flatten())[None]


class Linear(torch.autograd.Function):
    """x W + b and its gradients by `matmul`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """(n, K), (K, H) and (H,) to (n, H)."""
        ctx.save_for_backward(x, weight)
        return matmul(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        """Of x only where it is asked for: the first layer's is data."""
        x, weight = ctx.saved_tensors
        (grad,) = grads
        back = matmul(grad, weight.t()) if ctx.needs_input_grad[0] else None
        return back, matmul(x.t(), grad), grad.sum(dim=0)
