"""Every option of the group `images` is chosen and changed by words of the command line."""

import re
from pathlib import Path

import pytest

from siamnas.config.compose import compose, options, plain
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.images.dataset import Dataset
from tests.images import files
from tests.images.files import noise


def composed(*words: str) -> Dataset:
    return build.images(plain(compose(words)[0]))


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, list[str]]:
    """What has to be said beside the name of the option."""
    train, test = noise(0, 1, 2, 1, 3), noise(1, 0)
    files.cifar10(tmp_path / "ten", train, test)
    files.cifar100(tmp_path / "hundred", train, test)
    files.pictures(tmp_path / "own", noise(0, 1, 2, 1, 0, 2), ["a", "b", "c"])
    named = {"cifar10": "ten", "cifar100": "hundred", "folder": "own"}
    return {"sample": [], **{key: [f"images.path={tmp_path / name}"] for key, name in named.items()}}


@pytest.mark.parametrize("option", options("images"))
def test_every_shipped_option_is_built_by_its_name(option: str, paths: dict[str, list[str]]):
    words = [f"images={option}", *paths[option]]
    whole = composed(*words)
    some = composed(*words, "images.train=2", "images.test=1", "images.size=8", "images.name=mine")
    assert some.train.pixels.shape == (2, 3, 8, 8) and some.test.pixels.shape == (1, 3, 8, 8)
    assert some.name == "mine" and some.classes == whole.classes
    assert some.train.labels.tolist() == whole.train.labels[:2].tolist()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["images=cifar10"], "missing value: give images.path=..."),
        (
            ["images=sample", "images.train=many"],
            "images.train=many: must be an integer of at least 1, at most 10,000,000 or null",
        ),
        (["images=sample", "+images.sise=8"], "unknown key images.sise (did you mean size?)"),
    ],
)
def test_a_wrong_word_is_named(words: list[str], message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        composed(*words)
