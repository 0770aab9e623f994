"""The command line: Hydra composes, every job runs guarded, errors become messages and exit codes.

Exit codes: 0 all done (or done before), 1 a job failed, 2 bad input, 3 another process is computing the only job,
130 interrupted. A sweep goes past the cells that other processes compute, and says so at the end.
"""

import os
import shutil
import sys
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import hydra
from hydra import compose, initialize_config_dir
from hydra._internal.utils import get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import ConfigCompositionException, HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from siamnas import terminal
from siamnas.errors import InputError
from siamnas.jobs import sweeps
from siamnas.schema import near

PACKAGE = Path(__file__).resolve().parent
# A wheel carries the folder inside the package; in a checkout it lies beside it.
CONF_DIR = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"
LAUNCHERS = {"joblib": "hydra-joblib-launcher", "slurm": "hydra-submitit-launcher"}
FULL_ERROR = "HYDRA_FULL_ERROR"
# The first word of a command line that is not for Hydra -> the module whose `main` takes the others.
COMMANDS = {"report": "siamnas.report.command", "status": "siamnas.jobs.status", "search": "siamnas.search.command"}

elsewhere: list[str] = []  # cells of a sweep in this process that other processes compute
recorded: list[Path] = []  # where this process has written down its sweep


class JobFailed(Exception):
    """A cell of a sweep has failed, and it has been said why: Hydra goes on with the others and ends with status 1."""


@hydra.main(config_path=str(CONF_DIR), config_name="config", version_base="1.3")
def _compose_and_run(cfg: DictConfig) -> None:
    """Run one job, or draw one figure; what goes wrong has been said when this ends."""
    from siamnas import config
    from siamnas.jobs.claim import Busy
    from siamnas.report import landscape
    from siamnas.run import run

    terminal.set_up()
    hydra_cfg = HydraConfig.get()
    try:
        words = [*hydra_cfg.overrides.task, *sweeps.own_folders(hydra_cfg)]
        job = config.load(cfg, hydra_cfg.runtime.choices, words)
        if job.figure:
            landscape.draw(job)
        else:
            run(job)
        return
    except Busy as busy:
        terminal.err.print(f"left out: {busy}", markup=False, highlight=False)
        if hydra_cfg.mode == RunMode.RUN:
            sys.exit(3)
        elsewhere.append(str(busy))
        return
    except InputError as error:
        message, status = str(error), 2
        terminal.complain(message)
    except Exception as error:  # logged with its traceback where it happened
        message, status = f"{type(error).__name__}: {error}", 1
        terminal.complain(message)
    if hydra_cfg.mode == RunMode.RUN:
        sys.exit(status)
    raise JobFailed(message)


class SweepStart(Callback):
    """What a sweep needs before its first job, said clearly where Hydra would end with a traceback; and its record."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Make the folder of the sweep, write down its cells and look for Slurm, or end with status 2."""
        folder = Path(config.hydra.sweep.dir)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if path := sweeps.record(folder, config):
                recorded.append(path)
        except OSError as error:
            terminal.complain(f"out: cannot write to {folder}: {error.strerror}")
            sys.exit(2)
        if config.hydra.launcher._target_.endswith("SlurmLauncher") and not shutil.which("srun"):
            terminal.complain("cluster=slurm: there is no Slurm on this machine (srun is not on the path)")
            sys.exit(2)


def main() -> None:
    """Entry point of `siamnas` and of `python -m siamnas.run`."""
    if sys.argv[1:2] == ["run"]:
        del sys.argv[1]
    elif sys.argv[1:2] and sys.argv[1] in COMMANDS:
        import_module(COMMANDS[sys.argv[1]]).main(sys.argv[2:])
        return
    terminal.set_up()
    # With this variable Hydra lets its exceptions through, instead of printing them and ending the process.
    wants_traceback = os.environ.get(FULL_ERROR) == "1"
    os.environ[FULL_ERROR] = "1"
    elsewhere.clear()
    recorded.clear()
    try:
        _compose_and_run()
        if elsewhere:
            left = f"{len(elsewhere)} {'cells were' if len(elsewhere) > 1 else 'cell was'} left to other processes"
            terminal.err.print(f"{left}; siamnas status shows how far they are")
    except KeyboardInterrupt:
        terminal.complain("interrupted; the same command goes on after the last finished chunk of repeats")
        sys.exit(130)
    except JobFailed:
        terminal.complain("not all cells of the sweep are done (see above); the same command runs what is missing")
        sys.exit(1)
    except (HydraException, OmegaConfBaseException) as error:
        if isinstance(error, ConfigCompositionException):  # no cell of it can ever be computed
            for path in recorded:
                path.unlink(missing_ok=True)
        if wants_traceback:
            raise
        for message in explain(sys.argv[1:]) or [str(error).partition("Config search path:")[0].strip()]:
            terminal.complain(message)
        sys.exit(2)


def explain(arguments: list[str]) -> list[str]:
    """What is wrong with overrides that could not be composed, where we can say it better than Hydra.

    Args:
        arguments: of the command line.

    Returns:
        One message per unknown key, with near matches, and per missing plugin; maybe empty.
    """
    given, _ = get_args_parser().parse_known_args(arguments)
    groups = {path.relative_to(CONF_DIR).as_posix() for path in CONF_DIR.rglob("*") if path.is_dir()}
    overrides = []
    for word in given.overrides:
        with suppress(HydraException):
            overrides.append(OverridesParser.create().parse_override(word))
    settled = {sweeps.SEARCH_PATH, *groups}
    chosen = [str(o.input_line) for o in overrides if o.key_or_group in settled and not o.is_sweep_override()]
    if given.config_dir:
        chosen.append(sweeps.search_path([f"file://{Path(given.config_dir).absolute()}"]))
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF_DIR), version_base="1.3"):
        try:
            known = [*_dotted(OmegaConf.to_container(compose("config", chosen))), *groups]
        except HydraException:
            known = []
    messages = []
    for override in overrides:
        key, value = override.key_or_group, str(override.value())
        if key == "cluster" and value in LAUNCHERS and not _installed(LAUNCHERS[value]):
            messages.append(f"cluster={value} needs a plugin: pip install 'siamnas[cluster]'")
        elif known and key not in known and not key.startswith("hydra") and not override.is_add():
            messages.append(f"unknown key {key}{near(key, known)}")
    return messages


def _installed(distribution: str) -> bool:
    """Whether a distribution is installed, without importing it."""
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _dotted(config: Any, prefix: str = "") -> list[str]:
    """All dotted keys of a container."""
    if not isinstance(config, dict):
        return []
    keys = []
    for key, value in config.items():
        keys += [f"{prefix}{key}", *_dotted(value, f"{prefix}{key}.")]
    return keys
