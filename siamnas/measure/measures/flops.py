"""What a network costs, counted: needs no images and no weights."""

import time
from collections.abc import Callable

import torch
from torch import nn

from siamnas.cells.cost import count
from siamnas.config.validate import Sizes
from siamnas.measure.measures.base import Measure, Values

MILLION = 1e6


class Flops(Measure):
    """Multiply-adds for one image or text and trainable parameters, both in millions as in the tables of the spaces.

    Args:
        image: (channels, height, width), or (tokens,) for networks of texts.
    """

    columns = ("flops", "params")
    shape: tuple[int, ...]

    def __init__(self, image: Sizes) -> None:
        self.shape = tuple(image)

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        """See `Measure`; nothing is drawn."""
        began = time.perf_counter()
        with torch.device("meta"):
            cost = count(network(), self.shape)
        return Values((cost.multiply_adds / MILLION, cost.params / MILLION), time.perf_counter() - began)
