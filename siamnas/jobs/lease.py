"""The lease on a job: two processes never do the same one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from siamnas.experiment.configuration import Job
from siamnas.jobs import record
from siamnas.runtime.lease import Busy, Lease, is_held, read_owner

__all__ = ["LEASE", "Busy", "Lease", "discard_expired", "hold", "is_held", "read_owner", "taken"]

LEASE = "claim.json"  # in the folder of a job; the name is that of earlier versions, whose processes may share it


@contextmanager
def taken(job: Job) -> Iterator[Lease]:
    """Have the lease on a job.

    Args:
        job: whose folder exists.

    Raises:
        Busy: another process is doing this job.
        InputError: the lease can't be written.
    """
    lease = Lease(job.folder / LEASE, job.title)
    lease.take()
    try:
        yield lease
    finally:
        lease.release()


@contextmanager
def hold(job: Job) -> Iterator[Lease]:
    """Have the lease on a job while it runs, and keep its record.

    Args:
        job: whose folder exists.

    Raises:
        Busy: another process is doing this job.
        InputError: the lease or the record can't be written.
    """
    with taken(job) as lease, record.keep(job):
        yield lease


def discard_expired(job: Job) -> None:
    """Remove the lease of an owner that was killed after it had done the job and before it gave the lease back."""
    path = job.folder / LEASE
    if path.exists() and not is_held(path):
        with suppress(OSError):  # a folder that can only be read may keep it
            Lease(path, job.title).remove_expired()
