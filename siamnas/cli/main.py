"""The command line: Hydra composes, every job runs guarded, errors become messages and exit codes.

Exit codes: 0 all done (or done before), 1 a job or an architecture failed, 2 bad input, 3 other processes are at all
that is missing, 130 interrupted, 143 ended by SIGTERM. A sweep goes past the jobs that other processes compute, and
says so at the end.
"""

import os
import shlex
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra._internal.core_plugins import basic_sweeper
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from siamnas import __version__
from siamnas.config import overrides
from siamnas.runtime import terminal
from siamnas.config.compose import CONF_DIR, quoted, said
from siamnas.errors import InputError, PartlyFailed
from siamnas.config.hydra_errors import check_options, explain
from siamnas.runtime.interrupt import INTERRUPTED, Terminated, ended_by_sigterm
from siamnas.jobs import monitor, sweeps
from siamnas.jobs.record import first_line

FULL_ERROR = "HYDRA_FULL_ERROR"
# The first word of a command line without Hydra -> the module whose `main` takes the others.
PROGRAMS = {
    "report": "siamnas.cli.report",
    "rerun": "siamnas.cli.rerun",
    "status": "siamnas.cli.status",
    "search": "siamnas.cli.search",
}
GOES_ON = "the same command goes on with what is missing"
SWEEP = "SIAMNAS_SWEEP"  # process id of a sweep, for the workers that its launcher starts

watches: list[monitor.Watch] = []  # of the sweep that this process has started


def search(cfg: DictConfig) -> monitor.Ended:
    """Run one job of `siamnas` or `siamnas run`."""

    def job() -> monitor.Ended:
        from siamnas.experiment import job
        from siamnas.jobs.summary import headline
        from siamnas.runner import run, show

        hydra_cfg = HydraConfig.get()
        words = [*overrides.given(hydra_cfg.overrides.task), *overrides.own_folders(hydra_cfg)]
        done = run(job.load(cfg, hydra_cfg.runtime.choices, words))
        if hydra_cfg.mode == RunMode.RUN:
            show(done)
        said = headline(done.result)
        return monitor.Ended("skipped", f"done before: {said}") if done.before else monitor.Ended("done", said)

    return guarded(job)


def draw(cfg: DictConfig) -> monitor.Ended:
    """Draw what `siamnas figure` asks for."""

    def job() -> monitor.Ended:
        from siamnas.cli import figure

        figure.load(cfg, HydraConfig.get().runtime.choices).draw()
        return monitor.Ended("done")

    return guarded(job)


def measure(cfg: DictConfig) -> monitor.Ended:
    """Measure what `siamnas measure` asks for."""

    def job() -> monitor.Ended:
        from siamnas.measure import run, settings

        run.run(settings.load(cfg, HydraConfig.get().runtime.choices))
        return monitor.Ended("done")

    return guarded(job)


def guarded(job: Callable[[], monitor.Ended]) -> monitor.Ended:
    """Do a job and say what goes wrong in it: by a message and an exit code, or to the sweep that it is of."""
    from siamnas.jobs.lease import Busy

    terminal.set_up()  # a worker of a sweep has not done so
    if os.environ.get(SWEEP) == str(os.getppid()):
        from siamnas.runtime import parallel

        parallel.end_with_parent()
    alone = HydraConfig.get().mode == RunMode.RUN
    began = time.perf_counter()
    try:
        return replace(job(), seconds=time.perf_counter() - began)
    except Busy as busy:
        if alone:
            terminal.err.print(f"left out: {busy}", markup=False, highlight=False)
            sys.exit(3)
        return monitor.Ended("running", str(busy))
    except InputError as error:
        message, status = str(error), 2
    except PartlyFailed as error:
        message, status = str(error), 1
    except Exception as error:  # logged with its traceback where it happened
        message, status = f"{type(error).__name__}: {error}", 1
    if alone:
        terminal.complain(message)
        sys.exit(status)
    return monitor.Ended("failed", message, time.perf_counter() - began)


class Sweep(Callback):
    """What Hydra does not say of a sweep: what is wrong before its first job, and what became of each.

    It travels with the jobs to the processes and machines that do them.

    Args:
        command: `search` or `measure`; `siamnas status` knows the jobs of searches only.
    """

    def __init__(self, command: str = "search") -> None:
        self.command = command
        self.board: monitor.Board | None = None

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
        in_slurm = job.hydra.launcher._target_.endswith("SlurmLauncher")
        if in_slurm and not shutil.which("srun"):
            terminal.complain("cluster=slurm: there is no Slurm on this machine (srun is not on the path)")
            sys.exit(2)
        # Hydra would compose every job once more before the first one starts: a minute for 500. The class is the one of
        # now: looking for plugins, Hydra makes it anew.
        basic_sweeper.BasicSweeper.validate_batch_is_legal = lambda *_: None  # type: ignore[method-assign]
        os.environ[SWEEP] = str(os.getpid())
        folder = Path(job.hydra.sweep.dir)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.command == "search":
                sweeps.record(folder, config)
            self.board = monitor.Board(folder, len(jobs))
        except OSError as error:
            terminal.complain(f"out: cannot write to {folder}: {error.strerror}")
            sys.exit(2)
        except InputError as error:
            terminal.complain(f"out: {error}")
            sys.exit(2)
        if in_slurm:
            from siamnas.jobs import slurm

            slurm.watch(self.board)
        names = sweeps.names(jobs)
        watches.append(monitor.Watch(self.board, names, monitor.IN_SLURM if in_slurm else monitor.INTERRUPTED))

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Let progress say which job of how many this is."""
        terminal.place = f"job {job.hydra.job.num + 1} of {self.board.total}: " if self.board else ""

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Tell the sweep."""
        if self.board:
            self.board.post(job.hydra.job.num, job_return.return_value)


def main() -> None:
    """Entry point of `siamnas`, `python -m siamnas` and `python -m siamnas.run`."""
    with terminal.quiet_pipe():
        dispatch()


def dispatch() -> None:
    """Call what the command line names."""
    see_current_folder()
    command, words = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if command in PROGRAMS:
        import_module(PROGRAMS[command]).main(words)
    elif command == "figure":
        from siamnas.cli import figure

        words = overrides.named_first(words, "figure")
        try:
            figure.check_words(words)
        except InputError as error:
            terminal.complain(str(error))
            sys.exit(2)
        compose_and(draw, "figure", words)
    elif command == "measure" and words[:1] == ["export"]:
        from siamnas.cli import export

        export.main(words[1:])
    elif command == "measure":
        compose_and(measure, "measure", words)
    else:
        compose_and(search, "config", words if command == "run" else sys.argv[1:])


def see_current_folder() -> None:
    """Let a config name the classes of the current folder, as `python -m` does for what it runs."""
    here = str(Path.cwd())
    if not sys.flags.safe_path and here not in sys.path:
        sys.path.insert(0, here)


def compose_and(task: Callable[[DictConfig], Any], primary: str, arguments: list[str]) -> None:
    """Let Hydra compose a configuration and call a task with it, once or for every job of a sweep.

    Args:
        task: one of this module, so that the process of a launcher finds it.
        primary: name of the primary config.
        arguments: of the command line.
    """
    terminal.set_up()
    if "--version" in arguments:
        print(f"siamnas {__version__}")
        return
    command_line = f"python -m siamnas.run {shlex.join(sys.argv[1:])}"
    arguments = [quoted(word) for word in arguments]
    try:
        check_options(arguments)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    sys.argv[1:] = arguments
    # With this variable Hydra lets its exceptions through, instead of printing them and ending the process.
    wants_traceback = os.environ.get(FULL_ERROR) == "1"
    os.environ[FULL_ERROR] = "1"
    watches.clear()
    try:
        try:
            with ended_by_sigterm():
                hydra.main(config_path=str(CONF_DIR), config_name=primary, version_base="1.3")(task)()
        finally:
            for watch in watches:
                watch.close()
    except KeyboardInterrupt:
        for watch in watches:
            watch.summary(watch.interrupted)
        terminal.complain(f"interrupted; {GOES_ON}")
        sys.exit(INTERRUPTED)
    except Terminated:
        terminal.complain(f"ended by SIGTERM; {GOES_ON}")
        raise
    except (HydraException, OmegaConfBaseException) as error:
        if wants_traceback:
            raise
        refuse(error, primary)
    except Exception as error:  # of a launcher, one of whose processes was killed
        if not watches or wants_traceback:
            raise
        terminal.complain(f"the sweep was cut off: {first_line(error)}")
    counts = watches[0].summary(monitor.SILENT) if watches else Counter()
    if running := counts["running"]:
        left = f"{running} {'jobs were' if running > 1 else 'job was'} left to other processes"
        terminal.err.print(f"{left}; siamnas status shows how far they are" if primary == "config" else left)
    if lost := counts["failed"] + counts["missing"]:
        terminal.complain(f"{lost} of {counts.total()} jobs failed; {GOES_ON}:")
        terminal.err.print(f"  {command_line}", markup=False, highlight=False)
        sys.exit(1)


def refuse(error: Exception, primary: str) -> NoReturn:
    """Say what is wrong with a command line that can't be composed, and end with status 2."""
    for message in explain(sys.argv[1:], primary) or [said(error)]:
        terminal.complain(message)
    sys.exit(2)
