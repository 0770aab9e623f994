"""Inverted bottlenecks of many networks at once: what they cost, exactly.

A layer is a 1x1 expansion (none where it is 1), a depthwise convolution, maybe a squeeze-excite, and a 1x1 projection,
each convolution with batch norm (MobileNetV2, arXiv 1801.04381; MnasNet, arXiv 1807.11626).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray, IntArray

NORMED = 4  # operations of a batch norm for each number, where tables count them


@dataclass(frozen=True)
class Seats:
    """The seats of layers in the deepest network, stage after stage.

    Attributes:
        stage: (B,) number of the stage.
        place: (B,) number of the layer in its stage; only the first may have a stride.
        inputs: (B,) channels.
        outputs: (B,) channels.
        before: (B,) height and width of what a layer takes.
        after: (B,) height and width of what it gives.
    """

    stage: IntArray
    place: IntArray
    inputs: IntArray
    outputs: IntArray
    before: IntArray
    after: IntArray

    @property
    def residual(self) -> NDArray[np.bool_]:
        """(B,) whether a layer adds its input to its output."""
        return (self.inputs == self.outputs) & (self.before == self.after)


def seats(first: int, widths: tuple[int, ...], strides: tuple[int, ...], deepest: tuple[int, ...], size: int) -> Seats:
    """The seats of stages.

    Args:
        first: channels before the first stage.
        widths: channels of each stage.
        strides: of the first layer of each stage.
        deepest: the largest number of layers of each stage.
        size: height and width before the first stage.
    """
    rows, channels = [], first
    for stage, (width, stride, layers) in enumerate(zip(widths, strides, deepest, strict=True)):
        for place in range(layers):
            after = -(-size // stride) if place == 0 else size
            rows.append((stage, place, channels, width, size, after))
            channels, size = width, after
    return Seats(*np.array(rows, np.int64).T)


@dataclass(frozen=True)
class Layers:
    """The layers of n networks; entries of layers that are not there mean nothing.

    Attributes:
        seats: where they stand.
        there: (n, B) whether there is a layer.
        expand: (n, B) ratio of the expansion.
        kernel: (n, B) of the depthwise convolution.
        squeezed: (n, B) channels in the middle of the squeeze-excite; 0 for none.
    """

    seats: Seats
    there: NDArray[np.bool_]
    expand: IntArray
    kernel: IntArray
    squeezed: IntArray

    @property
    def inner(self) -> IntArray:
        """(n, B) channels of the expansion."""
        return self.expand * self.seats.inputs

    @property
    def widened(self) -> NDArray[np.bool_]:
        """(n, B) whether there is an expansion."""
        return self.expand > 1


def params(layers: Layers) -> FloatArray:
    """(n,) trainable numbers, batch norm's included."""
    at, inner, squeezed = layers.seats, layers.inner, layers.squeezed
    expansion = layers.widened * (at.inputs * inner + 2 * inner)
    depthwise = inner * layers.kernel**2 + 2 * inner
    excite = (squeezed > 0) * (2 * inner * squeezed + squeezed + inner)
    projection = inner * at.outputs + 2 * at.outputs
    return _total(layers, expansion + depthwise + excite + projection)


def multiply_adds(layers: Layers) -> FloatArray:
    """(n,) multiply-adds of convolutions for one image, as `siamnas.cells.cost` counts them."""
    at, inner = layers.seats, layers.inner
    expansion = layers.widened * at.inputs * inner * at.before**2
    rest = inner * (layers.kernel**2 + at.outputs) * at.after**2
    return _total(layers, expansion + rest + 2 * inner * layers.squeezed)


def norms_and_pools(layers: Layers) -> FloatArray:
    """(n,) operations of batch norms, and of the pools of squeeze-excites, as tables count them beside convolutions."""
    at, inner = layers.seats, layers.inner
    norms = layers.widened * inner * at.before**2 + (inner + at.outputs) * at.after**2
    pools = (layers.squeezed > 0) * inner * (at.after**2 + 1)
    return _total(layers, NORMED * norms + pools)


def peak_memory(layers: Layers) -> FloatArray:
    """(n,) the largest sum of input, output, weights and, if it waits meanwhile, residual input of a convolution."""
    at, inner = layers.seats, layers.inner
    before, after = at.before**2, at.after**2
    expansion = layers.widened * (at.inputs * (before + inner) + inner * before)
    depthwise = inner * (before + after + layers.kernel**2) + at.residual * at.inputs * before
    projection = inner * after + at.outputs * (after + inner)
    largest = np.maximum(np.maximum(expansion, depthwise), projection)
    return np.where(layers.there, largest, 0).max(axis=1).astype(np.float64)


def _total(layers: Layers, each: IntArray) -> FloatArray:
    """(n,) the sum over the layers (n, B) that are there."""
    return np.where(layers.there, each, 0).sum(axis=1).astype(np.float64)
