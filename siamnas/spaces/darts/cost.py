"""Parameters and multiply-adds of the networks of DARTS (arXiv 1806.09055) by arithmetic, without building one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from siamnas.errors import InputError

KERNELS = {"sep_conv_3x3": 3, "sep_conv_5x5": 5, "dil_conv_3x3": 3, "dil_conv_5x5": 5}
SKIP = "skip_connect"
OPERATIONS = (*KERNELS, "max_pool_3x3", "avg_pool_3x3", SKIP)
NORMAL, REDUCE = CELLS = ("normal", "reduce")
SOURCES, NODES = 2, 4  # the two cells before, and what sums up
STEM = 3  # times as many channels as the first cells has the stem for small images
STRIDES = 8  # by which the stem for large images makes them smaller


@dataclass(frozen=True)
class Body:
    """What a network has beside its cells.

    Attributes:
        channels: C, of the nodes of the first cells; even.
        cells: in all; those after a third and two thirds are reduction cells.
        large: whether its stem is that for large images, three convolutions of stride 2; else it is one of stride 1.
    """

    channels: int
    cells: int
    large: bool

    def __post_init__(self) -> None:
        if self.channels % 2:
            raise InputError(f"channels={self.channels}: must be even, as half of them are halved at a time")


@dataclass(frozen=True)
class Images:
    """A data set.

    Attributes:
        classes: of the images.
        size: their height and width.
    """

    classes: int
    size: int


SMALL, LARGE = Body(36, 20, large=False), Body(48, 14, large=True)
DATASETS: Mapping[str, tuple[Body, Images]] = {
    "cifar10": (SMALL, Images(10, 32)),
    "cifar100": (SMALL, Images(100, 32)),
    "imagenet": (LARGE, Images(1000, 224)),
}
"""The networks behind published accuracies, without their auxiliary heads."""


@dataclass(frozen=True)
class Place:
    """A cell of a network.

    Attributes:
        kind: one of CELLS.
        inputs: channels of its two sources.
        channels: of its nodes.
        larger: whether its first source is twice as large as its second.
    """

    kind: str
    inputs: tuple[int, int]
    channels: int
    larger: bool

    @property
    def outputs(self) -> int:
        """Channels of its nodes together."""
        return NODES * self.channels


def places(body: Body) -> Iterator[Place]:
    """The cells of a network in their order."""
    channels, larger = body.channels, body.large
    inputs = (channels, channels) if body.large else (STEM * channels, STEM * channels)
    for cell in range(body.cells):
        reduces = cell in (body.cells // 3, 2 * body.cells // 3)
        channels *= 2 if reduces else 1
        place = Place(CELLS[reduces], inputs, channels, larger)
        yield place
        inputs, larger = (inputs[1], place.outputs), reduces


@dataclass(frozen=True)
class Cost:
    """Of a part of a network, or of all of it.

    Attributes:
        params: trainable numbers, those of batch norm included.
        macs: multiply-adds of convolutions and the classifier for one image.
    """

    params: int = 0
    macs: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.params + other.params, self.macs + other.macs)


def convolution(weights: int, size: int, normalised: int) -> Cost:
    """A convolution without bias, and a batch norm.

    Args:
        weights: how many.
        size: height and width of what it makes.
        normalised: channels of the batch norm.
    """
    return Cost(weights + 2 * normalised, weights * size**2)


def operation(name: str, channels: int, size: int, halves: bool) -> Cost:
    """What stands on an edge of a cell.

    Args:
        name: one of OPERATIONS.
        channels: C.
        size: height and width of what it makes.
        halves: whether what it takes is twice as large.
    """
    if name == SKIP:
        return convolution(channels**2, size, channels) if halves else Cost()
    if name not in KERNELS:
        return Cost()
    once = convolution(channels * KERNELS[name] ** 2 + channels**2, size, channels)
    return once + once if name.startswith("sep") else once


def edges(body: Body, images: Images) -> dict[tuple[str, bool, str], Cost]:
    """(kind of cell, whether the edge begins at a source, operation) -> what it costs in all cells of the kind."""
    found = {(kind, source, name): Cost() for kind in CELLS for source in (False, True) for name in OPERATIONS}
    for place, size in _sized(body, images):
        reduces = place.kind == REDUCE
        for source in (False, True):
            for name in OPERATIONS:
                added = operation(name, place.channels, size // (1 + reduces), halves=reduces and source)
                found[place.kind, source, name] += added
    return found


def fixed(body: Body, images: Images) -> Cost:
    """What a network costs without what stands on the edges of its cells."""
    total, channels, outputs = Cost(), body.channels, 0
    if body.large:
        half, sizes = channels // 2, (images.size // 2, images.size // 4, images.size // STRIDES)
        for weights, size, normalised in zip(
            (27 * half, 9 * half * channels, 9 * channels**2), sizes, (half, channels, channels), strict=True
        ):
            total += convolution(weights, size, normalised)
    else:
        total += convolution(27 * STEM * channels, images.size, STEM * channels)
    for place, size in _sized(body, images):
        # A source is brought to C channels by one convolution, or, where it is halved too, by two for C / 2 each.
        for inputs in place.inputs:
            total += convolution(inputs * place.channels, size, place.channels)
        outputs = place.outputs
    return total + Cost((outputs + 1) * images.classes, outputs * images.classes)


def _sized(body: Body, images: Images) -> Iterator[tuple[Place, int]]:
    """The cells of a network with the height and the width of their sources."""
    size = images.size // STRIDES if body.large else images.size
    for place in places(body):
        yield place, size
        size //= 2 if place.kind == REDUCE else 1
