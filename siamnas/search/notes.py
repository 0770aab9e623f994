"""What stands for a journal where nothing is to be kept."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from siamnas.errors import InputError
from siamnas.search.journal_lines import Entry


class Notes:
    """The same as `siamnas.search.journal.Journal`, in memory.

    Attributes:
        token: see `Journal`.
    """

    folder = path = None
    token = ""
    exists = True

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._read = 0
        self._process = os.getpid()
        self._closed = False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """See `Journal`."""
        self.check()
        yield

    def check(self) -> None:
        """See `Journal`."""
        if self._closed:
            raise InputError("the search is closed")
        if os.getpid() != self._process:
            raise InputError(
                f"the search is that of process {self._process}, of which this one is a fork; tell it there"
            )

    def begin(self, header: Entry, prepare: Callable[[], None]) -> bool:
        """See `Journal`; there is nothing to prepare."""
        self._entries.append(header)
        return True

    def news(self, mend: bool = True) -> list[Entry]:
        """See `Journal`."""
        begin, self._read = self._read, len(self._entries)
        return self._entries[begin:]

    def rewind(self) -> None:
        """See `Journal`."""
        self._read = 0

    def append(self, entry: Entry) -> None:
        """See `Journal`."""
        self._entries.append(entry)
        self._read = len(self._entries)

    def is_alive(self, token: str) -> bool:
        """See `Journal`; nobody else has it."""
        return True

    def is_of_this_process(self, token: str) -> bool:
        """See `Journal`."""
        return True

    @property
    def is_ours(self) -> bool:
        """See `Journal`."""
        return not self._closed and os.getpid() == self._process

    def close(self) -> None:
        """See `Journal`."""
        self._closed = True
