"""The jobs of a sweep in Slurm, watched through its controller, and what became of those that could not say it.

Submitit asks `sacct`, which knows nothing where accounting is off: it would wait for ever for a job that was killed.
Needs the extra [cluster]; imported for cluster=slurm only.
"""

import re
import subprocess
import time
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob

from siamnas.jobs.monitor import Ended, SweepMonitor

DELAY = 30  # seconds between two questions at most; the controller remembers a job that has ended for five minutes
GONE = "GONE"  # the state of a job that the controller does not know any more
SAID = {
    "BOOT_FAIL": "its node did not start",
    "CANCELLED": "was cancelled",
    "COMPLETED": "has ended without a result",
    "DEADLINE": "reached its deadline",
    "FAILED": "has failed",
    "NODE_FAIL": "its node failed",
    "OUT_OF_MEMORY": "ran out of memory (hydra.launcher.mem_gb)",
    "TIMEOUT": "reached its time limit (hydra.launcher.timeout_min)",
    GONE: "is not known to Slurm any more",
}
"""State of a job that has ended for good -> what there is to say. One that Slurm takes up again has another."""

# Older versions of Slurm, and those without cgroups, say it in the log of the job and nowhere else.
KILLED_FOR_MEMORY = re.compile(r"^slurmstepd.*(exceeded \w* ?memory|oom.kill)", re.IGNORECASE | re.MULTILINE)


class Controller(SlurmInfoWatcher):
    """The states of jobs as `squeue` tells them."""

    def update(self) -> None:
        """Ask for all jobs that have not ended, once; a controller that does not answer is asked again later."""
        waiting = self._registered - self._finished
        self._last_status_check = time.time()
        if not waiting:
            return
        self._num_calls += 1
        numbers = ",".join(sorted({job.partition("_")[0] for job in waiting}))
        command = ["squeue", "--noheader", "--array", "--states=all", "--format=%i|%T", f"--jobs={numbers}"]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            return
        if told.returncode and "Invalid job id" not in told.stderr:
            return
        states = dict(line.strip().split("|") for line in told.stdout.splitlines() if "|" in line)
        for job in waiting:
            self._info_dict[job] = {"State": states.get(job, GONE)}
            if self._info_dict[job]["State"] in SAID:
                self._finished.add(job)

    def is_done(self, job_id: str, mode: str = "standard") -> bool:
        """Whether a job has ended for good."""
        return self.get_state(job_id, mode) in SAID


def watch(monitor: SweepMonitor) -> None:
    """Let submitit ask the controller, and a job that left no result be told to the sweep, which goes on with others.

    Args:
        board: of the sweep.
    """
    results = SlurmJob.results

    def results_or_reason(job: SlurmJob[Any]) -> list[Any]:
        job.wait()
        if job.paths.result_pickle.exists() or job.state in ("COMPLETED", GONE):
            try:
                return results(job)
            except Exception as error:  # it fell into pieces before or after our part of it
                reason = str(error).strip().splitlines()[-1]
        else:
            reason = SAID["OUT_OF_MEMORY" if KILLED_FOR_MEMORY.search(job.stderr() or "") else job.state]
        number = job.submission().args[2]
        monitor.post(number, Ended("failed", f"Slurm job {job.job_id} {reason}; see {job.paths.stderr}"))
        return [JobReturn(status=JobStatus.COMPLETED)]

    SlurmJob.watcher = Controller(DELAY)
    SlurmJob.results = results_or_reason  # type: ignore[method-assign,assignment]
