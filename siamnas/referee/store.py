"""The rows of a leaderboard on disk: one file per search, written as soon as it has ended."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from siamnas.errors import InputError, reason
from siamnas.experiment.identity import digest
from siamnas.referee import searches, tasks
from siamnas.referee.methods import Method
from siamnas.referee.searches import DONE, UNFIT, Row
from siamnas.referee.tasks import Arena, Task
from siamnas.report.draw.figure import UNSAFE
from siamnas.runtime import files, regular, strict_json

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
                yield _read(self.path(seed), seed, self.budget, self.arena)


def _read(path: Path, seed: int, budget: int, arena: Arena) -> Row:
    """The row of a file.

    Raises:
        InputError: somebody else has written into it.
    """
    try:
        with regular.opened(path) as file:
            told = strict_json.loads(file.read())
        if missing := [one.name for one in fields(Row) if one.name not in told]:
            raise ValueError(f"{missing[0]} is missing")
        row = Row(**told)
        _check(row, seed, budget)
        if any(arena.metric.sign * best > arena.metric.sign * arena.optimum for best in row.best):
            raise ValueError(f"best is beyond the optimum, {arena.optimum:g}")
    except (OSError, TypeError, ValueError, OverflowError, AttributeError) as error:
        again = "delete it to have it searched again"
        raise InputError(f"{path}: is no search of this leaderboard ({reason(error)}); {again}") from error
    return row


def _check(row: Row, seed: int, budget: int) -> None:
    """A row that a search can have written, whose incumbents are among its values."""
    sizes = {len(row.evaluated), len(row.labels), len(row.best)}
    whole = sizes == {budget} if row.status == DONE else len(sizes) == 1 and max(sizes) <= budget
    numbers = all(type(one) in (int, float) for one in (*row.labels, *row.best, row.seconds))
    if row.seed != seed or not isinstance(row.status, str) or not whole or not numbers:
        raise ValueError(
            f"seed, status, evaluated, labels, best and seconds must be of a search of {budget} evaluations"
        )
    if not all(map(math.isfinite, row.best)) or not 0 <= row.seconds < math.inf:
        raise ValueError("best and seconds must be finite")
    if len(set(map(str, row.evaluated))) < len(row.evaluated):
        raise ValueError("an architecture is there twice")
