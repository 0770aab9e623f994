"""Real processes of the command line: start-up, a sweep's jobs, whole jobs with their memory (Linux)."""

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from table import JOBS, SECONDS, Row, interleave

from siamnas.config.compose import CONF_DIR
from siamnas.jobs.store import Result
from siamnas.runtime.parallel import cores

LOOK = 0.1  # seconds between two looks at the memory
RUN = ("-m", "siamnas.run")
UNTIL_FIRST_STEP = """
import os
from siamnas.cli.main import main
from siamnas.training.module import AccuracyModule
AccuracyModule.training_step = lambda *_: os._exit(0)
main()
"""
SWEEP = "30,31,32"


@dataclass(frozen=True)
class Job:
    """A main job with another trainer, N or number of repeats."""

    trainer: str
    N: int
    repeats: int = 100


@dataclass(frozen=True)
class Used:
    """What a process has used: wall seconds, and the peak resident bytes of itself and of its largest child."""

    seconds: float
    parent: int
    child: int


def trainers() -> list[str]:
    """The trainers that are measured where they exist."""
    return [name for name in ("paper", "fast") if (CONF_DIR / "trainer" / f"{name}.yaml").exists()]


def parse(text: str) -> list[Job]:
    """`paper:30,100` -> two jobs."""
    trainer, _, sizes = text.partition(":")
    if not (CONF_DIR / "trainer" / f"{trainer}.yaml").exists():
        raise argparse.ArgumentTypeError(f"there is no trainer {trainer}")
    try:
        return [Job(trainer, int(n)) for n in sizes.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: give it as {trainer}:30,100") from error


def run(arguments: list[str], folder: Path) -> Used:
    """Run Python with `arguments` in `folder` to its end.

    Raises:
        RuntimeError: it has failed; with the end of what it has printed.
    """
    output = folder / "output.txt"
    with output.open("w") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
        parent = child = 0
        try:
            while process.returncode is None:
                # The system keeps the peaks, so that a look now and then is enough.
                parent = max(parent, peak(process.pid))
                child = max([child, *map(peak, children(process.pid))])
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK)
        finally:
            process.kill()  # if this was interrupted
        seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)}:\n{output.read_text()[-2000:]}")
    return Used(seconds, parent, child)


def peak(pid: int) -> int:
    """Peak resident bytes of a process; 0 where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return 1024 * int(line.split()[1])
    return 0


def children(pid: int) -> list[int]:
    """Its child processes."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def start_up(samples: int, folder: Path, words: Sequence[str] = ()) -> Iterator[Row]:
    """The help, a job until it would train its first step, and a further job of a sweep beyond its search."""
    numbers = itertools.count()
    once = ["-c", UNTIL_FIRST_STEP, "logger=none", "repeats=1", *words, f"out={folder}"]
    tasks = {
        "--help": lambda: [run([*RUN, "--help"], folder).seconds],
        "until the first training step": lambda: [run([*once, f"name=first{next(numbers)}"], folder).seconds],
        "a further job of a sweep, beyond its search": lambda: further_jobs(folder, f"sweep{next(numbers)}", words),
    }
    for name, times in interleave(tasks, samples).items():
        yield Row("Start-up", {"what": name}, SECONDS, list(itertools.chain.from_iterable(times)))


def further_jobs(folder: Path, name: str, words: Sequence[str]) -> list[float]:
    """Seconds between two results of a sweep in one process, less those that the second one's search took."""
    sweep = ["-m", "logger=none", "trainer=debug", f"repeats={cores()}", f"search.n={SWEEP}"]
    run([*RUN, *sweep, *words, f"out={folder}", f"name={name}"], folder)
    finished = sorted((path.stat().st_mtime, path) for path in (folder / name).glob("**/result.npz"))
    # Every worker has one chunk.
    searches = [max(Result.load(path).meta["chunk_seconds"]) for _, path in finished]
    between = [after[0] - before[0] for before, after in itertools.pairwise(finished)]
    return [total - search for total, search in zip(between, searches[1:], strict=True)]


def whole(jobs: Sequence[Job], samples: int, folder: Path, words: Sequence[str] = ()) -> Iterator[Row]:
    """Whole jobs; the rows after every one of them, with the samples so far."""
    used: dict[Job, list[Used]] = {job: [] for job in jobs}
    for sample, job in itertools.product(range(samples), used):
        own = [f"trainer={job.trainer}", f"search.n={job.N}", f"repeats={job.repeats}"]
        used[job].append(run([*RUN, "logger=none", *own, *words, f"out={folder}", f"name=job{sample}"], folder))
        row = partial(Row, JOBS, asdict(job))
        yield row(SECONDS, [u.seconds for u in used[job]])
        yield row("peak memory of the process, MB", [u.parent / 1e6 for u in used[job]])
        if any(u.child for u in used[job]):
            yield row("of its largest worker, MB", [u.child / 1e6 for u in used[job]])
