"""What is kept between runs, such as compiled kernels: a folder that only this user can write to."""

import atexit
import functools
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@functools.cache
def folder() -> Path:
    """The user's cache folder, else one under the shared temporary folder, else a fresh one of this process.

    A folder that exists is taken only if it is this user's, no link and closed to the writing of others.
    """
    for place in _places():
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not is_own(place, stat.S_IFDIR):
                log.warning("%s is not a folder that only you can write to: nothing is kept there.", place)
                continue
            if place.stat().st_mode & OTHERS:
                place.chmod(0o700)
            tempfile.TemporaryFile(dir=place).close()
            return place
        except OSError:
            continue
    fresh = Path(tempfile.mkdtemp(prefix="siamnas-"))
    atexit.register(_remove, fresh, os.getpid())
    return fresh


def is_own(path: Path, kind: int) -> bool:
    """Whether the path itself, not what it links to, is of this kind, this user's and not writable by others.

    Args:
        path: of a folder or file that exists.
        kind: `stat.S_IFDIR` or `stat.S_IFREG`.

    Raises:
        OSError: it cannot be looked at.
    """
    found = path.lstat()
    return stat.S_IFMT(found.st_mode) == kind and found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE


def _places() -> Iterator[Path]:
    if cache := os.environ.get("XDG_CACHE_HOME"):
        yield Path(cache) / "siamnas"
    else:
        try:
            yield Path.home() / ".cache" / "siamnas"
        except RuntimeError:  # a container's user without a home
            pass
    yield Path(tempfile.gettempdir()) / f"siamnas-{os.geteuid()}"


def _remove(fresh: Path, owner: int) -> None:
    """Only the process that made the folder removes it: its forks, which inherit this hook, still use it."""
    if os.getpid() == owner:
        shutil.rmtree(fresh, ignore_errors=True)
