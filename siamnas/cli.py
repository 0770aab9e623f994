"""The command line: Hydra composes, every job runs guarded, errors become messages and exit codes.

Exit codes: 0 all done (or done before), 1 a job or an architecture failed, 2 bad input, 3 other processes are at all
that is missing, 130 interrupted, 143 ended by SIGTERM. A sweep goes past the jobs that other processes compute, and
says so at the end.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import ConfigCompositionException, HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from siamnas import overrides, terminal
from siamnas.compose import CONF_DIR, quoted, said
from siamnas.errors import InputError, PartlyFailed
from siamnas.explain import check_options, explain
from siamnas.interrupt import INTERRUPTED, Terminated, ended_by_sigterm
from siamnas.jobs import sweeps

FULL_ERROR = "HYDRA_FULL_ERROR"
# The first word of a command line without Hydra -> the module whose `main` takes the others.
PROGRAMS = {
    "report": "siamnas.report.command",
    "rerun": "siamnas.rerun",
    "status": "siamnas.jobs.status",
    "search": "siamnas.search.command",
}
GOES_ON = "the same command goes on with what is missing"
SWEEP = "SIAMNAS_SWEEP"  # process id of a sweep, for the workers that its launcher starts

elsewhere: list[str] = []  # jobs of a sweep in this process that other processes compute
recorded: list[Path] = []  # where this process has written down its sweep


class JobFailed(Exception):
    """A job of a sweep has failed, and it has been said why: Hydra goes on with the others and ends with status 1."""


def search(cfg: DictConfig) -> None:
    """Run one job of `siamnas` or `siamnas run`."""
    with guarded():
        from siamnas import config
        from siamnas.run import run

        hydra_cfg = HydraConfig.get()
        words = [*hydra_cfg.overrides.task, *overrides.own_folders(hydra_cfg)]
        run(config.load(cfg, hydra_cfg.runtime.choices, words))


def draw(cfg: DictConfig) -> None:
    """Draw what `siamnas figure` asks for."""
    with guarded():
        from siamnas import figure

        figure.load(cfg, HydraConfig.get().runtime.choices).draw()


def measure(cfg: DictConfig) -> None:
    """Measure what `siamnas measure` asks for."""
    with guarded():
        from siamnas.measuring import run, settings

        run.run(settings.load(cfg, HydraConfig.get().runtime.choices))


@contextmanager
def guarded() -> Iterator[None]:
    """Say what goes wrong in a job; end with its exit code, or in a sweep with `JobFailed`."""
    from siamnas.jobs.claim import Busy

    terminal.set_up()  # a worker of a sweep has not done so
    if os.environ.get(SWEEP) == str(os.getppid()):
        from siamnas import parallel

        parallel.end_with_parent()
    alone = HydraConfig.get().mode == RunMode.RUN
    try:
        yield
        return
    except Busy as busy:
        terminal.err.print(f"left out: {busy}", markup=False, highlight=False)
        if alone:
            sys.exit(3)
        elsewhere.append(str(busy))
        return
    except InputError as error:
        message, status = str(error), 2
    except PartlyFailed as error:
        message, status = str(error), 1
    except Exception as error:  # logged with its traceback where it happened
        message, status = f"{type(error).__name__}: {error}", 1
    terminal.complain(message)
    if alone:
        sys.exit(status)
    raise JobFailed(message)


class SweepStart(Callback):
    """What a sweep needs before its first job, said clearly where Hydra would end with a traceback; and its record.

    Args:
        command: `search` or `measure`; `siamnas status` knows the jobs of searches only.
    """

    def __init__(self, command: str = "search") -> None:
        self.command = command

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check all jobs, make the folder of the sweep, write them down and look for Slurm, or end with status 2."""
        from siamnas import checks

        if self.command == "measure":
            from siamnas.measuring import bench

            check: checks.Check = bench.check
        else:
            check = checks.of_jobs()
        try:
            wrong = list(checks.of_sweep(config, sweeps.jobs_of(config), check))
        except (HydraException, OmegaConfBaseException):
            return  # Hydra finds it too, and ends; see `compose_and`
        if wrong:
            for message in wrong:
                terminal.complain(message)
            terminal.complain("nothing of the sweep was computed")
            sys.exit(2)
        os.environ[SWEEP] = str(os.getpid())
        folder = Path(config.hydra.sweep.dir)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self.command == "search" and (path := sweeps.record(folder, config)):
                recorded.append(path)
        except OSError as error:
            terminal.complain(f"out: cannot write to {folder}: {error.strerror}")
            sys.exit(2)
        except InputError as error:
            terminal.complain(f"out: {error}")
            sys.exit(2)
        if config.hydra.launcher._target_.endswith("SlurmLauncher") and not shutil.which("srun"):
            terminal.complain("cluster=slurm: there is no Slurm on this machine (srun is not on the path)")
            sys.exit(2)


def main() -> None:
    """Entry point of `siamnas`, `python -m siamnas` and `python -m siamnas.run`."""
    see_current_folder()
    command, words = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if command in PROGRAMS:
        import_module(PROGRAMS[command]).main(words)
    elif command == "figure":
        from siamnas import figure

        words = overrides.named_first(words, "figure")
        try:
            figure.check_words(words)
        except InputError as error:
            terminal.complain(str(error))
            sys.exit(2)
        compose_and(draw, "figure", words)
    elif command == "measure" and words[:1] == ["export"]:
        from siamnas.measuring import export

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


def compose_and(task: Callable[[DictConfig], None], primary: str, arguments: list[str]) -> None:
    """Let Hydra compose a configuration and call a task with it, once or for every job of a sweep.

    Args:
        task: one of this module, so that the process of a launcher finds it.
        primary: name of the primary config.
        arguments: of the command line.
    """
    terminal.set_up()
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
    elsewhere.clear()
    recorded.clear()
    try:
        with ended_by_sigterm():
            hydra.main(config_path=str(CONF_DIR), config_name=primary, version_base="1.3")(task)()
        if elsewhere:
            left = f"{len(elsewhere)} {'jobs were' if len(elsewhere) > 1 else 'job was'} left to other processes"
            terminal.err.print(f"{left}; siamnas status shows how far they are" if primary == "config" else left)
    except KeyboardInterrupt:
        terminal.complain(f"interrupted; {GOES_ON}")
        sys.exit(INTERRUPTED)
    except Terminated:
        terminal.complain(f"ended by SIGTERM; {GOES_ON}")
        raise
    except JobFailed:
        terminal.complain("not all jobs of the sweep are done (see above); the same command runs what is missing")
        sys.exit(1)
    except (HydraException, OmegaConfBaseException) as error:
        if isinstance(error, ConfigCompositionException):  # no job of it can ever be computed
            for path in recorded:
                path.unlink(missing_ok=True)
        if wants_traceback:
            raise
        for message in explain(arguments, primary) or [said(error)]:
            terminal.complain(message)
        sys.exit(2)
