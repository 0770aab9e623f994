"""The rows of a leaderboard on disk: one file per search, written as soon as it has ended."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from siamnas.experiment.identity import digest
from siamnas.referee import searches, tasks
from siamnas.referee.methods import Method
from siamnas.referee.searches import UNFIT, Row
from siamnas.referee.tasks import Arena, Task
from siamnas.report.draw.figure import UNSAFE
from siamnas.runtime import files

VERSION = 1  # of what the referee computes


@dataclass(frozen=True)
class Cell:
    """A method on a task.

    Attributes:
        method: that searches.
        task: on which.
        budget: evaluations of each search.
        folder: of its rows, which is another one wherever anything that decides their numbers is another.
    """

    method: Method
    task: Task
    budget: int
    folder: Path

    @property
    def arena(self) -> Arena:
        """What is known of the task."""
        return tasks.arena(self.task)

    @classmethod
    def of(cls, method: Method, task: Task, budget: int, out: Path) -> "Cell":
        """See the class.

        Args:
            method: that searches.
            task: on which.
            budget: evaluations of each search.
            out: folder of the whole leaderboard.

        Raises:
            InputError: the words of the method are not allowed.
        """
        identity = {
            "job": searches.job(method, tasks.arena(task), budget).identity,
            "command": [method.command, method.version],
            "noise": task.noise,
            "version": VERSION,
        }
        name = UNSAFE.sub("-", method.name)[:60].strip("-.") or "method"
        return cls(method, task, budget, out / "rows" / name / f"{task.name},{digest(identity)}")

    def path(self, seed: int) -> Path:
        """The file of a row."""
        return self.folder / f"{seed}.json"

    def missing(self, seeds: range) -> list[int]:
        """Those of some seeds that have no row yet; all where the method has not fitted, as it may now."""
        first = next(self.rows(seeds), None)
        if first is not None and first.status.startswith(UNFIT):
            return list(seeds)
        return [seed for seed in seeds if not self.path(seed).exists()]

    def save(self, row: Row) -> None:
        """Write a row as a whole."""
        files.write(self.path(row.seed), json.dumps(asdict(row)))

    def rows(self, seeds: range) -> Iterator[Row]:
        """Those of some seeds that are there."""
        for seed in seeds:
            if self.path(seed).exists():
                made: dict[str, Any] = json.loads(self.path(seed).read_text())
                yield Row(**made)
