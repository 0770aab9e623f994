"""The networks of DARTS (arXiv 1806.09055): cells that take the outputs of the two cells before them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from siamnas.cells.layers import ConvBN
from siamnas.cells.nb201_cell import ReLUConvBN
from siamnas.config.validate import Few, Size
from siamnas.spaces.darts.cost import CELLS, KERNELS, NODES, REDUCE, SKIP, SOURCES, STEM, Body, Place, places
from siamnas.spaces.darts.genotype import Choices


class Network(nn.Module):
    """Stem, cells, global average pool, classifier; as published, without the auxiliary head and without drop path.

    Args:
        choices: of both cells.
        body: what is not in a cell.
        classes: of the images.
    """

    def __init__(self, choices: Choices, body: Body, classes: int) -> None:
        super().__init__()
        self.stem = _large_stem(body.channels) if body.large else nn.ModuleList([ConvBN(3, STEM * body.channels, 3)])
        self.cells = nn.ModuleList(Cell(choices[place.kind], place) for place in places(body))
        *_, last = places(body)
        self.linear = nn.Linear(last.outputs, classes)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) -> logits (B, classes)."""
        before = last = self.stem[0](images)
        for layer in self.stem[1:]:
            last = layer(last)
        for cell in self.cells:
            before, last = last, cell(before, last)
        return self.linear(last.mean(dim=(2, 3)))


class Cell(nn.Module):
    """Nodes that each sum up what two operations make of two nodes before; they are concatenated.

    Args:
        chosen: edge `from->to` -> operation; nodes 0 and 1 are the outputs of the two cells before.
        place: of the cell in its network.
    """

    def __init__(self, chosen: Mapping[str, str], place: Place) -> None:
        super().__init__()
        first, second = place.inputs
        halved = Halve(first, place.channels) if place.larger else ReLUConvBN(first, place.channels, 1)
        self.sources = nn.ModuleList([halved, ReLUConvBN(second, place.channels, 1)])
        self.edges = [tuple(map(int, edge.split("->"))) for edge in chosen]
        reduces = place.kind == REDUCE
        self.operations = nn.ModuleList(
            _operation(name, place.channels, 2 if reduces and begin < SOURCES else 1)
            for (begin, _), name in zip(self.edges, chosen.values(), strict=True)
        )

    def forward(self, before: Tensor, last: Tensor) -> Tensor:
        """The outputs of the two cells before -> (B, 4 C, H, W), half as high and wide in a reduction cell."""
        nodes = [source(x) for source, x in zip(self.sources, (before, last), strict=True)]
        for node in range(SOURCES, SOURCES + NODES):
            taken = zip(self.edges, self.operations, strict=True)
            nodes.append(sum(operation(nodes[begin]) for (begin, end), operation in taken if end == node))
        return torch.cat(nodes[SOURCES:], dim=1)


class Halve(nn.Module):
    """ReLU, two 1x1 convolutions of stride 2 for half of the channels each, one shifted by a pixel, batch norm."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.halves = nn.ModuleList(nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False) for _ in range(2))
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / 2, W / 2), rounded up."""
        x = torch.relu(x)
        shifted = nn.functional.pad(x, (-1, x.shape[3] % 2, -1, x.shape[2] % 2))
        return self.norm(torch.cat([half(part) for half, part in zip(self.halves, (x, shifted), strict=True)], dim=1))


class Depthwise(nn.Sequential):
    """ReLU, depthwise convolution, 1x1 convolution, batch norm; C stays."""

    def __init__(self, channels: int, kernel: int, stride: int, dilation: int) -> None:
        padding = dilation * (kernel // 2)
        depthwise = nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)
        super().__init__(nn.ReLU(), depthwise, *ConvBN(channels, channels, 1))


def build(arch: Choices, classes: int, channels: Size, cells: Few, large: bool) -> Network:
    """The network of an architecture, see `Network` and `siamnas.spaces.darts.cost.Body`.

    Args:
        arch: its choices.
        classes: of the images.
        channels: C.
        cells: in all.
        large: whether its stem is that for large images.

    Raises:
        InputError: the number of channels is odd.
    """
    return Network({cell: arch[cell] for cell in CELLS}, Body(channels, cells, large), classes)


def _large_stem(channels: int) -> nn.ModuleList:
    """Two parts, whose results are the first two sources: (B, C, H / 4, W / 4) and (B, C, H / 8, W / 8)."""
    convolutions = [(3, channels // 2), (channels // 2, channels), (channels, channels)]
    first, second, third = (ConvBN(inputs, outputs, 3, 2) for inputs, outputs in convolutions)
    return nn.ModuleList([nn.Sequential(*first, nn.ReLU(), *second), nn.Sequential(nn.ReLU(), *third)])


def _operation(name: str, channels: int, stride: int) -> nn.Module:
    """The module of an edge."""
    if name == SKIP:
        return nn.Identity() if stride == 1 else Halve(channels, channels)
    if name == "max_pool_3x3":
        return nn.MaxPool2d(3, stride, padding=1)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    if name.startswith("dil"):
        return Depthwise(channels, KERNELS[name], stride, dilation=2)
    return nn.Sequential(*(Depthwise(channels, KERNELS[name], step, dilation=1) for step in (stride, 1)))
