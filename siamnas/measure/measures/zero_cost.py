"""Scores of networks that are not trained: what one pass through new weights tells."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from siamnas.cells.cost import count
from siamnas.config.validate import Condition, Count
from siamnas.errors import InputError
from siamnas.images.augment import moments, normalise
from siamnas.images.dataset import Dataset
from siamnas.measure.measures.base import Measure, Values
from siamnas.measure.measures.flops import MILLION
from siamnas.measure.measures.response import jacob_cov, naswot, zen
from siamnas.measure.measures.saliency import grad_norm, snip, synflow, synflow_code


@dataclass(frozen=True)
class Inputs:
    """What a score may look at.

    Attributes:
        images: (B, 3, H, W) normalised, on the device of the networks.
        labels: (B,).
    """

    images: Tensor
    labels: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image, (3, H, W)."""
        return tuple(self.images.shape[1:])


SCORES: dict[str, Callable[[nn.Module, Inputs], float]] = {
    "synflow": lambda network, inputs: synflow(network, inputs.shape),
    "synflow_code": lambda network, inputs: synflow_code(network, inputs.shape),
    "snip": lambda network, inputs: snip(network, inputs.images, inputs.labels),
    "grad_norm": lambda network, inputs: grad_norm(network, inputs.images, inputs.labels),
    "naswot": lambda network, inputs: naswot(network, inputs.images),
    "jacob_cov": lambda network, inputs: jacob_cov(network, inputs.images),
    "zen": lambda network, inputs: zen(network, tuple(inputs.images.shape)),
    "flops": lambda network, inputs: count(network, inputs.shape).multiply_adds / MILLION,
    "params": lambda network, inputs: count(network, inputs.shape).params / MILLION,
}
Score = Literal["synflow", "synflow_code", "snip", "grad_norm", "naswot", "jacob_cov", "zen", "flops", "params"]
DIFFERENT = Condition("a list of one or more scores, each once", lambda v: 0 < len(v) == len(set(v)))


class ZeroCost(Measure):
    """Any of `SCORES`, whose functions say what they are; all of the same new weights and the same images.

    A score does not depend on which others are asked for. One that an architecture does not have is NaN.

    Args:
        images: the scores that need images see the first ones to train on.
        device: where the networks are.
        scores: names, in the order of the columns.
        batch: B, number of images; for `zen`, of noise images of their size.

    Raises:
        InputError: there are not as many images.
    """

    def __init__(self, images: Dataset, device: str, scores: Annotated[list[Score], DIFFERENT], batch: Count) -> None:
        if batch > len(images.train):
            raise InputError(f"what.batch={batch}: must be at most {len(images.train)}, the images to train on")
        self.columns = tuple(scores)
        pixels = torch.from_numpy(images.train.pixels[:batch])
        labels = torch.from_numpy(images.train.labels[:batch])
        self.inputs = Inputs(normalise(pixels, moments(images.train)).to(device), labels.to(device))

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        """See `Measure`."""
        began = time.perf_counter()
        torch.manual_seed(seed)
        made = network().to(self.inputs.images.device)
        values = []
        for name in self.columns:
            torch.manual_seed(seed)  # whatever the others have drawn
            values.append(SCORES[name](made, self.inputs))
        return Values(tuple(values), time.perf_counter() - began)
