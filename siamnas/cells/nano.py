"""The network of the Nano space (Siamese-NAS, arXiv 2210.00546): small cells of light operations, in three blocks."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from siamnas.cells.layers import Classifier, ConvBN
from siamnas.cells.nano_graph import OUTPUT, Node, read
from siamnas.cells.nano_layers import EXPANSION, Attention, Expand, Split, depthwise
from siamnas.config.validate import Few, Size, Sizes
from siamnas.spaces.listed import Space


class Cell(nn.Module):
    """Nodes in topological order; what a node takes is concatenated on channels.

    The output is brought to the width of the block by a 1x1 convolution with batch norm where it has another one, and
    the input is added to it where both have as many channels.

    Args:
        nodes: see `siamnas.cells.nano_graph.read`.
        inputs: channels of the input.
        width: channels of the output.
    """

    def __init__(self, nodes: Sequence[Node], inputs: int, width: int) -> None:
        super().__init__()
        self.sources = [node.sources for node in nodes[1:]]  # the first one is the input
        self.residual = inputs == width
        self.operations = nn.ModuleList()
        channels = [inputs]  # of what a node sends to one successor
        for node in nodes[1:]:
            taken = sum(channels[source] for source, _ in node.sources)
            operation, given = _operation(node.operation, taken, width)
            self.operations.append(operation)
            channels.append(given)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, width, H, W)."""
        sent: list[tuple[Tensor, ...]] = [(x,)]
        for sources, operation in zip(self.sources, self.operations, strict=True):
            result = operation(torch.cat([sent[source][half] for source, half in sources], dim=1))
            sent.append(result if isinstance(result, tuple) else (result,))
        (output,) = sent[-1]
        return output + x if self.residual else output


class Block(nn.Module):
    """Cells in a row; the output of the first is added to that of the last."""

    def __init__(self, nodes: Sequence[Node], inputs: int, width: int, cells: int) -> None:
        super().__init__()
        self.first = Cell(nodes, inputs, width)
        self.others = nn.Sequential(*(Cell(nodes, width, width) for _ in range(cells - 1)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, width, H, W)."""
        first = self.first(x)
        return first + self.others(first) if len(self.others) else first


def network(nodes: Sequence[Node], stem: int, widths: Sequence[int], cells: int, classes: int) -> Classifier:
    """Stem, blocks with a 2x2 average pool between two, classifier.

    Args:
        nodes: of the cell, see `siamnas.cells.nano_graph.read`.
        stem: channels of the stem; 128 as published.
        widths: channels of each block; 128, 256 and 512 as published.
        cells: per block; 3 as published.
        classes: of the images.
    """
    layers: list[nn.Module] = [ConvBN(3, stem, 3, activation=nn.Mish())]
    for before, width in zip([stem, *widths], widths, strict=False):
        layers += [Block(nodes, before, width, cells), nn.AvgPool2d(2)]
    return Classifier(nn.Sequential(*layers[:-1]), widths[-1], classes)


def build(space: Space, arch: int, classes: int, stem: Size, widths: Sizes, cells: Few) -> Classifier:
    """Architecture `arch` of a space of Nano cells, see `network`.

    Raises:
        InputError: it is no valid Nano cell.
    """
    return network(read(space, arch), stem, widths, cells, classes)


def _operation(name: str, channels: int, width: int) -> tuple[nn.Module, int]:
    """The module of a node, and how many channels it sends to a successor."""
    if name == "dwconv3x3":
        return depthwise(channels), channels
    if name == "conv1x1":
        return ConvBN(channels, width, 1, activation=nn.Mish()), width
    if name == "atten":
        return Attention(channels), channels
    if name == "expand":
        return Expand(channels), EXPANSION * channels
    if name == "split":
        split = Split(channels)
        return split, split.part
    if name == OUTPUT and channels != width:
        return ConvBN(channels, width, 1), width
    return nn.Identity(), channels
