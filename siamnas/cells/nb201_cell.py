"""The cell of NAS-Bench-201 (arXiv 2001.00326, Figure 1): four feature maps, six edges, one operation on each."""

import re
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from siamnas.cells.layers import ConvBN
from siamnas.errors import InputError
from siamnas.spaces.listed import Space
from siamnas.spaces.nb201 import ARCH, LINKS, NODES, OPERATIONS

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))  # in the order of the arch string
PATTERN = re.escape(ARCH).replace(r"\{\}", "([^|~]+)")


def parse(arch: str) -> list[str]:
    """The six edge operations of an arch string such as `|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|`.

    Raises:
        InputError: it has another form, or an operation is unknown.
    """
    match = re.fullmatch(PATTERN, arch)
    if not match:
        raise InputError(f"{arch}: must have the form {ARCH}")
    return checked(match.groups(), arch)


def edge_operations(space: Space, arch: int) -> list[str]:
    """The six edge operations of an architecture in the operation-on-node encoding, see `siamnas.spaces.nb201`.

    Raises:
        InputError: the graph is not that of a cell, or an operation is unknown; names the architecture.
    """
    name, nodes = str(space.archs[arch]), space.operations(arch)
    fixed = {node: what for node, what in enumerate(NODES) if isinstance(what, str)}
    if space.edges(arch) != list(LINKS) or any(nodes[node] != what for node, what in fixed.items()):
        raise InputError(f"{name}: is no cell of NAS-Bench-201 with its operations on nodes")
    on_edges = [operation for node, operation in enumerate(nodes) if node not in fixed]
    renamed = {"zeros": "none", "none": "none (a plain sum)"}  # in this encoding
    return checked([renamed.get(operation, operation) for operation in on_edges], name)


def checked(operations: Sequence[str], name: str) -> list[str]:
    """The operations, if they are six known ones.

    Raises:
        InputError: names the architecture, the edge and the operation.
    """
    if len(operations) != len(EDGES):
        raise InputError(f"{name}: must have {len(EDGES)} operations, one per edge, not {len(operations)}")
    for (begin, end), operation in zip(EDGES, operations, strict=True):
        if operation not in OPERATIONS:
            where = f"{name}: unknown operation {operation!r} on edge {begin}->{end}"
            raise InputError(f"{where}; must be one of {', '.join(OPERATIONS)}")
    return list(operations)


class Cell(nn.Module):
    """Feature map j is the sum over i < j of operation i -> j of feature map i; the last one is the output.

    Every operation but `none` is carried out, even where no path leads on to the output: as the benchmark does, whose
    FLOPs and parameters count them. Parameters that the output does not depend on get no gradient.

    Args:
        operations: six names, see `parse`; `none` is a zero, so a feature map without another edge is zero.
        channels: C, of all feature maps.
    """

    def __init__(self, operations: Sequence[str], channels: int) -> None:
        super().__init__()
        pairs = zip(EDGES, operations, strict=True)
        self.edges = [(edge, operation) for edge, operation in pairs if operation != "none"]
        self.operations = nn.ModuleList(_operation(operation, channels) for _, operation in self.edges)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        maps: list[Tensor | None] = [x, None, None, None]
        # The order of EDGES: when an edge is reached, the map it begins at is complete.
        for ((begin, end), _), operation in zip(self.edges, self.operations, strict=True):
            source, so_far = maps[begin], maps[end]
            term = operation(torch.zeros_like(x) if source is None else source)
            maps[end] = term if so_far is None else so_far + term
        return torch.zeros_like(x) if maps[-1] is None else maps[-1]


class ReLUConvBN(nn.Sequential):
    """ReLU, convolution, batch norm: the order within an edge of NAS-Bench-201."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(nn.ReLU(), *ConvBN(inputs, outputs, kernel, stride))


def _operation(name: str, channels: int) -> nn.Module:
    """The module of an edge."""
    if name == "nor_conv_1x1":
        return ReLUConvBN(channels, channels, 1)
    if name == "nor_conv_3x3":
        return ReLUConvBN(channels, channels, 3)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    return nn.Identity()
