"""Leases: a process takes one on some work, a job or a part of one, so that no other process does the same.

A lease is a file that only one process can create. It names its owner, who touches it during the work. Where the owner
can be seen, it expires with its process; elsewhere, on another machine of a shared file system or in another container,
when it has not been touched for `STALE` seconds, or when Slurm has started the owner's job again. An expired lease is
taken over. Times are those that the file system gives to what is written, as the clocks of two machines may differ by
more; a time that a process sets is that of its own clock on some file systems.
"""

import functools
import json
import os
import platform
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from siamnas.errors import InputError
from siamnas.runtime.progress import Report

TAKEOVER = ".takeover"  # suffix of the file that exists while an expired lease is removed
STALE = 600.0  # seconds after which an untouched lease of another machine has expired
BEAT = 15.0  # seconds between two touches
TAKEOVER_STALE = 30.0  # seconds after which a takeover was itself cut off


@dataclass(frozen=True)
class Owner:
    """The process that has a lease; the keys are those of earlier versions, whose processes may share a folder.

    Attributes:
        host: its machine.
        pid: its process id there.
        born: when the process started, in the system's own unit, because ids are used again; empty where unknown.
        since: local time at which it took the lease.
        token: different for every lease.
        slurm: the cluster and the number of its job there; empty outside Slurm.
        restarts: how often Slurm had started this job again.
        place: the boot of its machine and its namespace of process ids: containers may share a host's name, and their
            ids mean other processes; empty where unknown, and in leases of earlier versions.
    """

    host: str
    pid: int
    born: str
    since: str
    token: str
    slurm: str = ""
    restarts: int = 0
    place: str = ""

    @classmethod
    def of_this_process(cls) -> "Owner":
        """A new owner: this process, now."""
        pid, since = os.getpid(), datetime.now().isoformat(sep=" ", timespec="seconds")
        return cls(platform.node(), pid, _born(pid) or "", since, uuid.uuid4().hex, *_slurm_job(), _place())

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


class Busy(Exception):
    """Another process is doing this work."""


class Lease:
    """The lease on some work.

    Args:
        path: of its file, which ends in `.json`; the folder exists.
        title: of the work, for messages.
    """

    def __init__(self, path: Path, title: str) -> None:
        self.path = path
        self.title = title
        self._me = Owner.of_this_process()
        self._content = json.dumps(asdict(self._me))
        self._beaten = time.monotonic()

    def take(self) -> None:
        """Take the lease.

        Raises:
            Busy: another process has it.
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
                self.remove_expired()
                continue
            except OSError as error:
                raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
            try:
                with file:
                    file.write(self._content)
                return
            except OSError as error:  # half a lease would keep everybody away
                self.path.unlink(missing_ok=True)
                raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def beat(self) -> None:
        """Show that this process is alive; the file is touched only now and then."""
        if time.monotonic() - self._beaten >= BEAT:
            self._beaten = time.monotonic()
            with suppress(OSError):
                self._write_again()

    def _write_again(self) -> None:
        """Write what the file holds, if it is still that of this lease: what was taken over is another file."""
        content = self._content.encode()
        file = os.open(self.path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if os.read(file, len(content) + 1) == content:
                os.pwrite(file, content, 0)
                os.fsync(file)
        finally:
            os.close(file)

    def beating(self, report: Report) -> Report:
        """A report of progress that also beats.

        Args:
            report: called with the same share.
        """

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
        """Give the lease back, unless another process has taken it over."""
        if read_owner(self.path) == self._me:
            self.path.unlink(missing_ok=True)

    def remove_expired(self) -> None:
        """Remove an expired lease.

        Only one process at a time looks again and removes it, so that no new lease is removed in its place.
        """
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


def is_held(path: Path) -> bool:
    """Whether a lease exists and its owner is alive."""
    owner = read_owner(path)
    if owner is None or not _is_seen(owner):
        return _age(path) < STALE and not (owner and _has_been_requeued(owner))
    born = _born(owner.pid)
    return born is not None and (not born or not owner.born or born == owner.born)


def _is_seen(owner: Owner) -> bool:
    """Whether the process of an owner is one of those that this process can see."""
    here = _place()
    same = owner.place == here if owner.place and here else True
    return owner.host == platform.node() and same and sys.platform != "win32"


def read_owner(path: Path) -> Owner | None:
    """The owner of a lease; None where there is no lease, it is just being written, or it is no valid one."""
    try:
        owner = Owner(**json.loads(path.read_text(encoding="utf-8") if path.is_file() else ""))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (owner.host, owner.born, owner.since, owner.token, owner.slurm, owner.place)
    numbers = type(owner.pid) is type(owner.restarts) is int and 0 < owner.pid < 1 << 31
    return owner if numbers and all(isinstance(text, str) for text in texts) else None


def _slurm_job() -> tuple[str, int]:
    """`Owner.slurm` and `Owner.restarts` of this process."""
    env = os.environ
    restarts = env.get("SLURM_RESTART_COUNT", "")
    number = f"{env.get('SLURM_CLUSTER_NAME', '')} {env['SLURM_JOB_ID']}" if "SLURM_JOB_ID" in env else ""
    return number, int(restarts) if restarts.isdecimal() else 0


def _has_been_requeued(owner: Owner) -> bool:
    """Whether Slurm has started the owner's job again as this process, and so ended the owner."""
    job, restarts = _slurm_job()
    return bool(job) and owner.slurm == job and owner.restarts < restarts


def _age(path: Path) -> float:
    """Seconds between now and the time at which a file was touched; infinite where it does not exist.

    A time in the future counts like one in the past: the clock was moved back, and a living owner touches it again.
    """
    try:
        touched = path.stat().st_mtime
        return abs(_now(path.parent) - touched)
    except OSError:
        return float("inf")


def _now(folder: Path) -> float:
    """The time of the file system of a folder, that of this machine where the folder can't be written."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return time.time()


@functools.cache
def _place() -> str:
    """`Owner.place` of this process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return ""


def _born(pid: int) -> str | None:
    """When a process of this machine was started; empty where that is unknown, None where the process has ended."""
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
