"""Image files and arrays -> arrays of the wanted size."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from siamnas.errors import InputError
from siamnas.images.dataset import Pixels

# What Pillow raises for a file that is damaged, or none at all.
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def read(path: Path, size: int | None) -> Pixels:
    """(3, H, W) of an image file, grey ones in three equal channels.

    Args:
        path: the file, in any format that Pillow reads.
        size: H and W, by averaging over areas; None leaves it as it is.

    Raises:
        InputError: it can't be read, has more than some 89 million pixels, or more than 8 bits per channel.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow says of files that it can read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                mode, picture = image.mode, image.convert("RGB")
    except DAMAGED as error:
        raise InputError(f"{path}: can't be read as an image ({error})") from error
    if mode[0] in "IF":
        raise InputError(f"{path}: has more than 8 bits per channel (mode {mode}); convert it to 8")
    return _channels_first(_resized(picture, size))


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
