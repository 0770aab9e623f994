"""What `trainer.precision` does to a search, without a GPU: the factors of every matrix product are rounded on the CPU.

Run as: python experiments/precision/rounded.py -m name=precision
    trainer=fast search.n=100 trainer.precision=high,medium

high rounds to tf32 (10 bits of mantissa), medium to bf16 (7 bits), in training and ranking; sums stay float32, as on
the hardware. Everything runs in plain PyTorch, several times slower than the C kernels.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from siamnas.cli import main
from siamnas.nn.fused import plain_pytorch
from siamnas.predictors.neural import NeuralPredictor
from siamnas.predictors.siamese import SiamesePredictor

PRODUCTS = (torch.ops.aten.bmm, torch.ops.aten.baddbmm)
DROPPED = 13  # bits of the mantissa that tf32 does not have


def tf32(x: Tensor) -> Tensor:
    """Round to the nearest tf32 value, ties to even."""
    bits = x.view(torch.int32)
    half = (1 << (DROPPED - 1)) - 1 + (bits >> DROPPED & 1)
    return ((bits + half) & -(1 << DROPPED)).view(torch.float32)


def bf16(x: Tensor) -> Tensor:
    """Round to the nearest bf16 value."""
    return x.bfloat16().float()


ROUNDINGS: dict[str, Callable[[Tensor], Tensor]] = {"highest": lambda x: x, "high": tf32, "medium": bf16}


class RoundedProducts(TorchDispatchMode):
    """Rounds the two factors of every batched matrix product of float32 values, forward and backward."""

    def __init__(self, rounding: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.rounding = rounding

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function.overloadpacket in PRODUCTS:
            # The sums that make the scores are double, and no hardware rounds them.
            factors = (self.rounding(x.contiguous()) if x.dtype == torch.float32 else x for x in args[-2:])
            args = (*args[:-2], *factors)
        return function(*args, **(kwargs or {}))


def rounded(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a predictor, with the products rounded as its trainer says."""

    @functools.wraps(method)
    def run_rounded(self: NeuralPredictor, *args: Any) -> Any:
        with RoundedProducts(ROUNDINGS[self.trainer["precision"]]):
            return method(self, *args)

    return run_rounded


if __name__ == "__main__":
    for name in ("fit", "close", "finish", "score"):
        setattr(NeuralPredictor, name, rounded(getattr(NeuralPredictor, name)))
    SiamesePredictor.refine = rounded(SiamesePredictor.refine)  # type: ignore[method-assign]
    with plain_pytorch():
        main.main()
