"""The binary files of CIFAR-10 and CIFAR-100."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.images.dataset import Dataset
from tests.images import files
from tests.images.files import load, noise, same

TRAIN, TEST = noise(*range(10), *range(10)), noise(3, 9, 1, 0, seed=1)
FINE = noise(99, 0, 42, 7), noise(42, 99, seed=1)


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    return files.cifar10(tmp_path / "cifar-10-batches-bin", TRAIN, TEST)


@pytest.fixture
def hundred(tmp_path: Path) -> Path:
    return files.cifar100(tmp_path / "cifar-100-binary", *FINE)


def test_cifar10_comes_back_from_its_files(ten: Path):
    data = load("cifar10", path=ten)
    assert same(data.train, TRAIN) and same(data.test, TEST)
    assert data.name == "cifar10" and data.classes[3] == "cat" and len(data.classes) == 10
    assert data.train.pixels.dtype == np.uint8 and data.train.labels.dtype == np.int64
    assert data.train.pixels.flags.c_contiguous and data.train.pixels.flags.writeable
    assert data.card["train"] == "20 of 20" and "Krizhevsky" in data.card["report"]


def test_cifar100_has_its_fine_classes(hundred: Path):
    data = load("cifar100", path=hundred)
    assert same(data.train, FINE[0]) and same(data.test, FINE[1])
    assert data.classes == tuple(f"fine_{i}" for i in range(100))


@pytest.mark.parametrize("option", ["cifar10", "cifar100"])
def test_folder_parent_and_archive_are_the_same(option: str, ten: Path, hundred: Path):
    folder = ten if option == "cifar10" else hundred
    digests = {load(option, path=path).digest for path in (folder, folder.parent, files.archive(folder))}
    assert len(digests) == 1


def test_parts_are_chosen_and_resized(ten: Path):
    whole, some = load("cifar10", path=ten), load("cifar10", path=ten, train=10, test=3, size=16)
    assert sorted(some.train.labels.tolist()) == list(range(10))
    assert some.test.labels.tolist() == whole.test.labels[:3].tolist()
    assert some.train.pixels.shape == (10, 3, 16, 16) and some.card["test"] == "3 of 4"
    blocks = whole.train.pixels[:10].reshape(10, 3, 16, 2, 16, 2).mean(axis=(3, 5))
    assert abs(some.train.pixels - blocks).max() <= 1  # rounded along each axis


def test_the_digest_tells_data_apart(ten: Path):
    def digest(**values: int) -> str:
        return load("cifar10", path=ten, **values).digest

    assert digest() == digest(train=20) == digest(size=32)
    assert len({digest(), digest(train=19), digest(test=3), digest(size=31), digest(seed=1)}) == 5


def cut(ten: Path) -> None:
    with (ten / "data_batch_3.bin").open("r+b") as file:
        file.truncate(3 * 3073 + 5)


def relabel(ten: Path) -> None:
    with (ten / "test_batch.bin").open("r+b") as file:
        file.seek(2 * 3073)
        file.write(b"\x0a")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "data_batch_3.bin: has 9,224 bytes; must have 3,073 for each image"),
        (lambda ten: (ten / "data_batch_5.bin").write_bytes(b""), "data_batch_5.bin: has 0 bytes"),
        (relabel, "test_batch.bin: image 2 is of class 10; batches.meta.txt has 10 names"),
        (lambda ten: (ten / "data_batch_2.bin").unlink(), "has no data_batch_2.bin; must be the folder cifar-10-batc"),
        (lambda ten: (ten / "batches.meta.txt").unlink(), "has no batches.meta.txt"),
    ],
)
def test_a_damaged_file_is_named(ten: Path, damage: Callable[[Path], None], message: str):
    damage(ten)
    with pytest.raises(InputError, match=re.escape(message)):
        load("cifar10", path=ten)


def test_a_damaged_archive_is_named(ten: Path):
    path = files.archive(ten)
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"no archive", content[:5000] + bytes(50) + content[5050:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=re.escape(f"images.path={path}: can't be read")):
            load("cifar10", path=path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"train": 21}, "images.train=21: must be at most 20, all train images that there are"),
        ({"test": 5}, "images.test=5: must be at most 4"),
        ({"train": 0}, "images.train=0: must be an integer of at least 1, at most 10,000,000 or null"),
        ({"size": -1}, "images.size=-1: must be"),
        ({"seed": -1}, "images.seed=-1: must be"),
        ({"held_out": 0.2}, "unknown key images.held_out"),
        ({"path": "/nowhere"}, "images.path=/nowhere: does not exist; must be the folder cifar-10-batches-bin"),
    ],
)
def test_a_wrong_value_is_named(ten: Path, values: dict, message: str):
    with pytest.raises(InputError) as error:
        load("cifar10", **{"path": ten, **values})
    assert message in str(error.value)


def test_a_path_must_be_given():
    with pytest.raises(InputError, match=re.escape("missing value: give images.path=...")):
        load("cifar10")


def test_a_data_set_is_not_changed_by_another_part_of_it(ten: Path):
    whole: Dataset = load("cifar10", path=ten)
    assert whole.digest == load("cifar10", path=ten).digest
    assert load("cifar10", path=ten, train=5).test.pixels.tobytes() == whole.test.pixels.tobytes()
