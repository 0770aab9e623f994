"""Whole batches of images, normalised and varied on their device.

Everything is drawn on the CPU, so that the same generator gives the same images on every device.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import betaincinv
from torch import Generator, Tensor
from torch.nn.functional import one_hot, pad

from siamnas.config.validate import Natural, Positive, Probability
from siamnas.images.dataset import Images

BLOCK = 1000  # images that are counted at a time


@dataclass(frozen=True)
class Mixup:
    """Every image is mixed with another one of its batch by this probability; lambda ~ Beta(alpha, alpha) for each."""

    alpha: Positive
    probability: Probability


@dataclass(frozen=True)
class Options:
    """What is done to the images that are learnt from.

    Attributes:
        flip: half of the images, left to right.
        shift: at most so many pixels along each axis; what comes in is black.
        mixup: of images and labels.
    """

    flip: bool
    shift: Natural
    mixup: Mixup


class Augment:
    """Bytes and labels of a batch -> images and targets to learn from.

    Args:
        moments: see `moments`.
        classes: C.
        generator: of the CPU.
        options: what is done to them.
    """

    def __init__(self, moments: Tensor, classes: int, generator: Generator, options: Options) -> None:
        self.moments = moments
        self.classes = classes
        self.generator = generator
        self.options = options

    def __call__(self, pixels: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) uint8 and (B,) int64 -> images (B, 3, H, W) and targets (B, C), float32, rows sum to 1."""
        size, device = len(labels), pixels.device
        if self.options.flip or self.options.shift:
            flips = torch.rand(size, generator=self.generator) < 0.5 * self.options.flip
            corners = torch.randint(2 * self.options.shift + 1, (2, size), generator=self.generator)
            pixels = crop(pixels, flips.to(device), corners.to(device), self.options.shift)
        images = normalise(pixels, self.moments)
        targets = one_hot(labels, self.classes).float()
        if self.options.mixup.probability:
            coins, quantiles = torch.rand(2, size, generator=self.generator, dtype=torch.float64)
            shares = torch.from_numpy(betaincinv(self.options.mixup.alpha, self.options.mixup.alpha, quantiles.numpy()))
            shares = torch.where(coins < self.options.mixup.probability, shares, 1).float().to(device)
            partners = torch.randperm(size, generator=self.generator).to(device)
            images, targets = mix(images, shares, partners), mix(targets, shares, partners)
        return images, targets


def moments(images: Images) -> Tensor:
    """(2, 3) mean and standard deviation of each channel, as float32; 1 for the deviation of a constant one."""
    counts = np.zeros((3, 256), np.int64)
    for start in range(0, len(images), BLOCK):
        block = images.pixels[start : start + BLOCK]
        counts += [np.bincount(block[:, channel].ravel(), minlength=256) for channel in range(3)]
    shares, values = counts / counts.sum(axis=1, keepdims=True), np.arange(256)
    mean = shares @ values
    deviation = np.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))
    return torch.tensor(np.stack([mean, np.where(deviation > 0, deviation, 1)]), dtype=torch.float32)


def normalise(pixels: Tensor, moments: Tensor) -> Tensor:
    """(B, 3, H, W) uint8 -> float32, of mean 0 and standard deviation 1 over the images that `moments` are of."""
    mean, deviation = moments[:, :, None, None]
    return pixels.float().sub_(mean).div_(deviation)


def crop(pixels: Tensor, flips: Tensor, corners: Tensor, margin: int) -> Tensor:
    """Some of the images mirrored, then all surrounded by zeros, and a part of the old size cut out of each.

    Args:
        pixels: (B, 3, H, W).
        flips: (B,) bool, which are mirrored left to right.
        corners: (2, B) row and column where the part begins, from 0 to 2 `margin`.
        margin: width of the zeros at every side.
    """
    height, width = pixels.shape[2:]
    mirrored = torch.where(flips[:, None, None, None], pixels.flip(3), pixels)
    parts = pad(mirrored, [margin] * 4).unfold(2, height, 1).unfold(3, width, 1)  # (B, 3, rows, columns, H, W)
    return parts[torch.arange(len(pixels), device=pixels.device), :, corners[0], corners[1]]


def mix(values: Tensor, shares: Tensor, partners: Tensor) -> Tensor:
    """`shares` (B,) of each of `values` (B, ...), and the rest of its partner, of number `partners` (B,)."""
    return torch.lerp(values[partners], values, shares.view(-1, *[1] * (values.ndim - 1)))
