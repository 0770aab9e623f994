"""The jobs of a sweep in Slurm, watched through its controller, and what became of those that could not say it.

Submitit asks `sacct`, which knows nothing where accounting is off: it would wait for ever for a job that was killed.
Needs the extra [cluster]; imported for cluster=slurm only.
"""

import copy
import dataclasses
import re
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import submitit
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.hydra_submitit_launcher.config import BaseQueueConf
from hydra_plugins.hydra_submitit_launcher.submitit_launcher import SlurmLauncher
from omegaconf import open_dict
from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob

from siamnas.jobs.monitor import Ended

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


class Job(SlurmJob[Any]):
    """A job that is watched through the controller."""

    watcher = Controller(DELAY)

    def outcome(self) -> Any:
        """Wait for what the job has returned; `Ended` for one that was killed, or fell into pieces around our part."""
        self.wait()
        if self.paths.result_pickle.exists() or self.state in ("COMPLETED", GONE):
            try:
                return self.results()[0]
            except Exception as error:
                reason = str(error).strip().splitlines()[-1]
        else:
            reason = SAID["OUT_OF_MEMORY" if KILLED_FOR_MEMORY.search(self.stderr() or "") else self.state]
        return Ended("failed", f"Slurm job {self.job_id} {reason}; see {self.paths.stderr}")


class Launcher(SlurmLauncher):
    """Hydra's launcher, where a job that left no result is told to the sweep, which goes on with others."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Put all jobs into the queue, and wait for them."""
        numbers = range(initial_job_idx, initial_job_idx + len(job_overrides))
        state = Singleton.get_state()
        arguments = [
            (list(words), "hydra.sweep.dir", number, f"job_id_for_{number}", state)
            for number, words in zip(numbers, job_overrides, strict=True)
        ]
        executor = self._executor()
        submitted = executor.map_array(self, *zip(*arguments, strict=True))
        # Submitit's own class of jobs asks sacct; ours names the same jobs.
        jobs = [Job(executor.folder, job.job_id, range(job.num_tasks)) for job in submitted]
        return [self._returned(number, job) for number, job in zip(numbers, jobs, strict=True)]

    def _executor(self) -> submitit.AutoExecutor:
        """Submitit's, with what the configuration says of it; parameters that only Slurm has get a prefix."""
        params = dict(self.params)
        folder, timeouts = params.pop("submitit_folder"), params.pop("max_num_timeout")
        executor = submitit.AutoExecutor(folder, cluster="slurm", slurm_max_num_timeout=timeouts)
        common = {field.name for field in dataclasses.fields(BaseQueueConf)}
        executor.update_parameters(**{key if key in common else f"slurm_{key}": params[key] for key in params})
        return executor

    def _returned(self, number: int, job: Job) -> JobReturn:
        """What a job has returned; for one that could not tell the sweep itself, it is told here."""
        outcome = job.outcome()
        if not isinstance(outcome, Ended):
            return outcome
        returned = JobReturn(status=JobStatus.COMPLETED)
        returned.return_value = outcome
        config = copy.deepcopy(self.config)
        with open_dict(config):
            config.hydra.job.num = number
        self.hydra_context.callbacks.on_job_end(config=config, job_return=returned)
        return returned
