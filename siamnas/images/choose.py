"""Which images are taken: stratified by class, seeded, and nested in one another."""

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError
from siamnas.images.dataset import Labels
from siamnas.seeding import stream

Indices = NDArray[np.int64]


def choose(labels: Labels, count: int | None, seed: int, part: str) -> Indices:
    """The first `count` images of a seeded order that takes the classes in turn.

    Class counts differ by at most one (but for a class that has no more images), and a smaller count is the beginning
    of a larger one: so the first batch of a training set is stratified, too.

    Args:
        labels: (n,) of all images.
        count: how many; None for all.
        seed: of the order.
        part: train or test.

    Raises:
        InputError: there are not as many.
    """
    if count is not None and count > len(labels):
        raise InputError(f"images.{part}={count}: must be at most {len(labels)}, all {part} images that there are")
    rng = stream(seed, f"images {part}")
    shuffled, rank = _within_classes(labels, rng)
    turn = rng.permutation(labels.max() + 1)[labels[shuffled]]
    return shuffled[np.lexsort((turn, rank))][:count]


def hold_out(labels: Labels, share: float, seed: int) -> tuple[Indices, Indices]:
    """A seeded share of each class, rounded, as the test part.

    Args:
        labels: (n,) of all images, at least two of each class.
        share: of them; at least one image of a class is held out, and one is not.
        seed: of the choice.

    Returns:
        Indices of the train part and of the test part, ascending.
    """
    shuffled, rank = _within_classes(labels, stream(seed, "images held out"))
    counts = np.bincount(labels)
    held = rank < np.clip(np.rint(share * counts), 1, counts - 1)[labels[shuffled]]
    return np.sort(shuffled[~held]), np.sort(shuffled[held])


def _within_classes(labels: Labels, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """All images in a random order, class after class, and the place of each within its class."""
    shuffled = rng.permutation(len(labels))
    shuffled = shuffled[np.argsort(labels[shuffled], kind="stable")]
    counts = np.bincount(labels)
    return shuffled, np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
