"""Images with their labels, as whole arrays."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Images:
    """Some images of one size.

    Attributes:
        pixels: (n, 3, H, W) red, green, blue.
        labels: (n,) numbers of classes.
    """

    pixels: Pixels
    labels: Labels

    def __len__(self) -> int:
        """Number of images."""
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """What architectures are trained on and tested with.

    Both parts are in an order whose every beginning is stratified, see `siamnas.images.choose.choose`.

    Attributes:
        name: for tables and messages.
        classes: their names in the order of the labels.
        train: the images to learn from.
        test: those held out.
        card: where they come from, and how many of them were taken.
    """

    name: str
    classes: tuple[str, ...]
    train: Images
    test: Images
    card: Mapping[str, str]

    @functools.cached_property
    def digest(self) -> str:
        """The sha256 of all that a network sees: the same images in the same order, wherever they lie."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            digest.update(f"{part.pixels.shape} ".encode())
            digest.update(part.pixels.data)
            digest.update(part.labels.data)
        return digest.hexdigest()
