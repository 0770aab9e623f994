"""The memory of a search of one's own: a file that only ever grows, and that one process at a time may hold."""

import fcntl
import json
import logging
import os
import platform
from pathlib import Path
from typing import Any

from siamnas.errors import InputError

log = logging.getLogger(__name__)

FILE = "journal.jsonl"
LOCK = "lock"
Entry = dict[str, Any]


class Journal:
    """One JSON object per line, each on disk before `append` returns.

    A process that is killed while it writes leaves a torn last line, which the next one cuts off. The lock is the
    operating system's, so it ends with the process that holds it, however that ends.

    Args:
        folder: made if it does not exist.

    Attributes:
        entries: what was found in the file.

    Raises:
        InputError: another process holds the journal, or the file can't be read, written or understood.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # The lock is a file of its own: it is there, and can be held, before there is anything to write down.
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            self._hold()
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self.entries = self._read()
        except OSError as error:
            self.close()
            raise InputError(f"journal={folder}: cannot be opened: {error.strerror}") from error
        except InputError:
            self.close()
            raise

    def append(self, entry: Entry) -> None:
        """Write one entry, all of it or nothing.

        Raises:
            InputError: it can't be written; the file is as it was.
        """
        line = (json.dumps(entry, separators=(",", ":"), allow_nan=False) + "\n").encode()
        end = os.fstat(self._file).st_size
        try:
            # One call, so that two lines never mix; a disk that is full may take a part of it.
            if os.write(self._file, line) < len(line):
                raise OSError(28, os.strerror(28))
            os.fsync(self._file)
        except OSError as error:
            # Otherwise the next line would be appended to half of this one.
            os.ftruncate(self._file, end)
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Let another process have it."""
        for name in ("_file", "_lock"):
            if (descriptor := self.__dict__.pop(name, None)) is not None:
                os.close(descriptor)

    def _hold(self) -> None:
        """Take the lock, or say who has it."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 200, 0).decode(errors="replace").strip() or "another process"
            if holder == _self():
                holder = "another search of this process, which has to be closed"
            raise InputError(f"journal={self.path.parent}: is held by {holder}") from None
        # Only for the message to others: the lock itself is the system's.
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, _self().encode(), 0)

    def _read(self) -> list[Entry]:
        """All entries; what follows the last whole line is cut off."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        entries = []
        for number, line in enumerate(content[:whole].split(b"\n")[:-1], start=1):
            try:
                entry = json.loads(line)
                if not isinstance(entry, dict):
                    raise ValueError("not an object")
            except (ValueError, RecursionError) as error:
                raise InputError(f"{self.path}, line {number}: is damaged ({error})") from error
            entries.append(entry)
        # Nobody has acted on a torn line: `append` had not returned.
        if torn := len(content) - whole:
            log.warning("%s: cut off a torn last line of %d bytes", self.path, torn)
            os.ftruncate(self._file, whole)
        return entries


def _self() -> str:
    """What the lock file says of its holder."""
    return f"process {os.getpid()} on {platform.node()}"
