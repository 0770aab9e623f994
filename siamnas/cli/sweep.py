"""What Hydra does not say of a sweep: what is wrong before its first job, and what became of each."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins import basic_sweeper
from hydra.core.utils import JobReturn
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from siamnas.cli.errors import refuse
from siamnas.errors import InputError
from siamnas.jobs import monitor, sweeps
from siamnas.runtime import terminal

SWEEP = "SIAMNAS_SWEEP"  # process id of a sweep, for the workers that its launcher starts

watches: list[monitor.Watch] = []  # of the sweep that this process has started


class Sweep(Callback):
    """What Hydra does not say of a sweep: what is wrong before its first job, and what became of each.

    It travels with the jobs to the processes and machines that do them.

    Args:
        command: `search` or `measure`; `siamnas status` knows the jobs of searches only.
    """

    def __init__(self, command: str = "search") -> None:
        self.command = command
        self.monitor: monitor.SweepMonitor | None = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check all jobs and look for Slurm, make the folder of the sweep and write them down, or end with status 2."""
        from siamnas.experiment import dry_run

        if self.command == "measure":
            from siamnas.measure import evaluator

            check: dry_run.Check = evaluator.check
        else:
            check = dry_run.of_jobs()
        try:
            jobs = sweeps.jobs_of(config)
            wrong = list(dry_run.of_sweep(config, jobs, check))
        except (HydraException, OmegaConfBaseException) as error:
            refuse(error, "measure" if self.command == "measure" else "config")
        if wrong:
            for message in wrong:
                terminal.complain(message)
            terminal.complain("nothing of the sweep was computed")
            sys.exit(2)
        in_slurm = config.hydra.launcher._target_.endswith("SlurmLauncher")
        if in_slurm and not shutil.which("srun"):
            terminal.complain("cluster=slurm: there is no Slurm on this machine (srun is not on the path)")
            sys.exit(2)
        # Hydra would compose every job once more before the first one starts: a minute for 500. The class is the one of
        # now: looking for plugins, Hydra makes it anew.
        basic_sweeper.BasicSweeper.validate_batch_is_legal = lambda *_: None  # type: ignore[method-assign]
        os.environ[SWEEP] = str(os.getpid())
        folder = Path(config.hydra.sweep.dir)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.command == "search":
                sweeps.record(folder, config)
            self.monitor = monitor.SweepMonitor(folder, len(jobs))
        except OSError as error:
            terminal.complain(f"out: cannot write to {folder}: {error.strerror}")
            sys.exit(2)
        except InputError as error:
            terminal.complain(f"out: {error}")
            sys.exit(2)
        if in_slurm:
            from siamnas.jobs import slurm

            slurm.watch(self.monitor)
        names = sweeps.names(jobs)
        watches.append(monitor.Watch(self.monitor, names, monitor.IN_SLURM if in_slurm else monitor.INTERRUPTED))

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Let progress say which job of how many this is."""
        terminal.place = f"job {config.hydra.job.num + 1} of {self.monitor.total}: " if self.monitor else ""

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Tell the sweep."""
        if self.monitor:
            self.monitor.post(config.hydra.job.num, job_return.return_value)
