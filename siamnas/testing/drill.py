"""A fault drill: does a command survive what happens on this machine and this file system?

for fault in siamnas.testing.drill(["siamnas", "predictor=forest", "repeats=4", "logger=none"], "/scratch/me/drill"):
    print(fault)
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from siamnas.errors import InputError, reason
from siamnas.jobs import agreement
from siamnas.jobs.store import RESULT, Result
from siamnas.runtime import regular

FULL = 20  # bytes that a file may have where there is no space
STOPS = 5  # how often a command is stopped
PATIENCE = 3600.0  # seconds that a command may take
LINGER = 5.0  # seconds that what it has started may go on after it
SAID = "said.txt"
MARK = "SIAMNAS_DRILL"  # in the environment of all that a command starts
UNDISTURBED, GUARDED = "undisturbed", "a folder that can't be written"

Compare = Callable[[Path, Path], str]
"""(folder of the undisturbed command, folder of the other one) -> what differs; empty for nothing."""


@dataclass(frozen=True)
class Fault:
    """What became of a command that something happened to.

    Attributes:
        name: of the fault.
        times: how often it happened; 0 where it can't be tried, because this user may write everywhere.
        wrong: what was not as it must be; empty where all was.
    """

    name: str
    times: int
    wrong: str = ""

    def __str__(self) -> str:
        if not self.times:
            return f"{self.name}: not tried, this user may write everywhere"
        return f"{self.name}, {self.times} times: {self.wrong or 'ended as if undisturbed'}"


def same_results(plain: Path, other: Path) -> str:
    """Compare the results below two folders, which must be the same to the bit."""
    found = [{path.relative_to(at).parts[-2:]: path for path in at.rglob(RESULT)} for at in (plain, other)]
    if found[0].keys() != found[1].keys() or not found[0]:
        return f"{len(found[1])} results and not {len(found[0])}"
    for key, path in found[0].items():
        one, two = Result.load(path), Result.load(found[1][key])
        different = [*agreement.differences(one.arrays, two.arrays), *agreement.stated(one.meta, two.meta, False)]
        if different:
            return f"{found[1][key]}: another {different[0].name}"
    return ""


def drill(
    command: Sequence[str], folder: str | Path, kills: int = 20, seed: int = 0, compare: Compare = same_results
) -> Iterator[Fault]:
    """Run a command undisturbed, then kill, stop, and starve it, and compare how it ends.

    Args:
        command: that goes on where it was cut off when it is given again; it writes below its current folder, and
            leaves no process behind.
        folder: on the file system to try; a folder for each fault is made anew there.
        kills: how often it is killed, at random moments, with all that it has started.
        seed: of the moments.
        compare: what must be alike in the end.

    Yields:
        One fault after the other: killed; stopped and continued; no space left; a folder that can't be written.

    Raises:
        InputError: an argument is of another kind.
        RuntimeError: the command fails undisturbed, writes beside its current folder, or leaves a process behind.
    """
    run = _Runs(_checked(command, kills), regular.place("folder", folder, "folder").absolute(), compare)
    began = time.monotonic()
    if wrong := run.undisturbed():
        raise RuntimeError(f"the command {wrong}")
    draw, seconds = random.Random(seed), time.monotonic() - began
    yield run.fault("killed", kills, lambda process: _wait(process, draw.uniform(0, 1.1 * seconds)))
    yield run.fault("stopped and continued", 1, lambda process: _stop(process, seconds))
    yield run.fault("no space left", 1, _wait, before=_no_space)
    yield run.fault(GUARDED, 1, _wait, guarded=True)


def _checked(command: Sequence[str], kills: int) -> list[str]:
    """The words of a command.

    Raises:
        InputError: they are none, or the number of kills is none.
    """
    if isinstance(command, str | bytes) or not command or not all(isinstance(word, str | Path) for word in command):
        raise InputError(f"command={command!r}: must be a list of words, such as ['siamnas', 'predictor=forest']")
    if type(kills) is not int or kills < 1:
        raise InputError(f"kills={kills!r}: must be an integer of at least 1")
    return list(map(str, command))


class _Runs:
    """A command in folders of its own."""

    def __init__(self, command: list[str], folder: Path, compare: Compare) -> None:
        self.command, self.folder, self.compare = command, folder, compare
        self.mark = f"{MARK}={uuid.uuid4().hex}"
        self.made: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"folder={folder}: can't be made: {error.strerror}") from error

    @contextlib.contextmanager
    def started(self, name: str, before: Callable[[], None] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
        """The running command, in a session of its own, which is over with all that it has started in the end."""
        (self.folder / name).mkdir(exist_ok=True)
        with (self.folder / f"{name}.{SAID}").open("ab") as said:
            try:
                process = subprocess.Popen(
                    self.command,
                    cwd=self.folder / name,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                    preexec_fn=before,
                    env={**os.environ, MARK: self.mark.partition("=")[2]},
                )
            except (OSError, ValueError) as error:
                raise InputError(f"command={self.command}: can't be started: {reason(error)}") from error
        try:
            yield process
        finally:
            self._end(process)

    def whole(self, name: str) -> str:
        """Run all of it; what was wrong, empty if nothing was."""
        with self.started(name) as process:
            if not _wait(process):
                return f"goes on after {PATIENCE:g} s"
            left = self._left()
        if process.returncode:
            return f"ends with status {process.returncode}: {self.said(name)}"
        if left:
            return f"leaves {left} {'processes' if left > 1 else 'process'} behind"
        if beside := sorted({path.name for path in self.folder.iterdir()} - self.made - self.before):
            return f"writes beside its current folder: {beside[0]}"
        return ""

    def _left(self) -> int:
        """How many processes go on after the command, and after a while that helpers may need to end."""
        patient_until = time.monotonic() + LINGER
        while (left := len(_marked(self.mark))) and time.monotonic() < patient_until:
            time.sleep(0.05)
        return left

    def undisturbed(self) -> str:
        """Run it as it is to compare with; what was wrong."""
        self._anew(UNDISTURBED)
        self.before = {path.name for path in self.folder.iterdir()}  # of an earlier drill, or anybody's
        return self.whole(UNDISTURBED)

    def said(self, name: str) -> str:
        """The end of what it has printed."""
        with (self.folder / f"{name}.{SAID}").open("rb") as said:
            said.seek(-min(500, said.seek(0, os.SEEK_END)), os.SEEK_END)
            return said.read().decode(errors="replace").strip()

    def fault(
        self,
        name: str,
        times: int,
        disturb: "Callable[[subprocess.Popen[bytes]], object]",
        before: Callable[[], None] | None = None,
        guarded: bool = False,
    ) -> Fault:
        """Let something happen, then run it to the end and compare."""
        place = self._anew(name.replace(" ", "-").replace("'", ""))
        for _ in range(times):
            with _read_only(place) if guarded else contextlib.nullcontext(True) as is_so:
                if not is_so:
                    return Fault(name, 0)
                with self.started(place.name, before) as process:
                    disturb(process)
        return Fault(name, times, self.whole(place.name) or self.compare(self.folder / UNDISTURBED, place))

    def _anew(self, name: str) -> Path:
        """A folder without what an earlier drill has left."""
        place, said = self.folder / name, self.folder / f"{name}.{SAID}"
        self.made |= {place.name, said.name}
        try:
            said.unlink(missing_ok=True)
            if place.exists():
                shutil.rmtree(place)
        except OSError as error:
            raise InputError(f"{place}: is in the way: {error.strerror}") from error
        return place

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill it with all that it has started, in sessions of their own too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while marked := _marked(self.mark):
            for pid in marked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def _marked(mark: str) -> list[int]:
    """The processes that a command has started and that are alive; none is found where there is no /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is of another user
            if mark.encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
    return found


def _wait(process: "subprocess.Popen[bytes]", seconds: float | None = None) -> bool:
    """Wait for a command; whether it has ended by then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE if seconds is None else seconds)
    return process.returncode is not None


def _stop(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Stop a command now and then, as a machine that sleeps."""
    for _ in range(STOPS):
        for number in (signal.SIGSTOP, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            _wait(process, seconds / STOPS / 2)
    _wait(process)


def _no_space() -> None:
    """No file may be longer than a few bytes, which the system refuses like a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@contextlib.contextmanager
def _read_only(folder: Path) -> Iterator[bool]:
    """A folder that can't be written, and whether that is so: to the system's administrator it can."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    try:
        yield not os.access(folder, os.W_OK)
    finally:
        folder.chmod(0o700)
