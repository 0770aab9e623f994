"""The network of NAS-Bench-201 (arXiv 2001.00326, section 2.2), and the reduced one behind the proxy losses."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from siamnas.cells.layers import Classifier, ConvBN
from siamnas.cells.nb201_cell import Cell, ReLUConvBN, edge_operations
from siamnas.config.validate import Few, Size, Sizes
from siamnas.spaces.listed import Space


class Reduction(nn.Module):
    """Residual block of stride 2 between two stages: two ReLU-conv3x3-BN, beside a 2x2 average pool and a 1x1 conv."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.main = nn.Sequential(ReLUConvBN(inputs, outputs, 3, stride=2), ReLUConvBN(outputs, outputs, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / 2, W / 2)."""
        return self.main(x) + self.shortcut(x)


def full(operations: Sequence[str], widths: Sequence[int], cells: int, classes: int) -> Classifier:
    """Stem, stages of equal cells with a residual reduction between two, BN-ReLU, classifier.

    Args:
        operations: of the cell's six edges, see `siamnas.cells.nb201_cell.parse`.
        widths: channels of each stage; 16, 32 and 64 in the benchmark.
        cells: per stage; 5 in the benchmark.
        classes: of the images.
    """
    layers: list[nn.Module] = [ConvBN(3, widths[0], 3)]
    layers += (Cell(operations, widths[0]) for _ in range(cells))
    for before, width in pairwise(widths):
        layers.append(Reduction(before, width))
        layers += (Cell(operations, width) for _ in range(cells))
    layers += (nn.BatchNorm2d(widths[-1]), nn.ReLU())
    return Classifier(nn.Sequential(*layers), widths[-1], classes)


def reduced(operations: Sequence[str], width: int, pool: int, classes: int) -> Classifier:
    """Stem, cell, average pool, cell, classifier: the network of the proxy losses (MOTE-NAS, NeurIPS 2024).

    Args:
        operations: see `full`.
        width: channels everywhere; 32 there.
        pool: size of the average pool; 4 there.
        classes: of the images.
    """
    first, second = Cell(operations, width), Cell(operations, width)
    return Classifier(nn.Sequential(ConvBN(3, width, 3), first, nn.AvgPool2d(pool), second), width, classes)


def build(space: Space, arch: int, classes: int, widths: Sizes, cells: Few) -> Classifier:
    """Architecture `arch` of a space in NAS-Bench-201's encoding as the benchmark's network, see `full`.

    Raises:
        InputError: it is no cell of NAS-Bench-201.
    """
    return full(edge_operations(space, arch), widths, cells, classes)


def build_reduced(space: Space, arch: int, classes: int, width: Size, pool: Size) -> Classifier:
    """Architecture `arch` of a space in NAS-Bench-201's encoding as the network of the proxy losses, see `reduced`.

    Raises:
        InputError: it is no cell of NAS-Bench-201.
    """
    return reduced(edge_operations(space, arch), width, pool, classes)
