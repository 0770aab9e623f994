"""The states of jobs for people: a table, and the commands that finish them.

Run as: siamnas status DIR...
"""

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from siamnas.config import overrides, translate
from siamnas.config.arguments import Arguments
from siamnas.errors import InputError
from siamnas.jobs import state_table
from siamnas.jobs.state_table import COLOURS, StateRow
from siamnas.jobs.states import JobState, find
from siamnas.jobs.sweeps import Sweep
from siamnas.runtime import terminal

RUN = "siamnas"


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas status`."""
    parser = Arguments("siamnas status", description="Which jobs are done, running, failed, interrupted or missing.")
    parser.add_argument("dir", nargs="*", type=Path, help="a folder of outputs, or one below it (default: outputs)")
    parser.add_argument("--all", action="store_true", help="list the jobs that are done, too")
    parser.add_argument("--commands", action="store_true", help="print only what finishes the others, a line for each")
    parser.add_argument("--translate", metavar="COMMAND", help="print a command of an earlier version in today's words")
    options = parser.parse_args(arguments)
    if options.dir and options.translate is not None:
        parser.error("give folders, or --translate with a command in quotes")
    try:
        if options.translate is not None:
            return _print(translate.command(options.translate))
        with terminal.doing("reading jobs"):
            jobs, asked = find(options.dir or [Path("outputs")])
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    if options.commands:
        _print(*commands(jobs))
    else:
        show(jobs, asked, options.all)


def show(jobs: list[JobState], asked: list[Sweep], everything: bool) -> None:
    """Print the counts, the jobs that are not done, and what finishes them."""
    state_table.count(job.state for job in jobs)
    order = list(COLOURS)
    jobs = sorted(jobs, key=lambda job: (order.index(job.state), str(job.root), job.name))
    shown = [job for job in jobs if everything or job.state not in state_table.DONE]
    if rows := [StateRow(job.name, job.state, job.detail) for job in shown]:
        terminal.out.print("", state_table.table(rows))
    if not (lines := commands(jobs)):
        return
    unfinished_ones = {(job.root, job.identity) for job in unfinished(jobs)}
    whole = [s for s in asked if any((s.root, overrides.identity(words)) in unfinished_ones for words in s.jobs)]
    if whole:
        _print("\nThe same sweep computes what is missing:", *map(sweep_command, whole))
    _print("\nOne by one:" if whole else "\nTo finish:", *lines)


def unfinished(jobs: Iterable[JobState]) -> list[JobState]:
    """The jobs that nobody is doing."""
    return [job for job in jobs if job.state not in (*state_table.DONE, "running")]


def commands(jobs: Iterable[JobState]) -> list[str]:
    """One command per unfinished job, ready to paste."""
    return [command(job) for job in unfinished(jobs) if job.words is not None]


def command(job: JobState) -> str:
    """What does this job alone."""
    words = _placed(job.words or (), job.root)
    if any(overrides.key(word) == "experiment" for word in words):
        words.append("hydra.mode=RUN")  # an experiment may be a sweep by itself
    return f"{RUN} {shlex.join(words)}"


def sweep_command(sweep: Sweep) -> str:
    """What started a sweep, for the same folder."""
    return f"{RUN} -m {shlex.join(_placed(sweep.words, sweep.root))}"


def _placed(words: Iterable[str], root: Path) -> list[str]:
    """The words, for jobs below `root` wherever it lies now."""
    return [*overrides.without(words, *overrides.PLACE), *overrides.leading_to(root)]


def _print(*lines: str) -> None:
    for line in lines:
        terminal.out.print(line, markup=False, highlight=False)
