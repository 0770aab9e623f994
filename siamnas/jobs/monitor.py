"""What becomes of the jobs of a sweep while it runs, in whatever process or on whatever machine they do.

Every job that ends leaves a note in a folder that all see, the process that started the sweep reads and tells.
"""

import json
import os
import shutil
import threading
import time
import uuid
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from siamnas.errors import InputError
from siamnas.jobs import state_table
from siamnas.jobs.state_table import StateRow
from siamnas.runtime import terminal
from siamnas.runtime.files import whole

NOTES = "notes"  # the folder of those of all sweeps that run in a folder
LISTED = 60  # jobs that a table at the end has room for; of more, only those that are not done
POLL = 0.3  # seconds between two looks
OLD = 86400.0  # seconds after which the notes of a sweep that was killed are removed


@dataclass(frozen=True)
class Ended:
    """A job that has ended.

    Attributes:
        state: one of `siamnas.jobs.state_table.COLOURS`: running is what another process does.
        said: its result, or why it has none.
        seconds: that it took.
    """

    state: str
    said: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        said = self.said.partition("\n")[0]
        if self.state == "done":
            return ", ".join(filter(None, (said, f"{self.seconds:.1f} s")))
        return said if self.state == "skipped" else f"{self.state}: {said}"


INTERRUPTED = Ended("missing", "interrupted before it was done")
IN_SLURM = Ended("running", "left to Slurm, which goes on with it")
SILENT = Ended("missing", "ended without a word: it was killed, or the sweep was cut off")


class SweepMonitor:
    """The notes of one sweep; it travels to its jobs, and does not change meanwhile.

    Args:
        root: the folder of the sweep, which exists and can be written.
        total: how many jobs it has.
    """

    def __init__(self, root: Path, total: int) -> None:
        self.total = total
        for old in (root / NOTES).glob("*"):
            with suppress(OSError):
                if time.time() - old.stat().st_mtime > OLD:
                    shutil.rmtree(old)
        self.folder = (root / NOTES / uuid.uuid4().hex).absolute()
        self.folder.mkdir(parents=True)

    def post(self, number: int, ended: Ended) -> None:
        """Say that a job has ended; the first word counts, and nobody reads it where the sweep itself was killed."""
        path = self._note(number)
        with suppress(InputError):
            if self.folder.is_dir() and not path.exists():
                with whole(path) as file:
                    json.dump(asdict(ended), file)

    def read(self, known: Collection[int]) -> dict[int, Ended]:
        """What has ended, by number from 0, without what is known."""
        with suppress(OSError):
            os.utime(self.folder)
        new = sorted({int(path.stem) for path in self.folder.glob("[0-9]*.json")}.difference(known))
        return {number: Ended(**json.loads(self._note(number).read_text(encoding="utf-8"))) for number in new}

    def _note(self, number: int) -> Path:
        return self.folder / f"{number}.json"

    def remove(self) -> None:
        """Take the notes away, and their folder if no other sweep has some there."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()


class Watch:
    """Tells of every job as it ends, from a thread, and of all at the end.

    Args:
        monitor: that the jobs post to.
        names: of the jobs.
        interrupted: what becomes of the others when the sweep is interrupted.
    """

    def __init__(self, monitor: SweepMonitor, names: list[str], interrupted: Ended = INTERRUPTED) -> None:
        self.monitor = monitor
        self.names = names
        self.interrupted = interrupted
        self.ended: dict[int, Ended] = {}
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tell of what has ended by now, and stop."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join()
        self._look()
        self.monitor.remove()

    def _run(self) -> None:
        while not self._stop.wait(POLL):
            self._look()

    def _look(self) -> None:
        for number, ended in self.monitor.read(self.ended).items():
            self.ended[number] = ended
            line = f"{len(self.ended)} of {len(self.names)} jobs: {self.names[number]}: {ended}{self._left()}"
            terminal.err.print(time.strftime("%H:%M:%S"), line, markup=False, highlight=False)

    def _left(self) -> str:
        """How long the others will take: as long as those that were computed, and as many at once."""
        computed = sum(job.state in ("done", "failed") for job in self.ended.values())
        left = len(self.names) - len(self.ended)
        if computed < 2:  # the first took the start of processes too
            return f"; {left} left" if left else ""
        seconds = (time.monotonic() - self._began) / computed * left
        return f"; {left} left, about {terminal.duration(seconds)}" if left else ""

    def summary(self, others: Ended) -> Counter[str]:
        """Print a table of the jobs and how many of them are what.

        Args:
            others: what there is to say about a job that has left no note.

        Returns:
            How many are in each state.
        """
        jobs = [self.ended.get(number, others) for number in range(len(self.names))]
        rows = [
            StateRow(name, job.state, job.said, job.seconds if job.state == "done" else None)
            for name, job in zip(self.names, jobs, strict=True)
        ]
        if len(rows) > LISTED:
            rows = [row for row in rows if row.state not in state_table.DONE]
        if rows:
            terminal.out.print(state_table.table(rows))
        return state_table.count(job.state for job in jobs)
