"""Writable folders, and files that are written as a whole or not at all."""

import os
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
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
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
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open(mode, encoding=None if "b" in mode else "utf-8", **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
