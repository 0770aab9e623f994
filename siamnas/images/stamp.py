"""Whether files have changed since they were read, without reading them again."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

DEPTH = 3  # levels of folders, as of `train/class/image.png`; links may lead in a circle


def stamp(path: Path) -> str:
    """Different after a file at a path, or below it, was written, replaced, added or removed."""
    found = hashlib.sha256()
    for name, of in _files(path, DEPTH):
        found.update(f"{name} {of.st_size} {of.st_mtime_ns} {of.st_ctime_ns} {of.st_ino}\n".encode(errors="replace"))
    return found.hexdigest()


def _files(path: Path, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    """Paths of files, and what the system says of them."""
    if not path.is_dir():
        yield str(path), path.stat()
        return
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_file():
                yield entry.path, entry.stat()
            elif depth > 1 and entry.is_dir():
                yield from _files(Path(entry.path), depth - 1)
