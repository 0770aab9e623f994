"""The images that ship with the package."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.images import sample
from tests.images.files import load


def test_it_has_as_many_of_each_class_and_none_twice():
    data = load("sample")
    assert data.train.pixels.shape == (400, 3, 32, 32) and data.test.pixels.shape == (100, 3, 32, 32)
    assert np.bincount(data.train.labels).tolist() == [40] * 10 and np.bincount(data.test.labels).tolist() == [10] * 10
    assert len({bytes(image) for part in (data.train, data.test) for image in part.pixels}) == 500
    assert data.name == "cifar10_sample" and data.classes[0] == "airplane" and data.classes[-1] == "truck"


def test_it_is_cifar10():
    pixels = load("sample").train.pixels.astype(float)
    assert pixels.mean(axis=(0, 2, 3)) == pytest.approx([125.3, 123.0, 113.9], abs=6)  # of all 50,000
    assert pixels.std(axis=(0, 2, 3)) == pytest.approx([63.0, 62.1, 66.7], abs=4)
    # Real images are smooth: neighbours differ little, so neither rows, columns nor channels are mixed up.
    for neighbours in (np.diff(pixels, axis=2), np.diff(pixels, axis=3), np.diff(pixels, axis=1)):
        assert np.abs(neighbours).mean() < 20
    # A class is told from its pixels better than by chance: planes and ships are blue, frogs and deer are not.
    data = load("sample")
    blue = [data.train.pixels[data.train.labels == label].mean(axis=(0, 2, 3)) @ (-1, 0, 1) for label in range(10)]
    assert min(blue[0], blue[8]) > max(blue[4], blue[6])


def test_parts_of_it():
    whole, some = load("sample"), load("sample", train=25, test=10, size=8)
    assert some.train.labels.tolist() == whole.train.labels[:25].tolist()
    assert np.bincount(some.train.labels).tolist().count(3) == 5 and np.bincount(some.test.labels).tolist() == [1] * 10
    assert some.test.pixels.shape == (10, 3, 8, 8) and some.card["train"] == "25 of 400"
    with pytest.raises(InputError, match=r"images\.train=401: must be at most 400"):
        load("sample", train=401)


def test_another_file_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch):
    content = sample.FILE.read_bytes()
    monkeypatch.setattr(sample, "FILE", tmp_path / "cifar10_sample.png")
    with pytest.raises(InputError, match=r"cifar10_sample\.png: No such file.*; install the package again"):
        load("sample")
    sample.FILE.write_bytes(content[:-1])
    with pytest.raises(InputError, match=f"altered: expected sha256 {sample.SHA256}, found .*; install the package"):
        load("sample")


def test_the_data_card_tells_its_size():
    card = (sample.FILE.parent / "README.md").read_text(encoding="utf-8")
    assert f"{sample.FILE.stat().st_size:,} bytes" in card and ", ".join(sample.CLASSES) in card
