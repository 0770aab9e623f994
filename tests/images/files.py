"""Files of images as their owners write them."""

import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf
from PIL import Image

from siamnas.config.compose import CONF_DIR, plain
from siamnas.experiment import build
from siamnas.images.dataset import Dataset, Images


def load(option: str, **values: Any) -> Dataset:
    """The data set of an option of the group `images`, as a command makes it."""
    fields = OmegaConf.load(CONF_DIR / "images" / f"{option}.yaml")
    changes = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
    return build.images(plain(OmegaConf.create({"images": OmegaConf.merge(fields, changes)})))


def noise(*labels: int, size: int = 32, seed: int = 0) -> Images:
    """Images of random pixels with these labels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (len(labels), 3, size, size), np.uint8)
    return Images(pixels, np.array(labels, np.int64))


def records(images: Images, *, coarse: bool = False) -> bytes:
    """As in a binary file of CIFAR-10, or of CIFAR-100 with all coarse labels 0: byte by byte."""
    content = bytearray()
    for image, label in zip(images.pixels, images.labels, strict=True):
        content += bytes([0] * coarse + [label])
        for plane in image:
            for row in plane:
                content += bytes(row.tolist())
    return bytes(content)


def cifar10(folder: Path, train: Images, test: Images) -> Path:
    """The files of CIFAR-10, the train images dealt out to the five batches, in a folder."""
    folder.mkdir(parents=True)
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    for i, part in enumerate(np.array_split(np.arange(len(train)), 5), 1):
        (folder / f"data_batch_{i}.bin").write_bytes(records(Images(train.pixels[part], train.labels[part])))
    (folder / "test_batch.bin").write_bytes(records(test))
    return folder


def cifar100(folder: Path, train: Images, test: Images) -> Path:
    """The files of CIFAR-100 in a folder."""
    folder.mkdir(parents=True)
    (folder / "fine_label_names.txt").write_text("".join(f"fine_{i}\n" for i in range(100)))
    (folder / "train.bin").write_bytes(records(train, coarse=True))
    (folder / "test.bin").write_bytes(records(test, coarse=True))
    return folder


def archive(folder: Path) -> Path:
    """A folder as a .tar.gz beside it."""
    path = folder.parent / f"{folder.name}.tar.gz"
    with tarfile.open(path, "w:gz") as members:
        members.add(folder, folder.name)
    return path


def pictures(folder: Path, images: Images, classes: list[str], suffix: str = ".png") -> Path:
    """One file for each image, in a folder for each class, numbered in the order of the images."""
    for i, (image, label) in enumerate(zip(images.pixels, images.labels, strict=True)):
        place = folder / classes[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.transpose(1, 2, 0)).save(place / f"{i:04}{suffix}")
    return folder


def same(one: Images, other: Images) -> bool:
    """Whether both hold the same images with the same labels, in any order."""
    keys = [sorted(zip(map(bytes, part.pixels), part.labels.tolist(), strict=True)) for part in (one, other)]
    return keys[0] == keys[1]
