"""Writable folders, and files that are written as a whole or not at all.

A file is made under a name that nobody can foresee, and only where nothing lies: through no link that somebody has put
into a shared folder.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from siamnas.errors import InputError


def prepare(folder: Path) -> None:
    """Create a folder for results, and check that it is writable.

    Raises:
        InputError: it is not.
    """
    probe = folder / f".probe.{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise InputError(f"out: cannot write to {folder}: {error.strerror}") from error


@contextmanager
def whole(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """A file to write to, which replaces `path` when all of it is on disk.

    Args:
        path: of the file; its folder is created if it does not exist.
        mode: `w` for UTF-8 text, `wb` for bytes.
        options: of `open`.

    Raises:
        InputError: it can't be written, for example because the disk is full; the old file at `path` is kept.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open(mode.replace("w", "x"), encoding=None if "b" in mode else "utf-8", **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write(path: Path, content: str | bytes) -> None:
    """Write a file as a whole.

    Raises:
        InputError: it can't be written.
    """
    with whole(path, "wb" if isinstance(content, bytes) else "w") as file:
        file.write(content)
