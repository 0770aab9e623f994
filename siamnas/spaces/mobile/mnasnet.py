"""MnasNet as in Accel-NASBench (arXiv 2404.08005): seven stages whose layers are alike."""

import numpy as np

from siamnas.benchmarks import shipped
from siamnas.benchmarks.boosted import Boosted
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Word
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.benchmark import DomainBenchmark
from siamnas.spaces.described.encoding import Rows
from siamnas.spaces.described.free import Choices
from siamnas.spaces.described.language import choice, repeat
from siamnas.spaces.described.space import Described
from siamnas.spaces.mobile import layers
from siamnas.spaces.mobile.column import OfLayers, Reader
from siamnas.spaces.mobile.layers import Layers

FILE = "mnasnet_boosted.npz"
EXPANDS, KERNELS = (1, 4, 6), (3, 5)
DEEPEST = (3, 3, 3, 3, 3, 4, 3)  # layers of each stage
WIDTHS = (16, 24, 40, 80, 112, 192, 320)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
STEM, LAST, CLASSES, SIZE = 32, 1280, 1000, 224
SQUEEZE = 4  # input channels of a layer for each one in the middle of its squeeze-excite
SEATS = layers.seats(STEM, WIDTHS, STRIDES, DEEPEST, SIZE // 2)


def space(name: Word, constraints: list[Word]) -> Described:
    """The 1.04e11 networks, with their `params` and `macs`.

    `macs` is what the benchmark counts: multiply-adds, 4 for each number that a batch norm scales, and pools.

    Args:
        name: of the space.
        constraints: on `params` and `macs`, such as `macs<=300e6`.
    """
    block = {"expand": choice(EXPANDS), "kernel": choice(KERNELS), "squeeze": choice([False, True])}
    stages = {f"stage{i}": repeat(block, 1, deepest, same=True) for i, deepest in enumerate(DEEPEST)}
    columns = {"params": OfLayers(Stages(), params), "macs": OfLayers(Stages(), macs)}
    return Described(stages, name, columns, constraints, network="mnasnet", classes=CLASSES)


@shipped.reads(FILE)
def load(name: Word, constraints: list[Word]) -> DomainBenchmark:
    """The networks with a surrogate of their ImageNet accuracy; arguments as for `space`."""
    return DomainBenchmark(space(name, constraints), Boosted(FILE, "", Metric("top1")))


class Stages(Reader):
    """Rows (n, 28): of each stage depth, expansion, kernel and squeeze-excite."""

    def layers(self, rows: Rows) -> Layers:
        """See `Reader`."""
        depth, expand, kernel, squeeze = rows.reshape(-1, len(DEEPEST), 4)[:, SEATS.stage].transpose(2, 0, 1)
        return Layers(
            seats=SEATS,
            there=SEATS.place <= depth,
            expand=np.array(EXPANDS)[expand],
            kernel=np.array(KERNELS)[kernel],
            squeezed=(squeeze > 0) * (SEATS.inputs // SQUEEZE),
        )

    def row(self, choices: Choices) -> list[int]:
        """See `Reader`."""
        found = []
        for stage in choices.values():
            layer = stage[0]  # all are alike
            expand, kernel = EXPANDS.index(layer["expand"]), KERNELS.index(layer["kernel"])
            found += [len(stage) - 1, expand, kernel, int(layer["squeeze"])]
        return found


def params(found: Layers) -> FloatArray:
    """(n,) trainable numbers, with stem, last convolution and classifier."""
    stem, last = STEM * (3 * 9 + 2), LAST * (WIDTHS[-1] + 2)
    return layers.params(found) + stem + last + (LAST + 1) * CLASSES


def macs(found: Layers) -> FloatArray:
    """(n,) as the benchmark counts them, with stem, last convolution, pool and classifier."""
    stem = STEM * (3 * 9 + layers.NORMED) * (SIZE // 2) ** 2
    last = LAST * (WIDTHS[-1] + layers.NORMED + 1) * SEATS.after[-1] ** 2 + LAST
    own = layers.multiply_adds(found) + layers.norms_and_pools(found)
    return own + stem + last + LAST * CLASSES
