"""A lock that ends with the process that has it, however that ends."""

import errno
import fcntl
import os
from contextlib import ExitStack
from pathlib import Path

from siamnas.runtime.lease import Busy, Lease

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
"""What the system says of a file system without locks: NFS without its daemon, Lustre without `-o flock`, some FUSE."""


class Lock:
    """The operating system's lock on a file; a lease beside it, see `Lease`, where the file system has no locks.

    Args:
        path: of the file, which is made, but never through a link.
        make: False: it must be there.

    Attributes:
        file: its descriptor.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path, make: bool = True) -> None:
        self.path = path
        self.file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if make else 0), 0o644)
        self._leased = ExitStack()

    def take(self) -> bool:
        """Take it; whether nobody else has it.

        Raises:
            InputError: there are no locks, and the lease can't be written.
            OSError: the file can't be locked.
        """
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            return self._lease()
        return True

    def release(self) -> None:
        """Give it back."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            self._leased.close()

    def remove(self) -> None:
        """Remove the file, and give the lock back."""
        self.path.unlink(missing_ok=True)
        self._leased.close()

    def forget(self) -> None:
        """Close the file; a child leaves the lock to its parent so."""
        os.close(self.file)

    def _lease(self) -> bool:
        """Take the lease, and beat from a thread as long as it is held; whether nobody else has it."""
        lease = Lease(self.path.with_name(f"{self.path.name}.json"), str(self.path))
        try:
            lease.take()
        except Busy:
            return False
        self._leased.callback(lease.release)
        self._leased.enter_context(lease.kept())
        return True
