"""What the network of a Nano cell costs, by arithmetic on its channels: see `siamnas.cells.nano` for the network."""

import functools
from dataclasses import dataclass

from siamnas.spaces.nano.cells import OUTPUT, SPLIT, Cell

EXPANSION = 3  # chained convolutions of `expand`, and so the growth of the channels
SQUEEZE = 4  # channels per channel of the queries, keys and values of `atten`


@dataclass(frozen=True)
class Body:
    """Everything around the cell, see `siamnas.cells.nano.network`.

    Attributes:
        stem: channels of the stem.
        widths: channels of each block.
        cells: per block.
        classes: of the images.
        size: height and width of an image.
    """

    stem: int
    widths: tuple[int, ...]
    cells: int
    classes: int
    size: int


PUBLISHED = Body(stem=128, widths=(128, 256, 512), cells=3, classes=10, size=32)


def cost(cell: Cell, body: Body = PUBLISHED) -> tuple[int, int]:
    """Multiply-adds and parameters of a whole network, counted as by `siamnas.cells.cost.count`."""
    flops, params = _convolution(3, body.stem, body.size**2, 9)
    before, size = body.stem, body.size
    for width in body.widths:
        for inputs, times in ((before, 1), (width, body.cells - 1)):
            more_flops, more_params = _cell(cell, inputs, width, size**2)
            flops += times * more_flops
            params += times * more_params
        before, size = width, size // 2
    return flops + before * body.classes, params + (before + 1) * body.classes


def _cell(cell: Cell, inputs: int, width: int, pixels: int) -> tuple[int, int]:
    """Multiply-adds and parameters of one cell."""
    takes = [inputs] + [0] * (len(cell.operations) - 1)
    flops = params = 0
    for node, operation in enumerate(cell.operations):
        (more_flops, more_params), sends = _operation(operation, takes[node], width, pixels)
        flops += more_flops
        params += more_params
        for end in cell.successors[node]:
            takes[end] += sends
    return flops, params


@functools.cache
def _operation(name: str, channels: int, width: int, pixels: int) -> tuple[tuple[int, int], int]:
    """Multiply-adds and parameters of a node, and the channels that it sends to a successor."""
    if name == "dwconv3x3":
        return _convolution(1, channels, pixels, 9), channels
    if name == "conv1x1":
        return _convolution(channels, width, pixels), width
    if name == "atten":
        inner = max(channels // SQUEEZE, 1)
        return (4 * channels * inner + 2 * inner**2, 4 * channels * inner), channels
    if name == "expand":
        return _convolution(1, EXPANSION * channels, pixels, 9), EXPANSION * channels
    if name == SPLIT:
        even = channels + channels % 2
        return _convolution(channels, even, pixels) if channels % 2 else (0, 0), even // 2
    if name == OUTPUT and channels != width:
        return _convolution(channels, width, pixels), width
    return (0, 0), channels


def _convolution(inputs: int, outputs: int, pixels: int, kernel: int = 1) -> tuple[int, int]:
    """Multiply-adds and parameters of a convolution with batch norm; `inputs` are those that one output takes.

    Args:
        inputs: channels.
        outputs: channels.
        pixels: of the feature map.
        kernel: pixels of the kernel.
    """
    weights = inputs * outputs * kernel
    return weights * pixels, weights + 2 * outputs
