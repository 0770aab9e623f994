"""What is said where there is not enough memory: what was asked for, and how much there may be."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siamnas.errors import PartlyFailed, reason

SAID = re.compile(r"allocate memory|out of memory|bad_alloc|failed to map segment|can't start new thread")
GROUP = Path("/sys/fs/cgroup/memory.max")  # of a container


def is_short(error: BaseException) -> bool:
    """Whether an error says that there is not enough memory; torch and loaders of libraries have their own."""
    if isinstance(error, RuntimeError | ImportError):
        return SAID.search(str(error)) is not None
    return isinstance(error, MemoryError) or isinstance(error, OSError) and error.errno == errno.ENOMEM


@contextmanager
def explained() -> Iterator[None]:
    """Say it without a traceback.

    Raises:
        PartlyFailed: there was not enough memory.
    """
    try:
        yield
    except Exception as error:
        if not is_short(error):
            raise
        asked = "" if reason(error) == type(error).__name__ else f" ({reason(error)})"
        raise PartlyFailed(f"not enough memory{asked}: {allowed()}; what is finished stays") from error


def allowed() -> str:
    """How much memory this process may take."""
    if sys.platform == "win32":
        return "this machine has no more"
    import resource

    limits = {"this machine has": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")}
    if (soft := resource.getrlimit(resource.RLIMIT_AS)[0]) != resource.RLIM_INFINITY:
        limits["ulimit -v allows"] = soft
    if GROUP.is_file() and (most := GROUP.read_text().strip()).isdecimal():
        limits["this container may have"] = int(most)
    who = min(limits, key=lambda name: limits[name])
    return f"{who} {limits[who] / 2**30:.1f} GiB"
