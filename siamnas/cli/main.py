"""The command line: Hydra composes, every job runs guarded, errors become messages and exit codes.

Exit codes: 0 all done (or done before), 1 a job or an architecture failed, 2 bad input, 3 other processes are at all
that is missing, 130 interrupted, 143 and 129 ended by SIGTERM and SIGHUP. A sweep goes past the jobs that other
processes compute, and says so at the end.
"""

import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from siamnas import __version__
from siamnas.cli.errors import refuse
from siamnas.cli.help import described
from siamnas.cli.sweep import SWEEP, started
from siamnas.config import hydra_internals, loaders, overrides
from siamnas.config.compose import CONF_DIR, check_own, quoted
from siamnas.config.environment import without_secrets
from siamnas.config.hydra_errors import check_options, given_to_hydra
from siamnas.config.validate import near
from siamnas.errors import InputError, PartlyFailed, shown
from siamnas.jobs import monitor
from siamnas.jobs.record import first_line
from siamnas.runtime import memory, streams, terminal
from siamnas.runtime.interrupt import INTERRUPTED, Terminated, ended_by_signal
from siamnas.runtime.packages import Missing, explained

FULL_ERROR = "HYDRA_FULL_ERROR"
# The first word of a command line without Hydra -> the module whose `main` takes the others.
PROGRAMS = {
    "report": "siamnas.cli.report",
    "rerun": "siamnas.cli.rerun",
    "status": "siamnas.cli.status",
    "search": "siamnas.cli.search",
    "leaderboard": "siamnas.cli.leaderboard",
}
GOES_ON = "the same command goes on with what is missing"


def search(cfg: DictConfig) -> monitor.Ended:
    """Run one job of `siamnas` or `siamnas run`."""

    def job() -> monitor.Ended:
        from siamnas.experiment import configuration
        from siamnas.jobs.summary import headline
        from siamnas.runner import run, show

        hydra_cfg = HydraConfig.get()
        words = [*overrides.given(hydra_cfg.overrides.task), *overrides.own_folders(hydra_cfg)]
        done = run(configuration.load(cfg, hydra_cfg.runtime.choices, words), started.checks)
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
        with explained(), memory.explained():
            check_own(HydraConfig.get())
            ended = job()
        ended = replace(ended, seconds=time.perf_counter() - began)
        if alone and (lost := streams.loss()):  # what was computed is on disk
            terminal.err.print(f"stdout: {lost.strerror or lost}", markup=False, highlight=False)
        return ended
    except Busy as busy:
        if alone:
            terminal.err.print(f"left out: {busy}", markup=False, highlight=False)
            sys.exit(3)
        return monitor.Ended("running", str(busy))
    except (InputError, Missing) as error:
        message, status = str(error), 2
    except PartlyFailed as error:
        message, status = str(error), 1
    except Exception as error:  # logged with its traceback where it happened
        message, status = f"{type(error).__name__}: {error}", 1
    if alone:
        terminal.complain(message)
        sys.exit(status)
    return monitor.Ended("failed", message, time.perf_counter() - began)


def main() -> None:
    """Entry point of `siamnas`, `python -m siamnas` and `python -m siamnas.run`."""
    try:
        Path.cwd()
    except OSError:
        terminal.complain("the current folder does not exist any more; change to another one")
        sys.exit(2)
    with streams.lossy():
        try:
            with explained(), memory.explained():
                dispatch()
        except SystemExit as end:
            if end.code:
                raise
        except Missing as error:
            terminal.complain(str(error))
            sys.exit(2)
        except PartlyFailed as error:
            terminal.complain(str(error))
            sys.exit(1)
        if lost := streams.loss():  # no job: what it printed is all that it does
            if isinstance(lost, BrokenPipeError):  # `siamnas --help | head -3`
                sys.exit(streams.BROKEN_PIPE)
            terminal.complain(f"stdout: {lost.strerror or lost}")
            sys.exit(1)


def dispatch() -> None:
    """Call what the command line names."""
    command, words = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    terminal.set_up()
    os.environ.pop("MPLBACKEND", None)  # no command opens a window
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
    elif command != "run" and overrides.BARE.fullmatch(command):
        known = ["run", "measure", "figure", *PROGRAMS]
        terminal.complain(f"unknown command {shown(command)}{near(command, known)}; known here: {', '.join(known)}")
        sys.exit(2)
    else:
        compose_and(search, "config", words if command == "run" else sys.argv[1:])


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
    command_line = f"siamnas {shlex.join(sys.argv[1:])}"
    arguments = hydra_internals.flags_last([quoted(word) for word in arguments])
    try:
        check_options(arguments)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    sys.argv[1:] = arguments
    # With this variable Hydra lets its exceptions through, instead of printing them and ending the process.
    wants_traceback = os.environ.get(FULL_ERROR) == "1"
    os.environ[FULL_ERROR] = "1"
    started.forget()
    try:
        try:
            with (
                ended_by_signal(),
                hydra_internals.checked_files(),
                loaders.asked_once(),
                without_secrets(),
                _helped(arguments),
            ):
                hydra.main(config_path=str(CONF_DIR), config_name=primary, version_base="1.3")(task)()
        finally:
            started.checks = None
            if watch := started.watch:
                watch.close()
    except KeyboardInterrupt:
        if watch:
            watch.summary(watch.interrupted)
        terminal.complain(f"interrupted; {GOES_ON}")
        sys.exit(INTERRUPTED)
    except Terminated as ended:
        terminal.complain(f"ended by {ended.name}; {GOES_ON}")
        raise
    except (HydraException, OmegaConfBaseException, RecursionError) as error:
        if wants_traceback:
            raise
        refuse(error, primary)
    except Exception as error:
        hydras = given_to_hydra(arguments)
        if wants_traceback or not (watch or hydras):
            raise
        if not watch:  # before any job, of Hydra, which takes its own keys for granted
            terminal.complain(f"{first_line(error)}{hydras}")
            sys.exit(2)
        # Of a launcher, one of whose processes was killed.
        terminal.complain(f"the sweep was cut off: {first_line(error)}{hydras}")
    counts = watch.summary(monitor.SILENT) if watch else Counter()
    if watch and (lost_words := streams.loss()):  # the results are on disk
        terminal.err.print(f"stdout: {lost_words.strerror or lost_words}", markup=False, highlight=False)
    if running := counts["running"]:
        left = f"{running} {'jobs were' if running > 1 else 'job was'} left to other processes"
        terminal.err.print(f"{left}; siamnas status shows how far they are" if primary == "config" else left)
    if lost := counts["failed"] + counts["missing"]:
        terminal.complain(f"{lost} of {counts.total()} jobs failed; {GOES_ON}:")
        terminal.err.print(f"  {command_line}", markup=False, highlight=False)
        sys.exit(1)


def _helped(arguments: list[str]) -> AbstractContextManager[None]:
    """Where the help is asked for, with what each option is."""
    flags = hydra_internals.flags_of(arguments)
    if not flags.help:
        return nullcontext()
    own = [Path(flags.config_dir)] if flags.config_dir else []
    return described([CONF_DIR, *own])
