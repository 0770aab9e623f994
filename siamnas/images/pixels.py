"""Image files and arrays -> arrays of the wanted size."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from siamnas.errors import InputError, reason
from siamnas.images.dataset import Pixels
from siamnas.runtime import regular

# What is opened, whatever a file is called: other formats start programs (EPS) or are rarely meant.
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "PPM")
MOST = 255  # of a channel
BACKGROUND = (255, 255, 255, 255)  # what shows through a transparent image: white


def read(path: Path, size: int | None) -> Pixels:
    """(3, H, W) of an image file as it is meant to be seen, grey ones in three equal channels.

    It is turned as its camera says (EXIF), and what is transparent lies on white.

    Args:
        path: the file, of one of `FORMATS`.
        size: H and W, by averaging over areas; None leaves it as it is.

    Raises:
        InputError: it can't be read, has more than some 89 million pixels, more than 8 bits per channel, or is a
            moving picture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow says of files that it can read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with regular.opened(path) as file, Image.open(file, formats=FORMATS) as image:
                _check(image)
                picture = _on_background(ImageOps.exif_transpose(image))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:  # a damaged file makes Pillow raise whatever it meets
        said = getattr(error, "strerror", None) or reason(error)
        raise InputError(f"{path}: can't be read as an image ({said}); must be {', '.join(FORMATS)}") from error
    return _channels_first(_resized(picture, size))


def _check(image: Image.Image) -> None:
    """Nothing of an image may get lost without a word."""
    stored = [tile[3] for tile in getattr(image, "tile", ())]  # as Pillow, which cuts to 8 bits, is told to read it
    deep = image.format == "PNG" and any("16" in str(form) for form in stored)
    deep |= image.format == "PPM" and any(isinstance(form, tuple) and form[-1] > MOST for form in stored)
    if image.mode[0] in "IF" or deep:
        raise InputError(f"has more than 8 bits per channel (mode {image.mode}); convert it to 8")
    if image.format != "MPO" and (frames := getattr(image, "n_frames", 1)) > 1:  # MPO: a JPEG with a preview
        raise InputError(f"is a moving picture of {frames} frames; must be one image")


def _on_background(image: Image.Image) -> Image.Image:
    """As red, green and blue, without transparency."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, BACKGROUND), image).convert("RGB")


def resize(pixels: Pixels, size: int | None) -> Pixels:
    """(n, 3, H, W) -> (n, 3, size, size), by averaging over areas; None leaves it as it is."""
    if size is None or pixels.shape[2:] == (size, size):
        return pixels
    pictures = (Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))) for image in pixels)
    return np.stack([_channels_first(_resized(picture, size)) for picture in pictures])


def _resized(picture: Image.Image, size: int | None) -> Image.Image:
    return picture if size is None else picture.resize((size, size), Image.Resampling.BOX)


def _channels_first(picture: Image.Image) -> Pixels:
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))
