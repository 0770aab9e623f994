"""`cluster=slurm` on a real Slurm."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siamnas.jobs.lease import LEASE, is_held
from siamnas.jobs.store import PARTS, RESULT
from tests.support import ROOT, Outcome

pytestmark = pytest.mark.slurm
SWEEP = (
    "cluster=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=1", "predictor=random", "repeats=2",
    "logger=none", "name=sweep",
)  # fmt: skip
WAITING = (*SWEEP, "predictor._target_=plugins.Waiting", "search.n=20,30")
HALFWAY = (*SWEEP, "predictor._target_=plugins.Halfway", "search.n=20,30", "trainer.chunk=1", "trainer.threads=1")
AT = "search.n=20"  # the job that waits until there is a file `go`


def results(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob(RESULT)}


def until(true: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


class Sweep:
    """A sweep in a process of its own, whose jobs take orders from the test.

    Args:
        folder: where it runs, and what is said to Slurm.
        environment: in which Slurm is found.
        words: of its command line.
        enter: words before a command that let it run on another host.
    """

    def __init__(
        self, folder: Path, environment: dict[str, str], words: tuple[str, ...], enter: tuple[str, ...] = ()
    ) -> None:
        self.folder, self.enter = folder, enter
        self.environment = os.environ | environment | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        command = [*enter, sys.executable, "-m", "siamnas.run", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=folder, env=self.environment, **pipes)

    def outcome(self) -> Outcome:
        out, err = self.process.communicate(timeout=1200)
        return Outcome(self.process.returncode, out, err)

    def running(self) -> Path | None:
        """The folder of the job that waits, once it runs."""
        return next((path.parent for path in self.folder.rglob(f"n=20,*/{LEASE}") if is_held(path)), None)

    def ask(self, *command: str) -> str:
        command = (*self.enter, *command)
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30).stdout

    def jobs(self) -> set[str]:
        """The numbers of those that have not ended."""
        return set(self.ask("squeue", "--noheader", "--array", "--format=%i").split())

    def job(self) -> str:
        """The number of the job that waits: the first of the last array; one of before may still be ending."""
        return max((job for job in self.jobs() if job.endswith("_0")), key=lambda job: int(job.split("_")[0]))


@pytest.fixture
def start(slurm: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Sweep]]:
    """Start a sweep and wait until its job at N = 20 runs; in the end no process and no job is left."""
    started: list[Sweep] = []

    def begin(*words: str, until_running: bool = True) -> Sweep:
        started.append(sweep := Sweep(tmp_path, slurm, words))
        if until_running:
            until(sweep.running)
        return sweep

    yield begin
    (tmp_path / "go").touch()
    for sweep in started:
        sweep.process.kill()
        sweep.process.communicate()
        sweep.ask("scancel", "--partition=debug")
        until(lambda sweep=sweep: not sweep.ask("squeue", "--noheader"))


@contextmanager
def left_alone(folder: Path) -> Iterator[None]:
    """What is done is not done again."""
    before = results(folder)
    yield
    assert before and before.items() <= results(folder).items()


def test_all_jobs_of_a_sweep_arrive_and_are_not_done_again(
    slurm: dict[str, str], process: Callable[..., Outcome], tmp_path: Path
):
    words = (*SWEEP, "search.n=20,30", "seed=0,10")
    first = process(*words, **slurm)
    assert first.code == 0, first.err
    assert len(results(tmp_path)) == 4 and first.out.endswith("4 jobs: 4 done\n")
    assert " 4 of 4 jobs: " in first.err and "sacct" not in first.err
    with left_alone(tmp_path):
        again = process(*words, **slurm)
    assert again.code == 0 and again.out.endswith("4 jobs: 4 skipped\n")


@pytest.mark.slow
def test_of_a_hundred_jobs_none_is_lost_or_done_twice(start: Callable[..., Sweep], tmp_path: Path):
    shown = start(*SWEEP, "search.n=10", "seed=range(100)", until_running=False).outcome()
    assert shown.code == 0 and shown.out.endswith("100 jobs: 100 done\n")
    logs = [path.with_name("run.log").read_text().splitlines() for path in results(tmp_path)]
    assert len(logs) == 100 and all(sum(" job " in line for line in log) == 1 for log in logs)


def test_a_job_is_cancelled(start: Callable[..., Sweep], tmp_path: Path):
    sweep = start(*WAITING)
    sweep.ask("scancel", sweep.job())
    shown = sweep.outcome()
    assert shown.code == 1 and "2 jobs: 1 done, 1 failed" in shown.out
    assert re.search(rf"{AT} +failed +Slurm job \d+_0 was cancelled; see ", shown.out)
    assert "1 of 2 jobs failed; the same command goes on" in shown.err and "sacct" not in shown.err
    (tmp_path / "go").touch()
    with left_alone(tmp_path):
        again = start(*WAITING, until_running=False).outcome()
    assert again.code == 0 and "2 jobs: 1 done, 1 skipped" in again.out


def test_a_job_takes_too_much_memory(start: Callable[..., Sweep]):
    shown = start(*SWEEP, "predictor._target_=plugins.Greedy", "search.n=20,30").outcome()
    assert shown.code == 1 and "2 jobs: 1 done, 1 failed" in shown.out
    assert re.search(rf"{AT} +failed +Slurm job \d+_0 ran out of memory", shown.out)


def test_a_job_takes_too_long(start: Callable[..., Sweep], tmp_path: Path):
    shown = start(*WAITING, "hydra.launcher.timeout_min=1", "hydra.launcher.signal_delay_s=1").outcome()
    assert shown.code == 1 and "2 jobs: 1 done, 1 failed" in shown.out
    assert re.search(rf"{AT} +failed +.*(timed-out|reached its time limit)", shown.out)
    assert len(results(tmp_path)) == 1


def test_the_shell_dies_and_another_comes(start: Callable[..., Sweep], tmp_path: Path):
    """The jobs go on without it; a second sweep meanwhile loses nothing and does nothing twice."""
    first = start(*WAITING)
    until(lambda: results(tmp_path))
    first.process.kill()
    first.process.communicate()
    with left_alone(tmp_path):
        second = start(*WAITING).outcome()
        assert second.code == 0 and "2 jobs: 1 skipped, 1 running" in second.out
        assert "1 job was left to other processes" in second.err
    (tmp_path / "go").touch()
    until(lambda: len(results(tmp_path)) == 2)
    until(lambda: not first.running())
    with left_alone(tmp_path):
        third = start(*WAITING, until_running=False).outcome()
    assert third.code == 0 and "2 jobs: 2 skipped" in third.out


def first_repeat(folder: Path) -> Path | None:
    """What the job that waits has written of its first repeat; nothing before the other job has ended."""
    return next(folder.rglob(f"n=20,*/{PARTS}/0-0.npz"), None) if results(folder) else None


def goes_on(sweep: Sweep, job: str, first: Path) -> None:
    """Slurm has taken a job from its node after one of two repeats: it starts again, and computes the other one."""
    written = first.stat().st_mtime_ns
    until(lambda: sweep.ask("squeue", "--noheader", "--states=pending"))
    (sweep.folder / "go").touch()
    sweep.ask("scontrol", "update", f"JobId={job}", "StartTime=now")  # Slurm would wait for two minutes
    until(lambda: not first.exists() or first.stat().st_mtime_ns == written and sweep.running())
    shown = sweep.outcome()
    assert shown.code == 0 and "2 jobs: 2 done" in shown.out
    assert "1 of 2 repeats are already on disk" in (first.parent.parent / "run.log").read_text()


def test_a_job_is_preempted(start: Callable[..., Sweep], tmp_path: Path):
    sweep = start(*HALFWAY)
    until(lambda: first_repeat(tmp_path))
    job, first = sweep.job(), first_repeat(tmp_path)
    sweep.ask("scontrol", "requeue", job)
    goes_on(sweep, job, first)


def test_the_node_of_a_job_loses_its_power(
    start: Callable[..., Sweep], power_failure: Callable[[], None], tmp_path: Path
):
    sweep = start(*HALFWAY)
    until(lambda: first_repeat(tmp_path))
    job, first = sweep.job(), first_repeat(tmp_path)
    until(lambda: len(sweep.jobs()) == 1)
    power_failure()
    goes_on(sweep, job, first)
