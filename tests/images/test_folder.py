"""Folders of image files."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from siamnas.errors import InputError
from siamnas.images.pixels import read
from tests.images.files import load, noise, pictures, same

CLASSES = ["ant", "bee", "cow"]
TRAIN, TEST = noise(2, 0, 1, 0, 1, 2, 2, size=8), noise(1, 0, 2, size=8, seed=1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures(tmp_path / "train", TRAIN, CLASSES)
    pictures(tmp_path / "test", TEST, CLASSES)
    return tmp_path


def test_train_and_test_come_back(root: Path):
    data = load("folder", path=root)
    assert same(data.train, TRAIN) and same(data.test, TEST)
    assert data.classes == ("ant", "bee", "cow") and data.name == "folder"
    assert data.card["train"] == "7 of 7" and data.card["path"] == str(root)
    assert data.train.pixels.flags.c_contiguous and data.train.labels.dtype == np.int64


def test_what_is_no_image_by_its_name_is_left_out(root: Path):
    (root / "train" / "notes.txt").write_text("not a class")
    (root / "train" / "ant" / "notes.txt").write_text("not an image")
    (root / "train" / "ant" / "._0001.png").write_text("not an image")
    (root / "train" / ".cache").mkdir()
    (root / "train" / "ant" / "0001.png").rename(root / "train" / "ant" / "0001.PNG")
    assert same(load("folder", path=root).train, TRAIN)


def test_a_share_is_held_out_of_a_plain_folder(tmp_path: Path):
    images = noise(*[0] * 10, *[1] * 5, size=4)
    pictures(tmp_path, images, ["train", "car"])  # a class may be called train
    data = load("folder", path=tmp_path, held_out=0.4)
    assert data.classes == ("car", "train")
    assert np.bincount(data.test.labels).tolist() == [2, 4] and np.bincount(data.train.labels).tolist() == [3, 6]
    both = {bytes(image) for part in (data.train, data.test) for image in part.pixels}
    assert both == {bytes(image) for image in images.pixels}
    assert load("folder", path=tmp_path, held_out=0.4).digest == data.digest
    assert load("folder", path=tmp_path, held_out=0.4, train=4).test.pixels.tobytes() == data.test.pixels.tobytes()
    assert load("folder", path=tmp_path, held_out=0.4, seed=1).digest != data.digest


def test_only_the_chosen_images_are_read(root: Path):
    whole = load("folder", path=root)
    first = load("folder", path=root, train=3)
    assert sorted(first.train.labels.tolist()) == [0, 1, 2]
    assert np.array_equal(first.train.pixels, whole.train.pixels[:3])


def test_images_of_any_kind_become_three_channels(tmp_path: Path):
    grey = np.random.default_rng(0).integers(0, 256, (5, 6), np.uint8)
    three = np.stack([grey] * 3)
    for mode, suffix in (("L", "png"), ("RGB", "bmp"), ("RGBA", "png"), ("RGB", "webp"), ("P", "png"), ("L", "jpg")):
        path = tmp_path / f"{mode}.{suffix}"
        Image.fromarray(grey).convert(mode).save(path, lossless=True, quality=100)
        assert np.abs(read(path, None).astype(int) - three).max() <= (3 if suffix == "jpg" else 0), path


@settings(max_examples=20)
@given(st.sampled_from([(6, 9), (12, 3), (3, 3), (9, 6)]), st.sampled_from([1, 3]), st.integers(0, 5))
def test_resizing_averages_over_areas(tmp_path_factory, shape: tuple[int, int], size: int, seed: int):
    pixels = np.random.default_rng(seed).integers(0, 256, (*shape, 3), np.uint8)
    path = tmp_path_factory.mktemp("resize") / "image.png"
    Image.fromarray(pixels).save(path)
    found = read(path, size)
    height, width = shape[0] // size, shape[1] // size
    assert found.shape == (3, size, size) and found.dtype == np.uint8
    for channel in range(3):
        for row in range(size):
            for column in range(size):
                block = pixels[row * height : (row + 1) * height, column * width : (column + 1) * width, channel]
                assert abs(float(found[channel, row, column]) - block.mean()) <= 1.01  # rounded along each axis


def test_different_sizes_need_one(root: Path):
    Image.new("RGB", (9, 8)).save(root / "test" / "cow" / "large.png")
    with pytest.raises(InputError, match=r"large\.png: is 9x8, .*\.png is 8x8: give images\.size=PIXELS for all"):
        load("folder", path=root)
    data = load("folder", path=root, size=8)
    assert data.test.pixels.shape == (4, 3, 8, 8) and same(data.train, TRAIN)


def test_one_size_need_not_be_square(tmp_path: Path):
    for name in ("ant", "bee"):
        (tmp_path / name).mkdir()
        for i in range(2):
            Image.new("RGB", (6, 4)).save(tmp_path / name / f"{i}.png")
    assert load("folder", path=tmp_path).train.pixels.shape == (2, 3, 4, 6)


def encoded(kind: str) -> bytes:
    content = io.BytesIO()
    Image.fromarray(noise(0, size=16).pixels[0].transpose(1, 2, 0)).save(content, kind)
    return content.getvalue()


CONTENTS = {kind: encoded(kind) for kind in ("PNG", "JPEG", "BMP", "PPM", "WEBP")}


@settings(max_examples=200)
@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_a_truncated_image_is_named_unless_nothing_is_lost(tmp_path_factory, kind: str, data):
    content = CONTENTS[kind]
    path = tmp_path_factory.mktemp("truncated") / f"image.{kind.lower()}"
    path.write_bytes(content)
    whole = read(path, None)
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    try:
        assert np.array_equal(read(path, None), whole)
    except InputError as error:
        assert str(path) in str(error)


@settings(max_examples=300)
@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_an_altered_image_is_named_or_read(tmp_path_factory, kind: str, data):
    content = bytearray(CONTENTS[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 120) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("altered") / f"image.{kind.lower()}"
    path.write_bytes(content)
    try:
        assert read(path, 4).shape == (3, 4, 4)
    except InputError as error:
        assert str(path) in str(error)


def test_a_damaged_image_is_named(root: Path):
    path = root / "test" / "bee" / "0000.png"
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(InputError, match=re.escape(f"{path}: can't be read as an image")):
        load("folder", path=root)
    path.write_text("no image")
    with pytest.raises(InputError, match=re.escape(f"{path}: can't be read as an image")):
        load("folder", path=root)


def test_more_than_8_bits_are_refused(root: Path):
    Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(root / "train" / "ant" / "deep.png")
    with pytest.raises(InputError, match=r"deep\.png: has more than 8 bits per channel \(mode I;16\)"):
        load("folder", path=root)


def test_folders_that_do_not_fit_are_named(root: Path):
    def refused(path: Path, message: str, **values: int) -> None:
        with pytest.raises(InputError, match=re.escape(message)):
            load("folder", path=path, **values)

    refused(root / "no", f"images.path={root / 'no'}: must be a folder with a folder of images for each class")
    refused(root / "train" / "ant", f"{root / 'train' / 'ant'}: holds 0 folders; must hold one for each class, at le")
    refused(root, "images.train=8: must be at most 7, all train images that there are", train=8)
    refused(root, "images.held_out=1: must be a number above 0 and below 1", held_out=1)
    (root / "test" / "dog").mkdir()
    refused(root, f"{root / 'test' / 'dog'}: is no class of {root / 'train'}")
    (root / "test" / "dog").rmdir()
    (root / "train" / "eel").mkdir()
    refused(
        root, f"{root / 'train' / 'eel'}: has 0 images (.jpg, .jpeg, .png, .bmp, .webp, .ppm); must have at least 1"
    )
    refused(root / "test", f"{root / 'test' / 'ant'}: has 1 images")


def test_a_class_may_lack_test_images(root: Path):
    for path in (root / "test" / "cow").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="cow: has 0 images"):
        load("folder", path=root)
    (root / "test" / "cow").rmdir()
    assert sorted(load("folder", path=root).test.labels.tolist()) == [0, 1]
