"""Image files of anybody: read as they are meant to be seen, or named; none starts a program, none is waited for."""

import os
import re
import socket
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from siamnas.errors import InputError
from siamnas.images.folder import load as load_folder
from siamnas.images.pixels import read

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)
ORIENTATION = 0x0112
TURNED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: a.transpose(1, 0, 2)[::-1],
}


def shown(path: Path) -> np.ndarray:
    return read(path, None).transpose(1, 2, 0)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
@pytest.mark.parametrize("orientation", TURNED)
def test_an_image_is_turned_as_its_camera_says(tmp_path: Path, orientation: int, suffix: str):
    """See the standard of EXIF: the place of the first row and the first column."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path, plain = tmp_path / f"a{suffix}", tmp_path / f"plain{suffix}"
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(PIXELS).save(path, exif=exif, **options)
    Image.fromarray(PIXELS).save(plain, **options)
    np.testing.assert_array_equal(shown(path), TURNED[orientation](shown(plain)))


def test_what_is_transparent_lies_on_white(tmp_path: Path):
    alpha = np.array([[0, 255, 128, 255, 0, 255]] * 8, np.uint8)
    share = alpha[..., None] / 255
    wanted = PIXELS * share + 255 * (1 - share)
    Image.fromarray(np.dstack([PIXELS, alpha])).save(tmp_path / "rgba.png")
    np.testing.assert_allclose(shown(tmp_path / "rgba.png"), wanted, atol=1)
    grey = [Image.fromarray(channel) for channel in (PIXELS[..., 0], alpha)]
    Image.merge("LA", grey).save(tmp_path / "la.png")
    np.testing.assert_allclose(shown(tmp_path / "la.png")[..., 0], wanted[..., 0], atol=1)


def test_a_colour_that_is_transparent(tmp_path: Path):
    """In a palette, and as one colour of an image without a channel for it."""
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 200, 10, 10])
    palette.putpixel((0, 0), 0)
    palette.save(tmp_path / "p.png", transparency=1)
    assert shown(tmp_path / "p.png")[0, 0].tolist() == [0, 0, 0]
    assert shown(tmp_path / "p.png")[1, 1].tolist() == [255, 255, 255]
    Image.new("RGB", (4, 4), (9, 8, 7)).save(tmp_path / "rgb.png", transparency=(9, 8, 7))
    assert (shown(tmp_path / "rgb.png") == 255).all()


def test_an_opaque_image_is_what_it_was(tmp_path: Path):
    Image.fromarray(np.dstack([PIXELS, np.full((8, 6), 255, np.uint8)])).save(tmp_path / "a.png")
    Image.fromarray(PIXELS).save(tmp_path / "b.png")
    np.testing.assert_array_equal(shown(tmp_path / "a.png"), PIXELS)
    np.testing.assert_array_equal(shown(tmp_path / "b.png"), PIXELS)


@pytest.mark.parametrize(
    "content",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n(ran) (w) file closefile\n%%EOF\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"II*\x00" + bytes(40),  # TIFF
        b"/* XPM */\nstatic char * a[] = {",
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(20),
        b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*" + bytes(9),
    ],
    ids=["eps", "gif", "tiff", "xpm", "empty", "png", "jpeg"],
)
def test_other_formats_and_damaged_files_are_named(tmp_path: Path, content: bytes):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"{path}: can't be read as an image"):
        read(path, None)


def test_what_pillow_would_cut_is_named(tmp_path: Path):
    frames = [Image.new("RGB", (4, 4), (60 * i, 0, 0)) for i in range(3)]
    for name in ("a.png", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        with pytest.raises(InputError, match="is a moving picture of 3 frames"):
            read(tmp_path / name, None)
    path = tmp_path / "deep.png"
    with path.open("wb") as file:  # Pillow writes no PNG of 16 bits and three channels
        file.write(b"\x89PNG\r\n\x1a\n")
        PngImagePlugin.putchunk(file, b"IHDR", (2).to_bytes(4) * 2 + bytes([16, 2, 0, 0, 0]))
        PngImagePlugin.putchunk(file, b"IDAT", zlib.compress(bytes(2 * (1 + 2 * 6))))
        PngImagePlugin.putchunk(file, b"IEND", b"")
    with pytest.raises(InputError, match="more than 8 bits"):
        read(path, None)


def test_a_ppm_of_16_bits_is_named_and_one_of_4_is_not(tmp_path: Path):
    path = tmp_path / "a.ppm"
    path.write_bytes(b"P6\n2 2\n65535\n" + bytes(24))
    with pytest.raises(InputError, match="more than 8 bits"):
        read(path, None)
    path.write_bytes(b"P6\n2 2\n15\n" + bytes([15] * 12))
    assert (read(path, None) == 255).all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes with two images each, in a train and a test part."""
    rng = np.random.default_rng(1)
    for name in ("train/a", "train/b", "test/a", "test/b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(2):
            image = Image.fromarray(rng.integers(0, 256, (4, 4, 3), np.uint8))
            image.save(tmp_path / "images" / name / f"{i}.png")
    return tmp_path / "images"


def load(folder: Path) -> None:
    load_folder("mine", str(folder), 0.5, None, None, None, 0)


@pytest.mark.parametrize(
    ("kept", "copy", "said"),
    [
        ("train/a/0.png", "test/a/0.png", "test/a/0.png is the same image as .*train/a/0.png, in another part"),
        ("train/a/0.png", "test/a/2.bmp", "test/a/2.bmp is the same image as .*; there are 1 such"),
        ("train/a/0.png", "train/b/0.png", "is the same image as"),
        ("train/a/0.png", "train/a/2.png", ""),
        ("train/a/0.png", "train/a/2.jfif", "2.jfif is left out; only .jpg"),
        ("train/a/0.png", "train/a/2.tif", "2.tif is left out; only .jpg"),
        ("train/a/0.png", "train/a/more/2.png", "more is left out; only .jpg"),
        ("train/a/0.png", "train/a/Thumbs.db", ""),
        ("train/a/0.png", "train/a/.2.tif", ""),
    ],
)
def test_what_is_left_out_or_twice_is_said(
    folder: Path, kept: str, copy: str, said: str, caplog: pytest.LogCaptureFixture
):
    (folder / copy).parent.mkdir(exist_ok=True)
    with Image.open(folder / kept) as image:
        image.save(folder / copy, {".db": "PNG"}.get(Path(copy).suffix))
    load(folder)
    assert bool(caplog.text) == bool(said) and re.search(said, caplog.text)


@pytest.mark.parametrize(("one", "other"), [("é", "e\u0301"), ("c", "c "), ("c", "\x1b[2J"), ("c", "\udcff")])
def test_names_of_classes_that_nobody_can_tell_apart(folder: Path, one: str, other: str):
    for name in (one, other):
        (folder / "train" / name).mkdir()
    with pytest.raises(InputError, match="two classes have one name|is no name of a class"):
        load(folder)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "link to a device", "link to nothing"])
def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path, kind: str, soon, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    path = Path("x.png")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    else:
        path.symlink_to({"device": "/dev/zero", "link to a device": "/dev/tty", "link to nothing": "none"}[kind])
    with pytest.raises(InputError, match=r"^x\.png: can't be read as an image"):
        read(path, None)
