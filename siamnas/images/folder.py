"""A folder of image files: train and test, or one of which a share is held out, with a folder for each class."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from PIL import Image

from siamnas.config.validate import Condition, Count, Few, Natural, Word
from siamnas.errors import InputError, shown
from siamnas.images.choose import choose, hold_out
from siamnas.images.dataset import Dataset, Images, Labels, Pixels
from siamnas.images.pixels import read
from siamnas.runtime.names import alike

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm")
PARTS = ("train", "test")
log = logging.getLogger(__name__)
HeldOut = Annotated[float, Condition("a number above 0 and below 1", lambda v: 0 < v < 1)]


def load(
    name: Word,
    path: Word,
    held_out: HeldOut,
    train: Count | None,
    test: Count | None,
    size: Few | None,
    seed: Natural,
) -> Dataset:
    """Images of a folder; its classes are the names of the folders that it holds, sorted.

    Only the chosen images are read, in the order of their names before the choice. A folder or file whose name begins
    with a dot is left out, and so is a file that is no image by its name. Images that are left out, or that are both in
    the train and in the test part or in two classes, are said.

    Args:
        name: of the data set.
        path: a folder that holds `train` and `test` with a folder for each class, or the folders of the classes.
        held_out: share of each class that is the test part where there are no `train` and `test`, see `hold_out`.
        train: number of train images, see `choose`; None for all.
        test: number of test images.
        size: H and W of all images, see `read`; None where they have the same size already.
        seed: of what is held out, and of the choice.

    Raises:
        InputError: a folder or an image can't be used, and the message names it; or there are fewer images than asked.
    """
    root = Path(path).expanduser()
    parts = {part: root / part for part in PARTS}
    if all(folder.is_dir() for folder in parts.values()):
        classes = _classes(parts["train"])
        if unknown := sorted(set(_classes(parts["test"])) - set(classes)):
            raise InputError(f"{parts['test'] / unknown[0]}: is no class of {parts['train']}")
        files = {part: _files(parts[part], classes, least=1) for part in PARTS}
    else:
        classes = _classes(root)
        paths, labels = _files(root, classes, least=2)
        split = zip(PARTS, hold_out(labels, held_out, seed), strict=True)
        files = {part: ([paths[i] for i in indices], labels[indices]) for part, indices in split}

    counts = {"train": train, "test": test}
    chosen = {part: choose(labels, counts[part], seed, part) for part, (_, labels) in files.items()}
    taken_files = [files[part][0][i] for part in PARTS for i in chosen[part]]
    pixels = _read(taken_files, size)
    _say_equal(taken_files, pixels, [(part, files[part][1][i]) for part in PARTS for i in chosen[part]])
    card = {"source": "a folder of images", "path": str(root.absolute())}
    images = {}
    for part, taken in zip(PARTS, np.split(pixels, [len(chosen["train"])]), strict=True):
        labels = files[part][1]
        images[part] = Images(taken, labels[chosen[part]])
        card[part] = f"{len(taken)} of {len(labels)}"
    return Dataset(name, classes, images["train"], images["test"], card)


def _classes(folder: Path) -> tuple[str, ...]:
    """Names of the folders in a folder."""
    if not folder.is_dir():
        raise InputError(f"images.path={folder}: must be a folder with a folder of images for each class")
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if len(names) < 2:
        raise InputError(f"{folder}: holds {len(names)} folders; must hold one for each class, at least two")
    if odd := [name for name in names if not name.isprintable()]:
        raise InputError(f"{folder}: {shown(repr(odd[0]))} can't be printed, so it is no name of a class")
    if (look := alike(names)) is not None:
        raise InputError(f"{folder}: two classes have one name, {look}")
    return tuple(names)


def _files(folder: Path, classes: Sequence[str], least: int) -> tuple[list[Path], Labels]:
    """The image files of all classes, sorted by name within each, and the number of the class of each."""
    paths: list[Path] = []
    labels: list[int] = []
    other_formats = Image.registered_extensions().keys() - set(SUFFIXES)
    left: list[Path] = []
    for label, name in enumerate(classes):
        seen = sorted(entry for entry in (folder / name).glob("*") if not entry.name.startswith("."))
        found = [entry for entry in seen if entry.suffix.lower() in SUFFIXES]
        left += [entry for entry in seen if entry.suffix.lower() in other_formats or entry.is_dir()]
        if (folder / name).is_dir() and len(found) < least:
            kinds = ", ".join(SUFFIXES)
            raise InputError(f"{folder / name}: has {len(found)} images ({kinds}); must have at least {least}")
        paths += found
        labels += [label] * len(found)
    if left:
        log.warning("%s is left out%s; only %s in the folder of a class are read",
                    left[0], f", as {len(left) - 1} others" * (len(left) > 1), ", ".join(SUFFIXES))  # fmt: skip
    return paths, np.array(labels, np.int64)


def _read(paths: list[Path], size: int | None) -> Pixels:
    """(n, 3, H, W) of files whose images have one size."""
    first = read(paths[0], size)
    pixels = np.empty((len(paths), *first.shape), np.uint8)
    for place, path in enumerate(paths):
        image = read(path, size)
        if image.shape != first.shape:
            sizes = [f"{width}x{height}" for _, height, width in (image.shape, first.shape)]
            raise InputError(f"{path}: is {sizes[0]}, {paths[0]} is {sizes[1]}: give images.size=PIXELS for all")
        pixels[place] = image
    return pixels


def _say_equal(paths: list[Path], pixels: Pixels, places: list[tuple[str, int]]) -> None:
    """Say which images are learnt from and tested with, or are in two classes.

    Args:
        paths: n files.
        pixels: (n, 3, H, W) of them.
        places: of each the part and the class.
    """
    first: dict[bytes, int] = {}
    twice = [(first.setdefault(hashlib.sha256(image).digest(), i), i) for i, image in enumerate(pixels)]
    if pairs := [(one, other) for one, other in twice if places[one] != places[other]]:
        one, other = (paths[i] for i in pairs[0])
        log.warning("%s is the same image as %s, in another part or class; there are %d such", other, one, len(pairs))
