"""What Hydra does not say of a sweep: what is wrong before its first job, and what became of each."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hydra.core.utils import JobReturn
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from siamnas.cli.errors import refuse
from siamnas.config import hydra_internals, loaders
from siamnas.config.places import check_folders
from siamnas.errors import InputError
from siamnas.jobs import monitor, sweeps
from siamnas.runtime import terminal

if TYPE_CHECKING:
    from siamnas.experiment.dry_run import Checks

SWEEP = "SIAMNAS_SWEEP"  # process id of a sweep, for the workers that its launcher starts


@dataclass
class Started:
    """The sweep that this process has started, if it has.

    Attributes:
        watch: tells of its jobs.
        checks: have looked at its jobs, if they are done in this process.
    """

    watch: monitor.Watch | None = None
    checks: "Checks | None" = None

    def forget(self) -> None:
        """Before another command."""
        self.watch = self.checks = None


started = Started()


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
        jobs = self._checked(config)
        in_slurm = config.hydra.launcher._target_.endswith("SlurmLauncher")
        if in_slurm and not shutil.which("srun"):
            _refuse("cluster=slurm: there is no Slurm on this machine (srun is not on the path)")
        from siamnas.config.checked_sweeper import CheckedSweeper

        hydra_internals.plug_in(CheckedSweeper, config.hydra.sweeper)
        if in_slurm:
            from siamnas.jobs import slurm

            hydra_internals.plug_in(slurm.Launcher, config.hydra.launcher)
        os.environ[SWEEP] = str(os.getpid())
        folder = Path(config.hydra.sweep.dir)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.command == "search":
                sweeps.record(folder, config)
            self.monitor = monitor.SweepMonitor(folder, len(jobs))
        except OSError as error:
            _refuse(f"out: cannot write to {folder}: {error.strerror}")
        except InputError as error:
            _refuse(f"out: {error}")
        others = monitor.IN_SLURM if in_slurm else monitor.INTERRUPTED
        started.watch = monitor.Watch(self.monitor, sweeps.names(jobs), others)

    def _checked(self, config: DictConfig) -> list[list[str]]:
        """The overrides of the jobs, none of which has anything wrong."""
        from siamnas.experiment import dry_run

        if self.command == "measure":
            from siamnas.measure import evaluator

            check: dry_run.Check = evaluator.check
        else:
            checks = dry_run.Checks()
            check = checks.check
            if hydra_internals.runs_here(config):
                started.checks = checks
        loader = loaders.compose_once(config)
        try:
            OmegaConf.to_container(config.hydra.sweep, resolve=True)
            check_folders(config.hydra)
            jobs = sweeps.jobs_of(config)
            with terminal.doing(f"checking {len(jobs)} jobs"):
                wrong = list(dry_run.of_sweep(config, jobs, check, loader))
        except (HydraException, InputError, OmegaConfBaseException) as error:
            refuse(error, "measure" if self.command == "measure" else "config")
        if wrong:
            _refuse(*wrong, "nothing of the sweep was computed")
        return jobs

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Let progress say which job of how many this is."""
        terminal.place = f"job {config.hydra.job.num + 1} of {self.monitor.total}: " if self.monitor else ""

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Tell the sweep."""
        if self.monitor:
            self.monitor.post(config.hydra.job.num, job_return.return_value)


def _refuse(*messages: str) -> NoReturn:
    for message in messages:
        terminal.complain(message)
    sys.exit(2)
