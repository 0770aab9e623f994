"""Small images, and measures that misbehave, for the tests of `siamnas measure`."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from siamnas.images.dataset import Dataset, Images
from siamnas.measure.measures.base import Failed, Measure, Values


def images(count: int, path: str | None = None) -> Dataset:
    """Noise of four classes; `path` is a file whose number is added to every pixel."""
    rng = np.random.default_rng(0)
    shift = int(Path(path).read_text()) if path else 0

    def some() -> Images:
        pixels = rng.integers(256 - shift, size=(count, 3, 8, 8)) + shift
        return Images(pixels.astype(np.uint8), np.arange(count) % 4)

    return Dataset("noise", ("a", "b", "c", "d"), some(), some(), {})


class Response(Measure):
    """What fresh weights make of the images: drawn numbers and matrix products, as real measures have them."""

    columns = ("mean", "loss_1", "loss_2")

    def __init__(self, images: Dataset, device: str) -> None:
        self.pixels = torch.tensor(images.train.pixels, device=device) / 255.0

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        torch.manual_seed(seed)
        with torch.no_grad():
            answer = network()(self.pixels)
        return Values((float(answer.mean()), float(answer.std()), float(answer[0, 0])), 2.0)


class Odd(Measure):
    """Counts convolutions; with FAIL in the environment in vain, with WAIT it waits for that file, after FREE calls."""

    columns = ("convolutions",)
    calls = 0

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        count = sum(isinstance(module, nn.Conv2d) for module in network().modules())
        self.calls += 1
        waits = "WAIT" in os.environ and self.calls > int(os.environ.get("FREE", 0))
        deadline = time.monotonic() + 300
        while waits and not Path(os.environ["WAIT"]).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        if "FAIL" in os.environ:
            errors = [Failed("its loss is NaN"), MemoryError(), RuntimeError("CUDA out of memory"), ValueError("a bug")]
            raise errors[count % len(errors)]
        return Values((float(count),), 0.5)
