"""Regular files: what is expected where files of anybody are read, and a pipe would wait for ever."""

import errno
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from siamnas.errors import InputError, literal, shown

LONGEST, LONGEST_NAME = 4096, 255  # bytes of a path, and of each of its parts


def place(key: str, given: Any, what: str = "file") -> Path:
    """The path that somebody has given.

    Args:
        key: how it is named, for messages.
        given: a text, or a path of Python.
        what: it is of.

    Raises:
        InputError: it can be none.
    """
    if not isinstance(given, str | Path) or not str(given) or "\0" in str(given):
        raise InputError(f"{key}={literal(given)}: must be the path of a {what}")
    path = Path(given).expanduser()
    if len(os.fsencode(path)) > LONGEST or any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        raise InputError(f"{key}={shown(str(given))}: is too long for the path of a {what}")
    return path


def fixed(key: str, given: Any, what: str = "file") -> Path:
    """The same, as one that leads there wherever the process goes, as notebooks and trainings do.

    Raises:
        InputError: it can be none, or the current folder is gone.
    """
    path = place(key, given, what)
    try:
        return path.absolute()
    except OSError as error:
        raise InputError(f"{key}={shown(str(path))}: the current folder can't be found: {error.strerror}") from error


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
        OSError: see `opened`; or there is not enough memory for it.
    """
    with opened(path) as file:
        try:
            return file.read(most)
        except MemoryError as error:
            size = f"not enough memory for {os.fstat(file.fileno()).st_size:,} bytes"
            raise OSError(errno.ENOMEM, size, str(path)) from error


def text(path: Path) -> str:
    """What a file of UTF-8 holds.

    Raises:
        OSError: see `opened`.
        UnicodeDecodeError: it is no UTF-8.
    """
    return content(path).decode("utf-8")
