"""Two hosts whose clocks differ by an hour: leases, requeue and takeover of jobs, and a journal that both write."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import siamnas
from siamnas.jobs.lease import LEASE
from siamnas.runtime.lease import STALE
from tests.search.test_shared import JOB
from tests.slurm.conftest import Host, started
from tests.slurm.hosts import clock, hosts, missing, power_off
from tests.slurm.test_sweep import HALFWAY, WAITING, Sweep, first_repeat, goes_on, left_alone, results, until
from tests.support import ROOT

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "none")]
AHEAD = "+1h"
CLOCK = """#!/bin/sh
[ "$(hostname)" = late ] && for word in {words}; do echo "export $word"; done
true
"""
HOLD = """
import sys, time
from pathlib import Path
from siamnas.runtime import lease
lease.BEAT = 0.1
own = lease.Lease(Path(sys.argv[1]), "a job")
own.take()
with own.kept():
    print("taken", time.time(), flush=True)
    time.sleep(100)
"""
TAKE = """
import sys, time
from pathlib import Path
from siamnas.runtime.lease import Busy, Lease
try:
    Lease(Path(sys.argv[1]), "a job").take()
    print("taken", time.time())
except Busy as busy:
    print(busy, time.time())
"""


@pytest.fixture(scope="module")
def three() -> Iterator[list[Host]]:
    """A head, and two nodes: jobs go to `late` first, whose clock is an hour ahead."""
    with hosts({"head": 1, "late": 1, "early": 2}) as found:
        yield found


def python(host: Host, *words: str) -> list[str]:
    """A command on a host, whose clock is its own."""
    ahead = [f"{key}={value}" for key, value in clock(AHEAD).items()] if host.name == "late" else []
    return [*host.enter, "env", f"PYTHONPATH={ROOT}", *ahead, sys.executable, *words]


@pytest.mark.parametrize("first", ["late", "early"])
def test_a_lease_is_kept_and_taken_over(three: list[Host], tmp_path: Path, first: str):
    path = tmp_path / LEASE
    owner, other = sorted(three[1:], key=lambda host: host.name != first)
    take = python(other, "-c", TAKE, str(path))
    with subprocess.Popen(python(owner, "-c", HOLD, str(path)), stdout=subprocess.PIPE, text=True) as holder:
        said, there = holder.stdout.readline().split()
        assert said == "taken" and json.loads(path.read_text())["host"] == first
        before = path.stat().st_mtime
        until(lambda: path.stat().st_mtime > before, 20)
        busy, here = subprocess.check_output(take, text=True).rsplit(maxsplit=1)
        assert busy.startswith(f"a job is being computed by process {json.loads(path.read_text())['pid']} on {first}")
        assert abs(abs(float(there) - float(here)) - 3600) < 60, "the clocks differ"
        power_off(owner)
    assert "is being computed" in subprocess.check_output(take, text=True), "nobody can see that its owner has ended"
    os.utime(path, (time.time() - STALE - 10,) * 2)
    assert subprocess.check_output(take, text=True).startswith("taken")
    assert json.loads(path.read_text())["host"] == other.name


def test_a_journal_is_shared(three: list[Host], tmp_path: Path):
    jobs = [
        subprocess.Popen(python(host, "-c", JOB, str(tmp_path), ""), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for host in three[1:] * 2
    ]
    until(lambda: (tmp_path / "journal.jsonl").exists() and jobs[0].stdout.readline())
    jobs[0].send_signal(signal.SIGKILL)
    lost = jobs[0].communicate()[0]
    every = [int(line) for job in jobs[1:] for line in job.communicate()[0].split()]
    assert [job.returncode for job in jobs[1:]] == [0] * 3 and len(every) == len(set(every)), lost
    with siamnas.Search.open(tmp_path) as search:
        assert search.done and set(every) <= set(search.values) and len(search.values) == 24


@pytest.fixture(scope="module")
def two_nodes(three: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a Slurm with two nodes, on one of which the clock of the jobs is an hour ahead."""
    at = tmp_path_factory.mktemp("slurm")
    script = at / "clock"
    script.write_text(CLOCK.format(words=" ".join(f"{key}={value}" for key, value in clock(AHEAD).items())))
    script.chmod(0o755)
    with started(at, three[0], three[1:], f"TaskProlog={script}") as environment:
        yield environment


@pytest.fixture
def start(two_nodes: dict[str, str], three: list[Host], tmp_path: Path) -> Iterator[Callable[..., Sweep]]:
    """Start a sweep on the head; in the end no process and no job is left."""
    begun: list[Sweep] = []

    def begin(*words: str) -> Sweep:
        begun.append(sweep := Sweep(tmp_path, two_nodes, words, three[0].enter))
        return sweep

    yield begin
    (tmp_path / "go").touch()
    for sweep in begun:
        sweep.process.kill()
        sweep.process.communicate()
        sweep.ask("scancel", "--partition=debug")
        until(lambda sweep=sweep: not sweep.ask("squeue", "--noheader"))


def owners(folder: Path) -> list[str]:
    """The hosts that have the lease on the job that waits."""
    return [json.loads(path.read_text())["host"] for path in folder.rglob(f"n=20,*/{LEASE}")]


def test_jobs_run_on_both_and_a_second_sweep_leaves_them_alone(start: Callable[..., Sweep], tmp_path: Path):
    start(*WAITING)
    until(lambda: results(tmp_path) and owners(tmp_path))
    assert owners(tmp_path) == ["late"]
    (done,) = results(tmp_path)
    assert json.loads((done.parent / "job.json").read_text())["host"] == "early"
    with left_alone(tmp_path):
        second = start(*WAITING).outcome()
        assert second.code == 0 and "2 jobs: 1 skipped, 1 running" in second.out
    (tmp_path / "go").touch()
    until(lambda: len(results(tmp_path)) == 2)


@pytest.mark.parametrize("how", ["requeued", "without power"])
def test_a_job_goes_on_on_the_other_node(start: Callable[..., Sweep], three: list[Host], tmp_path: Path, how: str):
    sweep = start(*HALFWAY)
    until(lambda: first_repeat(tmp_path))
    assert owners(tmp_path) == ["late"]
    job, first = sweep.job(), first_repeat(tmp_path)
    until(lambda: len(sweep.jobs()) == 1)
    if how == "requeued":
        sweep.ask("scontrol", "update", "NodeName=late", "State=DRAIN", "Reason=test")
        sweep.ask("scontrol", "requeue", job)
    else:
        power_off(three[1])
        sweep.ask("scontrol", "update", "NodeName=late", "State=DOWN", "Reason=test")
    goes_on(sweep, job, first)
    (done,) = [path for path in results(tmp_path) if "n=20," in str(path)]
    assert json.loads((done.parent / "job.json").read_text())["host"] == "early"
    sweep.ask("scontrol", "update", "NodeName=late", "State=RESUME")
