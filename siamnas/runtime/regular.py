"""Regular files: what is expected where files of anybody are read, and a pipe would wait for ever."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def opened(path: Path) -> BinaryIO:
    """A file to read from.

    Raises:
        OSError: it can't be opened, or it is a pipe, a device, a socket or a folder.
    """
    file = open(path, "rb", opener=_at_once)  # noqa: PTH123, SIM115 (that of a path has no opener)
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def content(path: Path, most: int = -1) -> bytes:
    """What a file holds, or its first so many bytes.

    Raises:
        OSError: see `opened`.
    """
    with opened(path) as file:
        return file.read(most)


def text(path: Path) -> str:
    """What a file of UTF-8 holds.

    Raises:
        OSError: see `opened`.
        UnicodeDecodeError: it is no UTF-8.
    """
    return content(path).decode("utf-8")
