"""A leaderboard: every method on every task with every seed, what is missing of it, in parallel."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from siamnas.errors import InputError
from siamnas.referee import searches, tasks
from siamnas.referee.methods import Method
from siamnas.referee.store import Cell
from siamnas.referee.tasks import ListArena, Task
from siamnas.runner import split
from siamnas.runtime import files, parallel, terminal
from siamnas.runtime.progress import Report

CHUNK = 25  # seeds of a search at once: more of them need more memory, fewer more time


@dataclass(frozen=True)
class Leaderboard:
    """What is compared.

    Attributes:
        methods: with different names.
        tasks: on which.
        seeds: the same for all methods.
        budget: evaluations of a search.
        out: folder of everything.
        timeout: seconds that a process has for an answer.
    """

    methods: Sequence[Method]
    tasks: Sequence[Task]
    seeds: range
    budget: int
    out: Path
    timeout: float = 60.0

    def __post_init__(self) -> None:
        names = [method.name for method in self.methods]
        if same := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"--method: several are called {', '.join(same)}; give one another name: 'NAME:=...'")

    def cells(self) -> list[Cell]:
        """All pairs of a method and a task.

        Raises:
            InputError: the words of a method are not allowed, or the budget is larger than a space.
        """
        arenas = list(map(tasks.arena, self.tasks))
        for arena in arenas:
            if isinstance(arena, ListArena) and self.budget > (size := len(arena.benchmark.space)):
                raise InputError(f"--budget {self.budget}: must be at most {size}, the size of {arena.task.name}")
        return [Cell.of(method, arena.task, self.budget, self.out) for arena in arenas for method in self.methods]

    def run(self, jobs: int = 1) -> list[Cell]:
        """Do the searches that are missing.

        Args:
            jobs: processes.

        Returns:
            All cells, whose rows are there.

        Raises:
            InputError: see `cells`; nothing has been done then. Or a row can't be written.
        """
        cells = self.cells()
        files.prepare(self.out)
        units = [(cell, chunk) for cell in cells for chunk in split(cell.missing(self.seeds), CHUNK)]
        work = partial(_search, units, self.timeout)
        with terminal.Bar(f"leaderboard: {len(units)} groups of searches", 0.0) as bar:
            ones = [range(i, i + 1) for i in range(len(units))]
            for _ in parallel.run(work, ones, min(jobs, len(units)), bar.update) if units else ():
                pass
        return cells


def _search(units: Sequence[tuple[Cell, range]], timeout: float, which: range, report: Report) -> None:
    """Do one of some groups of searches."""
    (cell, seeds) = units[which.start]
    for done, row in enumerate(searches.search(cell.method, cell.arena, seeds, cell.budget, timeout), start=1):
        cell.save(row)
        report(done / len(seeds))
