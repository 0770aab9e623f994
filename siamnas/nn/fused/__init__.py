"""The fused CPU kernels: what the layers compute, each operation beside its definition in PyTorch.

This is the entry: nothing outside this package knows that there is a compiler. `siamnas.nn.fused.ranking` and
`siamnas.nn.fused.sharing` rank a whole space.
"""

from siamnas.nn.fused import ranking, sharing
from siamnas.nn.fused.graph import Graph
from siamnas.nn.fused.kernels import plain_pytorch
from siamnas.nn.fused.ops import (
    affine_mish,
    affine_mish_reference,
    attend,
    attend_reference,
    normalised_mish,
    normalised_mish_reference,
)

__all__ = [
    "Graph",
    "affine_mish",
    "affine_mish_reference",
    "attend",
    "attend_reference",
    "normalised_mish",
    "normalised_mish_reference",
    "plain_pytorch",
    "ranking",
    "sharing",
]
