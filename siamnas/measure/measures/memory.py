"""Memory of freed tensors that is used again."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4  # of mallopt, as malloc.h numbers them
MIB = 2**20


@contextmanager
def kept_memory() -> Iterator[None]:
    """Within it, freed memory is kept for the next tensors rather than given back to the system and asked for again.

    The system clears all that it hands out, which takes up to half of the time for feature maps of a hundred megabytes.
    Only glibc has this; elsewhere nothing changes.
    """
    libc: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not hasattr(libc, "mallopt"):
        yield
        return
    libc.mallopt(MMAP_MAX, 0)
    libc.mallopt(TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        # What glibc goes to by itself when large blocks are freed.
        libc.mallopt(MMAP_MAX, 65536)
        libc.mallopt(MMAP_THRESHOLD, 32 * MIB)
        libc.mallopt(TRIM_THRESHOLD, 64 * MIB)
        libc.malloc_trim(0)
