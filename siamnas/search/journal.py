"""The memory of a search of one's own: a file that only ever grows, which processes write one after the other."""

import errno
import logging
import os
import platform
import time
import uuid
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from siamnas.errors import InputError
from siamnas.runtime import files
from siamnas.runtime.lock import Lock
from siamnas.search.journal_lines import FILE, Entry, check_first, entries_of, line, parsed, split

log = logging.getLogger(__name__)

LOCK = "lock"
ALIVE = "alive-"  # begins the names of the files that processes hold while they live
POLL = 0.01  # seconds between two looks at the lock


class Journal:
    """One JSON object per line, each on disk before `append` returns.

    A process that is killed while it writes leaves a torn last line, which the next one cuts off. All locks end with
    the process that has them, however that ends, see `Lock`.

    Args:
        folder: made when the first line is written.
        wait: seconds to wait for another process that reads or writes.

    Attributes:
        path: of the file.
        token: of this process in what it writes.

    Raises:
        InputError: the file can't be read or understood.
    """

    def __init__(self, folder: Path, wait: float = 30.0) -> None:
        self.folder = folder
        self.path = folder / FILE
        self.wait = wait
        self.token = f"{_process()}-{uuid.uuid4().hex[:8]}"
        self._process = os.getpid()
        self._closed = False
        self._lock: Lock | None = None
        self._file: int | None = None
        self._alive: Lock | None = None
        self._end = 0  # bytes of the lines that were read
        self._last = b""  # the last of them
        self._number = 1  # of the next one
        _open.add(self)

    @property
    def is_ours(self) -> bool:
        """Whether this process has opened it, and has not closed it."""
        return not self._closed and os.getpid() == self._process

    @property
    def exists(self) -> bool:
        """Whether anything was written."""
        return self.path.exists() and self.path.stat().st_size > 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes; what others have written is then read by `news`.

        Raises:
            InputError: this journal was closed, belongs to the parent of this process, was removed or replaced, or
                another process does not give it back.
        """
        self.check()
        if self._lock is None and not self.exists:
            yield  # before the first line there is nothing to be held
            return
        try:
            self._open_files()
            self._take()
            self._check_place()
            yield
        finally:
            if self._lock is not None:
                self._lock.release()

    def check(self) -> None:
        """Check that this process may write.

        Raises:
            InputError: it was closed, or the process is a child of the one that has opened it.
        """
        if os.getpid() != self._process:
            raise InputError(
                f"journal={self.folder}: was opened by process {self._process}, of which this one (process "
                f"{os.getpid()}) is a fork; let the parent ask and tell, or open the journal in the child"
            )
        if self._closed:
            raise InputError(f"journal={self.folder}: the search is closed; open it again")

    def begin(self, header: Entry, prepare: Callable[[], None]) -> bool:
        """Write the first line, unless another process was faster; whether this one was first.

        Args:
            header: the first line.
            prepare: writes what has to be there before it.

        Raises:
            InputError: it can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(self.folder / LOCK)
            self._take()
            if not entries_of(self.folder):
                # As a whole or not at all: half of a first line could be that of any file.
                prepare()
                files.write(self.path, line(header))
                self._close_file()
                return True
            return False
        except OSError as error:
            raise InputError(f"journal={self.folder}: cannot be written: {error.strerror}") from error
        finally:
            if self._lock is not None:
                self._lock.release()

    def news(self, mend: bool = True) -> list[Entry]:
        """What was written since it was last read; all lines after `rewind`.

        Args:
            mend: cut off a torn last line, as only who holds the journal may.

        Raises:
            InputError: the file is no journal of ours, or a line can't be understood; it is left as it is.
        """
        if self._file is None:
            return []
        content = os.pread(self._file, max(os.fstat(self._file).st_size - self._end, 0), self._end)
        whole, torn = split(content if mend else content[: content.rfind(b"\n") + 1])
        entries = parsed(whole, self.path, self._number)
        if self._end == 0:
            check_first(entries, torn, self.path)
        if torn:
            # Nobody has acted on it: `append` had not returned.
            log.warning("%s: cut off a torn last line of %d bytes", self.path, len(torn))
            os.ftruncate(self._file, self._end + len(content) - len(torn))
        elif mend and content and not content.endswith(b"\n"):
            os.write(self._file, b"\n")
            os.fsync(self._file)
        self._took(whole)
        return entries

    def rewind(self) -> None:
        """Read it all again."""
        self._end, self._last, self._number = 0, b"", 1

    def append(self, entry: Entry) -> None:
        """Write one entry, all of it or nothing.

        Raises:
            InputError: it can't be written; the file is as it was.
        """
        assert self._file is not None
        content = line(entry)
        try:
            # One call, so that two lines never mix; a disk that is full may take a part of it.
            if os.write(self._file, content) < len(content):
                raise OSError(28, os.strerror(28))
            os.fsync(self._file)
        except OSError as error:
            # Otherwise the next line would be appended to half of this one.
            os.ftruncate(self._file, self._end)
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
        self._took([content[:-1]])

    def is_alive(self, token: str) -> bool:
        """Whether the process that has written a token still has the journal open."""
        if token == self.token:
            return True
        try:
            sign = Lock(self.folder / f"{ALIVE}{token}", make=False)
        except OSError:
            return False
        try:
            if not sign.take():
                return True
            sign.remove()
            return False
        finally:
            sign.forget()

    def is_of_this_process(self, token: str) -> bool:
        """Whether a token is one of this process."""
        return token.startswith(f"{_process()}-")

    def __del__(self) -> None:
        """Close the files of a search that nobody has closed."""
        with suppress(Exception):  # the interpreter may be ending
            self.close()

    def close(self) -> None:
        """Give back what others wait for."""
        self._closed = True
        if self._alive is not None:
            _remove(self._alive, self._process)
        self.forget()

    def forget(self) -> None:
        """Close the files, as a child does with those of its parent."""
        locks = [lock for lock in (self._lock, self._alive) if lock is not None]
        self._lock = self._alive = None
        self._close_file()
        for lock in locks:
            lock.forget()

    def _close_file(self) -> None:
        """Close the file of the journal, if it is open."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _open_files(self) -> None:
        """Open what is not open yet."""
        try:
            if self._lock is None:
                self._lock = Lock(self.folder / LOCK)
            if self._file is None:
                self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK)
                self.rewind()
            if self._alive is None:
                self._alive = Lock(self.folder / f"{ALIVE}{self.token}")
                weakref.finalize(self, _remove, self._alive, self._process)
                self._alive.take()
        except OSError as error:
            said = "a file of it is a link" if error.errno == errno.ELOOP else error.strerror
            raise InputError(f"journal={self.folder}: cannot be opened: {said}") from error

    def _take(self) -> None:
        """Take the lock; wait for who has it."""
        assert self._lock is not None
        deadline = time.monotonic() + self.wait
        while not self._lock.take():
            if time.monotonic() >= deadline:
                holder = os.pread(self._lock.file, 200, 0).decode(errors="replace").strip() or "another process"
                raise InputError(f"journal={self.folder}: is held by {holder}, after {self.wait:g} s of waiting")
            time.sleep(POLL)
        # Only for the message to others: what it says is not the lock.
        with suppress(OSError):
            os.ftruncate(self._lock.file, 0)
            os.pwrite(self._lock.file, f"process {os.getpid()} on {platform.node()}".encode(), 0)

    def _check_place(self) -> None:
        """The files at the paths must be those that are open, and hold what was read.

        Raises:
            InputError: they are others.
        """
        assert self._file is not None and self._lock is not None
        try:
            same = all(
                os.path.samestat(os.fstat(own), path.stat())
                for own, path in ((self._file, self.path), (self._lock.file, self.folder / LOCK))
            )
        except OSError:
            same = False
        begin = self._end - len(self._last)
        if not same or os.pread(self._file, len(self._last), begin) != self._last:
            raise InputError(
                f"journal={self.folder}: was removed or replaced while the search ran; nothing was recorded. Put it "
                "back, or open the search again"
            )

    def _took(self, lines: list[bytes]) -> None:
        """Lines were read or written."""
        if lines:
            self._number += len(lines)
            self._end += sum(map(len, lines)) + len(lines)
            self._last = lines[-1] + b"\n"


def _remove(sign: Lock, process: int) -> None:
    """Remove the sign of life of a process, which a child of it must not."""
    if os.getpid() == process:
        with suppress(OSError):
            sign.remove()


def _process() -> str:
    """This process in tokens; another after a fork."""
    return f"{platform.node()}-{os.getpid()}-{_BORN if os.getpid() == _BORN_IN else 0:x}"


_BORN, _BORN_IN = time.time_ns(), os.getpid()  # process ids are used again
_open: "weakref.WeakSet[Journal]" = weakref.WeakSet()


def _leave_to_the_parent() -> None:
    """A child must not keep the locks of its parent alive."""
    for journal in list(_open):
        journal.forget()


os.register_at_fork(after_in_child=_leave_to_the_parent)
