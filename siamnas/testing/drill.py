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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from siamnas.jobs import agreement
from siamnas.jobs.store import RESULT, Result

FULL = 20  # bytes that a file may have where there is no space
STOPS = 5  # how often a command is stopped
PATIENCE = 3600.0  # seconds that a command may take
SAID = "said.txt"

Compare = Callable[[Path, Path], str]
"""(folder of the undisturbed command, folder of the other one) -> what differs; empty for nothing."""


@dataclass(frozen=True)
class Fault:
    """What became of a command that something happened to.

    Attributes:
        name: of the fault.
        times: how often it happened.
        wrong: what was not as it must be; empty where all was.
    """

    name: str
    times: int
    wrong: str = ""

    def __str__(self) -> str:
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
        command: that goes on where it was cut off when it is given again; it writes below its current folder.
        folder: on the file system to try; a folder for each fault is made there.
        kills: how often it is killed, at random moments.
        seed: of the moments.
        compare: what must be alike in the end.

    Yields:
        One fault after the other: killed; stopped and continued; no space left; a folder that can't be written.

    Raises:
        RuntimeError: the command fails undisturbed.
    """
    run = _Runs(list(command), Path(folder).expanduser().absolute(), compare)
    began = time.monotonic()
    if (status := run.status("undisturbed")) != 0:
        raise RuntimeError(f"the command ends with status {status}: {run.said('undisturbed')}")
    draw, seconds = random.Random(seed), time.monotonic() - began
    yield run.fault("killed", kills, lambda process: _kill(process, draw.uniform(0, 1.1 * seconds)))
    yield run.fault("stopped and continued", 1, lambda process: _stop(process, seconds))
    yield run.fault("no space left", 1, None, before=_no_space)
    yield run.fault("a folder that can't be written", 1, None, guarded=True)


class _Runs:
    """A command in folders of its own."""

    def __init__(self, command: list[str], folder: Path, compare: Compare) -> None:
        self.command, self.folder, self.compare = command, folder, compare

    def start(self, name: str, before: Callable[[], None] | None = None) -> "subprocess.Popen[bytes]":
        """Start it, in a session of its own."""
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.{SAID}").open("ab") as said:
            return subprocess.Popen(
                self.command,
                cwd=self.folder / name,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=before,
            )

    def status(self, name: str) -> int:
        """Run all of it; its status, 128 for one that goes on for ever."""
        with self.start(name) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(PATIENCE)
            _end(process)
        return 128

    def said(self, name: str) -> str:
        """The end of what it has printed."""
        return (self.folder / f"{name}.{SAID}").read_text(errors="replace")[-500:].strip()

    def fault(
        self,
        name: str,
        times: int,
        disturb: "Callable[[subprocess.Popen[bytes]], None] | None",
        before: Callable[[], None] | None = None,
        guarded: bool = False,
    ) -> Fault:
        """Let something happen, then run it to the end and compare."""
        place = self.folder / name.replace(" ", "-").replace("'", "")
        shutil.rmtree(place, ignore_errors=True)
        for _ in range(times):
            with _read_only(place) if guarded else contextlib.nullcontext(), self.start(place.name, before) as process:
                if disturb:
                    disturb(process)
                else:
                    process.wait(PATIENCE)
        status = self.status(place.name)
        wrong = f"status {status}: {self.said(place.name)}" if status else self._compared(place)
        return Fault(name, times, wrong)

    def _compared(self, place: Path) -> str:
        return self.compare(self.folder / "undisturbed", place)


def _kill(process: "subprocess.Popen[bytes]", after: float) -> None:
    """Kill a command with all that it has started, unless it has ended by then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    _end(process)


def _stop(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Stop a command now and then, as a machine that sleeps."""
    for _ in range(STOPS):
        for number in (signal.SIGSTOP, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds / STOPS / 2)
    process.wait(PATIENCE)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _no_space() -> None:
    """No file may be longer than a few bytes, which the system refuses like a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@contextlib.contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """A folder that can't be written; to the system's administrator it can."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)
