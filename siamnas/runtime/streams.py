"""Standard streams that can't be written: closed, full, without a reader, or of an encoding that lacks a character.

What is lost is noticed and said at the end; it never ends a job, whose result is on disk.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

BROKEN_PIPE = 141  # exit code as shells have it: 128 and the number of SIGPIPE
_closed: dict[Any, OSError] = {}  # what stands in the place of a closed stream -> what to say of it


def open_closed() -> None:
    """Put something where a stream was closed, before another file gets its number, and is written to in its place."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "r" if name == "stdin" else "w")  # noqa: PTH123, SIM115
            setattr(sys, name, stream)
            _closed[stream] = OSError(errno.EBADF, "is closed")


class Lossy:
    """A text stream that goes on when it can't be written; all else is that of the stream.

    Attributes:
        lost: why something was not written; None as long as all was.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.lost: OSError | None = _closed.get(stream)
        self._given_up = False
        with suppress(AttributeError, ValueError):  # not all streams of tests and notebooks have encodings
            stream.reconfigure(errors="replace")

    def write(self, text: str) -> int:
        """Write what can be written."""
        try:
            self._stream.write(text)
        except (OSError, ValueError) as error:  # of a stream that was closed it is a ValueError
            self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Write what is left, if that is possible."""
        try:
            self._stream.flush()
        except (OSError, ValueError) as error:
            self._lose(error)

    def isatty(self) -> bool:
        """Whether it is a terminal; one that was closed is none."""
        try:
            return self._stream.isatty()
        except ValueError:
            return False

    def _lose(self, error: Exception) -> None:
        """Let the rest go nowhere: Python writes once more at its end."""
        if not self._given_up:  # said once
            self.lost = error if isinstance(error, OSError) else OSError(str(error))
        self._given_up = True
        with suppress(OSError, ValueError, AttributeError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def lossy() -> Iterator[None]:
    """Let nothing fail because a standard stream can't be written."""
    before = sys.stdout, sys.stderr
    out, err = map(Lossy, before)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def loss() -> OSError | None:
    """Why what was printed on stdout did not arrive, for one who says it; None where it has, as far as is known."""
    if not isinstance(sys.stdout, Lossy):
        return None
    sys.stdout.flush()
    found, sys.stdout.lost = sys.stdout.lost, None
    return found
