"""Who works leases the work by a file, so that no other process does the same: a job, or a part of one.

The lease is a file that only one process can create. It names its owner, and the owner touches it while it works:
on the same machine a lease is dead when its process is, on another machine of a shared file system when it has not
been touched for `STALE` seconds, or when Slurm has started its job again. A expired lease is taken over.
"""

import json
import os
import platform
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from siamnas.errors import InputError
from siamnas.experiment.configuration import Job
from siamnas.jobs import record
from siamnas.runtime.progress import Report

LEASE = "lease.json"  # of a job, in its folder
TAKEOVER = ".takeover"  # the suffix of what exists while a expired lease is removed
STALE = 600.0  # seconds after which an untouched lease of another machine is dead
BEAT = 15.0  # seconds between two touches
TAKEOVER_STALE = 30.0  # seconds after which a takeover was itself cut off


@dataclass(frozen=True)
class Owner:
    """The process that holds a lease.

    Attributes:
        host: its machine.
        pid: its process id there.
        born: when the process started, in the system's own unit, because ids are used again; empty where unknown.
        since: local time of the lease.
        token: different for every lease.
        slurm: the cluster and the number of its job there; empty outside Slurm.
        restarts: how often Slurm had started this job again.
    """

    host: str
    pid: int
    born: str
    since: str
    token: str
    slurm: str = ""
    restarts: int = 0

    @classmethod
    def of_this_process(cls) -> "Owner":
        """A new owner: this process, now."""
        pid = os.getpid()
        return cls(platform.node(), pid, _born(pid) or "", record.now(), uuid.uuid4().hex, *_slurm_job())

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class Busy(Exception):
    """Another process is doing this work."""


class Lease:
    """The lease on some work.

    Args:
        path: of its file, whose folder exists; `.json`.
        title: of the work, for messages.
    """

    def __init__(self, path: Path, title: str) -> None:
        self.path = path
        self.title = title
        self._me = Owner.of_this_process()
        self._beaten = time.monotonic()

    def take(self) -> None:
        """Lease the work.

        Raises:
            Busy: a living process holds it.
            InputError: the lease can't be written.
        """
        while True:
            try:
                file = self.path.open("x", encoding="utf-8")
            except FileExistsError:
                if is_held(self.path):
                    raise Busy(
                        f"{self.title} is being computed by {read_owner(self.path) or 'another process'}"
                    ) from None
                self._remove_dead()
                continue
            except OSError as error:
                raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
            try:
                with file:
                    json.dump(asdict(self._me), file)
                return
            except OSError as error:  # half a lease would keep everybody away
                self.path.unlink(missing_ok=True)
                raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def beat(self) -> None:
        """Show that this process is alive; touches the file only now and then."""
        if time.monotonic() - self._beaten >= BEAT:
            self._beaten = time.monotonic()
            with suppress(OSError):
                os.utime(self.path)

    def beating(self, report: Report) -> Report:
        """The report of progress `report`, which also beats."""

        def beat_and_report(done: float) -> None:
            self.beat()
            report(done)

        return beat_and_report

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Beat from a thread, during work that reports nothing."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(BEAT):
                self.beat()

        thread = threading.Thread(target=beat, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def release(self) -> None:
        """Give the lease back, unless it has been taken over."""
        if read_owner(self.path) == self._me:
            self.path.unlink(missing_ok=True)

    def _remove_dead(self) -> None:
        """Remove a expired lease; only one process at a time looks again and removes, so that no new lease is hit."""
        guard = self.path.with_suffix(TAKEOVER)
        try:
            guard.touch(exist_ok=False)
        except FileExistsError:
            if _age(guard) > TAKEOVER_STALE:
                guard.unlink(missing_ok=True)
            time.sleep(0.05)
            return
        try:
            if not is_held(self.path):
                self.path.unlink(missing_ok=True)
        finally:
            guard.unlink(missing_ok=True)


@contextmanager
def taken(job: Job) -> Iterator[Lease]:
    """Hold the folder of a job.

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
    """Hold the folder of a job while it runs, and keep its record.

    Raises:
        Busy: another process is doing this job.
        InputError: the lease or the record can't be written.
    """
    with taken(job) as lease, record.keep(job):
        yield lease


def is_held(path: Path) -> bool:
    """Whether a lease exists and its owner is alive."""
    owner = read_owner(path)
    if owner is None or owner.host != platform.node() or sys.platform == "win32":
        return _age(path) < STALE and not (owner and _has_been_requeued(owner))
    born = _born(owner.pid)
    return born is not None and (not born or not owner.born or born == owner.born)


def read_owner(path: Path) -> Owner | None:
    """The owner that a lease names; None where there is none, it is just being written, or it makes no sense."""
    try:
        owner = Owner(**json.loads(path.read_text(encoding="utf-8") if path.is_file() else ""))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (owner.host, owner.born, owner.since, owner.token, owner.slurm)
    numbers = type(owner.pid) is type(owner.restarts) is int and 0 < owner.pid < 1 << 31
    return owner if numbers and all(isinstance(text, str) for text in texts) else None


def _slurm_job() -> tuple[str, int]:
    """`Owner.slurm` and `Owner.restarts` of this process."""
    said = os.environ
    restarts = said.get("SLURM_RESTART_COUNT", "")
    number = f"{said.get('SLURM_CLUSTER_NAME', '')} {said['SLURM_JOB_ID']}" if "SLURM_JOB_ID" in said else ""
    return number, int(restarts) if restarts.isdecimal() else 0


def _has_been_requeued(owner: Owner) -> bool:
    """Whether this process is a later start of the owner's job, which Slurm has then taken from its node."""
    job, restarts = _slurm_job()
    return bool(job) and owner.slurm == job and owner.restarts < restarts


def _age(path: Path) -> float:
    """Seconds between now and when a file was touched; endless where it does not exist.

    A time in the future counts like one in the past: the clock was moved back, and who lives will touch it again.
    """
    try:
        return abs(time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def _born(pid: int) -> str | None:
    """When a process of this machine started; empty where that is unknown, None where it has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:  # it is another user's
        pass
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # not Linux
        return ""
    return None if state in "ZX" else fields[18]
