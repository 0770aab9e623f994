"""What was computed of a large table, kept on the disk for the next time."""

import hashlib
import json
import logging
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.errors import InputError
from siamnas.runtime import cache, files, regular

log = logging.getLogger(__name__)

BLOCK = 1 << 20  # bytes read at a time
FORM = 3  # raised when what is kept changes
Arrays = Mapping[str, Any]


class Kept:
    """Arrays of one table, by name, in the user's cache folder.

    Args:
        file: of the table; it counts by its content.
        options: that say how it is read.
    """

    def __init__(self, file: Path, options: Mapping[str, Any]) -> None:
        digest = hashlib.sha256()
        with regular.opened(file) as content:
            while block := content.read(BLOCK):
                digest.update(block)
        digest.update(json.dumps([FORM, dict(options)], sort_keys=True, default=str).encode())
        self.folder = cache.folder() / "tables" / digest.hexdigest()[:32]

    def __call__(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """What is kept under a name; made, and kept, if nothing is, or if it can't be read."""
        path = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.npz"
        if (found := _read(path)) is not None:
            return found
        made = make()
        self._write(path, made)
        return made

    def _write(self, path: Path, arrays: Arrays) -> None:
        """Write all or nothing; a disk that is full costs time, not the search."""
        try:
            with files.whole(path, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
        except InputError as error:
            log.warning("not kept for the next time: %s", error)


def _read(path: Path) -> Arrays | None:
    """The arrays of a file; None if there is none, or it is damaged."""
    try:
        if not cache.is_own(path, 0o100000):
            return None
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
