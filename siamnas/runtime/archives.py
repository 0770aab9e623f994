"""Archives of arrays (npz) that may come from anybody: whatever is wrong with one is one kind of error."""

import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import reason


def read(file: BinaryIO, wanted: Sequence[str] | None = None, most: float = np.inf) -> dict[str, NDArray[Any]]:
    """Arrays by name, in the order of bytes of this machine.

    Args:
        file: at its beginning.
        wanted: names; all if None.
        most: bytes that all arrays of the archive may take.

    Raises:
        ValueError: it is no archive, a wanted array is missing, damaged or pickled, or a name is there twice.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            names, size = packed.namelist(), sum(entry.file_size for entry in packed.infolist())
        if len(set(names)) < len(names):
            raise ValueError(f"{next(name for name in names if names.count(name) > 1)} is there twice")
        if size > most:
            raise ValueError(f"its contents take {size / 2**30:,.1f} GiB")
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            found = {name: archive[name] for name in (archive.files if wanted is None else wanted)}
        if odd := [name for name, array in found.items() if not isinstance(array, np.ndarray)]:
            raise ValueError(f"{odd[0]} is no array")
        return {name: _native(array) for name, array in found.items()}
    except Exception as error:  # whatever a damaged file makes of zip, zlib and numpy
        raise ValueError(reason(error)) from error


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """An array as this machine computes: other machines write other orders of bytes, and wider floats."""
    wide = array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(float).itemsize
    with np.errstate(over="ignore"):
        return array.astype(float if wide else array.dtype.newbyteorder("="), copy=False)
