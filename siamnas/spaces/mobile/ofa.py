"""Sub-networks of once-for-all supernets (arXiv 1908.09791): MobileNetV3 with elastic kernels, widths and depths."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from siamnas.benchmarks import shipped
from siamnas.benchmarks.boosted import Boosted
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Condition, Count, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.spaces.benchmark import DomainBenchmark
from siamnas.spaces.described.encoding import OUT, Rows
from siamnas.spaces.described.free import Choices
from siamnas.spaces.described.language import choice, repeat
from siamnas.spaces.described.space import Described
from siamnas.spaces.mobile import layers
from siamnas.spaces.mobile.column import OfLayers, Reader
from siamnas.spaces.mobile.layers import Layers, Seats

FILE = "ofa_boosted.npz"
KERNELS = (3, 5, 7)
SHALLOWEST, DEEPEST = 2, 4  # layers of each of the five stages
CLASSES = 1000
DIVISOR = 8  # of numbers of channels
SQUEEZE = 4  # channels of a squeeze-excite for each one in its middle


@dataclass(frozen=True)
class Supernet:
    """A supernet, and the measured sub-networks of it.

    Attributes:
        expands: ratios of the expansion.
        stem: channels of the first convolution, which halves the image.
        first: channels of the first layer, which is always the same: no expansion, kernel 3.
        widths: of the five stages.
        strides: of their first layers.
        squeezes: whether the layers of a stage have a squeeze-excite.
        smooth: whether the activation of a stage, the first layer before, is a hard swish; otherwise a ReLU.
        last: channels of the last two convolutions.
        medians: image size -> the median `peak_memory` of the measured sub-networks.
    """

    expands: tuple[int, ...]
    stem: int
    first: int
    widths: tuple[int, ...]
    strides: tuple[int, ...]
    squeezes: tuple[bool, ...]
    smooth: tuple[bool, ...]
    last: tuple[int, int]
    medians: dict[int, int]

    def seats(self, size: int) -> Seats:
        """The seats of the layers of images of a height and width."""
        return layers.seats(self.first, self.widths, self.strides, (DEEPEST,) * len(self.widths), size // 2)


SUPERNETS = {
    "mit_ofa": Supernet(
        expands=(3, 4, 6),
        stem=16,
        first=16,
        widths=(24, 40, 80, 112, 160),
        strides=(2, 2, 2, 1, 2),
        squeezes=(False, True, False, True, True),
        smooth=(False, False, False, True, True, True),
        last=(960, 1280),
        medians={128: 323_088, 160: 513_024, 192: 722_448},
    ),
    "moofa": Supernet(
        expands=(2, 3, 4),
        stem=3,
        first=8,
        widths=(24, 96, 288, 360, 384),
        strides=(2, 2, 2, 2, 2),
        squeezes=(False, True, True, False, True),
        smooth=(False, True, True, True, False, True),
        last=(392, 392),
        medians={128: 448_512, 160: 475_776, 192: 539_136, 224: 680_832},
    ),
}
"""mit_ofa: that of the paper, width 1.0. moofa: one for small memory (MaximeGirard/memory-optimized-once-for-all)."""

Name = Annotated[str, Condition(f"one of {', '.join(SUPERNETS)}", lambda value: value in SUPERNETS)]


class Stages(Reader):
    """Rows (n, 45): of each stage depth, then kernel and expansion of each layer, -1 where there is none.

    Args:
        supernet: of the sub-networks.
        size: height and width of the images.
    """

    def __init__(self, supernet: Supernet, size: int) -> None:
        self.supernet, self.seats = supernet, supernet.seats(size)
        self._squeezes = np.array(supernet.squeezes)[self.seats.stage]

    def layers(self, rows: Rows) -> Layers:
        """See `Reader`."""
        at = self.seats
        stages = rows.reshape(len(rows), len(self.supernet.widths), 1 + 2 * DEEPEST)
        expand = np.array(self.supernet.expands)[stages[:, at.stage, 2 + 2 * at.place]]
        return Layers(
            seats=at,
            there=at.place < stages[:, at.stage, 0] + SHALLOWEST,
            expand=expand,
            kernel=np.array(KERNELS)[stages[:, at.stage, 1 + 2 * at.place]],
            squeezed=self._squeezes * squeezed(expand * at.inputs),
        )

    def row(self, choices: Choices) -> list[int]:
        """See `Reader`."""
        found = []
        for stage in choices.values():
            found.append(len(stage) - SHALLOWEST)
            for layer in stage:
                found += [KERNELS.index(layer["kernel"]), self.supernet.expands.index(layer["expand"])]
            found += [OUT] * 2 * (DEEPEST - len(stage))
        return found


def squeezed(channels: IntArray) -> IntArray:
    """Channels in the middle of a squeeze-excite: a quarter, as a multiple of 8 that is not smaller by over a tenth."""
    found = np.maximum(DIVISOR, (channels // SQUEEZE + DIVISOR // 2) // DIVISOR * DIVISOR)
    return found + DIVISOR * (found < 0.9 * (channels // SQUEEZE))


@dataclass(frozen=True)
class Params:
    """(n,) trainable numbers: of the layers, and of what is always there."""

    supernet: Supernet

    def __call__(self, found: Layers) -> FloatArray:
        """See the class."""
        stem, first, (middle, last) = self.supernet.stem, self.supernet.first, self.supernet.last
        begin = stem * (3 * 9 + 2) + stem * (9 + 2) + first * (stem + 2)
        end = middle * (self.supernet.widths[-1] + 2) + middle * last + (last + 1) * CLASSES
        return layers.params(found) + begin + end


@dataclass(frozen=True)
class Macs:
    """(n,) multiply-adds of convolutions and of the classifier for one image."""

    supernet: Supernet
    size: int

    def __call__(self, found: Layers) -> FloatArray:
        """See the class."""
        stem, first, (middle, last) = self.supernet.stem, self.supernet.first, self.supernet.last
        begin = (3 * 9 * stem + 9 * stem + stem * first) * (self.size // 2) ** 2
        end = self.supernet.widths[-1] * middle * int(found.seats.after[-1]) ** 2 + middle * last + last * CLASSES
        return layers.multiply_adds(found) + begin + end


@dataclass(frozen=True)
class PeakMemory:
    """(n,) numbers, not bytes: the most that a convolution needs.

    Stem, first layer and the last convolution before the pool count; squeeze-excites and what follows the pool don't.
    """

    supernet: Supernet
    size: int

    def __call__(self, found: Layers) -> FloatArray:
        """See the class."""
        stem, first, last = self.supernet.stem, self.supernet.first, self.supernet.last[0]
        half, end, width = (self.size // 2) ** 2, int(found.seats.after[-1]) ** 2, self.supernet.widths[-1]
        fixed = (
            3 * self.size**2 + stem * half + 3 * 9 * stem,
            2 * stem * half + 9 * stem + (stem == first) * stem * half,
            stem * half + first * half + stem * first,
            width * end + last * end + width * last,
        )
        return np.maximum(layers.peak_memory(found), max(fixed))


def space(name: Word, pool: Name, image_size: Count, constraints: list[Word] | None) -> Described:
    """The sub-networks of a supernet for images of one size, with `peak_memory`, `params` and `macs`.

    `peak_memory` is in numbers, not bytes; `macs` are multiply-adds.

    Args:
        name: of the space.
        pool: mit_ofa or moofa, see `SUPERNETS`.
        image_size: 128, 160 or 192, with moofa 224, too.
        constraints: such as `params<=5e6`; at most the median of the measured sub-networks if None.

    Raises:
        InputError: nothing was measured with this image size.
    """
    own = SUPERNETS[pool]
    if image_size not in own.medians:
        sizes = ", ".join(map(str, own.medians))
        raise InputError(f"space.image_size={image_size}: must be one of {sizes} with space.pool={pool}")
    if constraints is None:
        constraints = [f"peak_memory<={own.medians[image_size]}"]
    block = {"kernel": choice(KERNELS), "expand": choice(own.expands)}
    stages = {f"stage{i}": repeat(block, SHALLOWEST, DEEPEST) for i in range(len(own.widths))}
    reader = Stages(own, image_size)
    columns = {
        "peak_memory": OfLayers(reader, PeakMemory(own, image_size)),
        "params": OfLayers(reader, Params(own)),
        "macs": OfLayers(reader, Macs(own, image_size)),
    }
    return Described(stages, name, columns, constraints, network=pool, classes=CLASSES)


@shipped.reads(FILE)
def load(name: Word, pool: Name, image_size: Count, constraints: list[Word] | None) -> DomainBenchmark:
    """The sub-networks with a surrogate of their ImageNet accuracy; arguments and errors as for `space`."""
    domain = space(name, pool, image_size, constraints)
    return DomainBenchmark(domain, Boosted(FILE, f"{pool}.", Metric("top1"), given=[image_size]))
