"""CIFAR-10 and CIFAR-100 from their binary files (https://www.cs.toronto.edu/~kriz/cifar.html)."""

import gzip
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from siamnas.config.validate import Count, Few, Natural, Word
from siamnas.errors import InputError
from siamnas.images.choose import choose
from siamnas.images.dataset import Dataset, Images, Labels, Pixels
from siamnas.images.pixels import resize

SIDE = 32
VALUES = 3 * SIDE * SIDE  # bytes of an image: the red plane, the green one, the blue one, each row by row
REPORT = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"


@dataclass(frozen=True)
class Layout:
    """How one of the two is stored.

    Attributes:
        title: for the card.
        folder: what the archive unpacks to.
        names: the file with the names of the classes, one a line.
        train: files with records of some label bytes and an image.
        test: the same.
        label_bytes: before the image; the last of them is the class.
    """

    title: str
    folder: str
    names: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    label_bytes: int


CIFAR10 = Layout(
    title="CIFAR-10",
    folder="cifar-10-batches-bin",
    names="batches.meta.txt",
    train=tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    test=("test_batch.bin",),
    label_bytes=1,
)
CIFAR100 = Layout("CIFAR-100", "cifar-100-binary", "fine_label_names.txt", ("train.bin",), ("test.bin",), 2)


def cifar10(
    name: Word, path: Word, train: Count | None, test: Count | None, size: Few | None, seed: Natural
) -> Dataset:
    """CIFAR-10: 50,000 train and 10,000 test images of 10 classes, 32x32.

    Args:
        name: of the data set.
        path: the folder `cifar-10-batches-bin`, the one it lies in, or `cifar-10-binary.tar.gz`.
        train: number of train images, see `choose`; None for all.
        test: number of test images.
        size: H and W, see `resize`; None for 32.
        seed: of the choice.

    Raises:
        InputError: a file is missing or damaged, or has fewer images than asked for.
    """
    return _load(CIFAR10, name, path, {"train": train, "test": test}, size, seed)


def cifar100(
    name: Word, path: Word, train: Count | None, test: Count | None, size: Few | None, seed: Natural
) -> Dataset:
    """CIFAR-100 with its 100 fine classes: 50,000 train and 10,000 test images, 32x32.

    Args:
        name: see `cifar10`.
        path: the folder `cifar-100-binary`, the one it lies in, or `cifar-100-binary.tar.gz`.
        train: see `cifar10`.
        test: see `cifar10`.
        size: see `cifar10`.
        seed: see `cifar10`.

    Raises:
        InputError: see `cifar10`.
    """
    return _load(CIFAR100, name, path, {"train": train, "test": test}, size, seed)


def _load(layout: Layout, name: str, path: str, counts: dict[str, int | None], size: int | None, seed: int) -> Dataset:
    place = Path(path).expanduser()
    files = _files(place, layout, (layout.names, *layout.train, *layout.test))
    classes = tuple(files[layout.names].decode("utf-8", "replace").split())
    parts, card = {}, {"source": layout.title, "report": REPORT, "path": str(place.absolute())}
    for part, members in (("train", layout.train), ("test", layout.test)):
        records = [_records(files.pop(file), layout, classes, f"{place}: {file}") for file in members]
        labels = np.concatenate([labels for labels, _ in records])
        pixels = np.concatenate([pixels for _, pixels in records])
        chosen = choose(labels, counts[part], seed, part)
        parts[part] = Images(resize(pixels[chosen], size), labels[chosen])
        card[part] = f"{len(chosen)} of {len(labels)}"
    return Dataset(name, classes, parts["train"], parts["test"], card)


def _records(content: bytes, layout: Layout, classes: tuple[str, ...], where: str) -> tuple[Labels, Pixels]:
    """Labels (n,) and pixels (n, 3, 32, 32) of a file."""
    length = layout.label_bytes + VALUES
    if not content or len(content) % length:
        raise InputError(f"{where}: has {len(content):,} bytes; must have {length:,} for each image")
    rows = np.frombuffer(content, np.uint8).reshape(-1, length)
    labels = rows[:, layout.label_bytes - 1].astype(np.int64)
    if labels.max() >= len(classes):
        row = int(labels.argmax())
        raise InputError(f"{where}: image {row} is of class {labels[row]}; {layout.names} has {len(classes)} names")
    return labels, rows[:, layout.label_bytes :].reshape(-1, 3, SIDE, SIDE)


def _files(place: Path, layout: Layout, names: Iterable[str]) -> dict[str, bytes]:
    """Contents of files of the folder, of the folder in it, or of the archive."""
    allowed = f"must be the folder {layout.folder}, the one it lies in, or the .tar.gz with it"
    if not place.exists():
        raise InputError(f"images.path={place}: does not exist; {allowed}")
    try:
        found = _of_archive(place, names) if place.is_file() else _of_folder(place, layout, names)
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise InputError(f"images.path={place}: can't be read ({error}); {allowed}") from error
    if missing := [name for name in names if name not in found]:
        raise InputError(f"images.path={place}: has no {missing[0]}; {allowed}")
    return found


def _of_folder(place: Path, layout: Layout, names: Iterable[str]) -> dict[str, bytes]:
    inner = place / layout.folder
    folder = inner if inner.is_dir() else place
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def _of_archive(place: Path, names: Iterable[str]) -> dict[str, bytes]:
    found = {}
    with gzip.open(place) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                if name in names and (content := archive.extractfile(member)):
                    found[name] = content.read()
        while stream.read(1 << 20):  # the checksum is at the end
            pass
    return found
