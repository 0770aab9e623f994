"""What is wrong with a command line that could not be composed, where we can say it better than Hydra."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError

from siamnas.config import overrides
from siamnas.config.compose import INTERPOLATION, check_choices, compose, groups, options, said, unresolved
from siamnas.config.places import CONF_DIR
from siamnas.config.validate import near
from siamnas.errors import InputError, shown

SWEEPER = "hydra.sweeper"  # Hydra would make jobs by it that nothing has checked
FOLDER = ("--config-dir", "-cd")
LAUNCHERS = {"joblib": "hydra-joblib-launcher", "slurm": "hydra-submitit-launcher"}


def check_options(arguments: list[str]) -> None:
    """Check what Hydra takes for granted: that words have keys, the choice for a group a name, and flags go together.

    Args:
        arguments: of the command line.

    Raises:
        InputError: a word has no key, or a group no name of an option; `--resolve` stands alone; there are several
            folders of configs; a word sets Hydra's sweeper.
    """
    flags, words = overrides.taken(arguments)
    if flags.resolve and not (flags.cfg or flags.help):
        raise InputError("--resolve: has an effect only with --cfg job")
    given = [word for word in arguments if word in FOLDER or word.startswith(f"{FOLDER[0]}=")]
    if len(given) > 1 or flags.config_dir == "":
        raise InputError(f"{FOLDER[0]}: must be one folder; more are given by {overrides.SEARCH_PATH}=[DIR,DIR]")
    if params := [
        word.input_line for word in words if word.key_or_group.startswith(SWEEPER) and word.value() is not None
    ]:
        raise InputError(f"{params[0]}: jobs are made from words such as -m seed=1,2")
    check_choices(words)


def refusal(error: Exception, arguments: list[str], primary: str = "config") -> list[str]:
    """What is said of words that can't be composed, by the command line and in Python alike.

    Args:
        error: of Hydra, or what `compose` has made of it.
        arguments: of the command line.
        primary: name of the primary config.
    """
    return explain(arguments, primary) or [_said(error, arguments)]


def _said(error: Exception, arguments: list[str]) -> str:
    """What is said where no word is wrong by itself."""
    if isinstance(error, InterpolationResolutionError):  # of a key of Hydra's, such as a folder that holds `out`
        words = [str(word.input_line) for word in overrides.taken(arguments)[1]]
        return unresolved(error, ", ".join(shown(word) for word in words if INTERPOLATION in word))
    if isinstance(error, InputError):
        return str(error)
    told = said(error)
    return told if any(word in told for word in _of_hydra(arguments)) else told + given_to_hydra(arguments)


def given_to_hydra(arguments: list[str]) -> str:
    """The end of a sentence that says which words of a command line are Hydra's own; empty where none is."""
    given = _of_hydra(arguments)
    return f"; Hydra was given {', '.join(map(shown, given))}" if given else ""


def _of_hydra(arguments: list[str]) -> list[str]:
    """The words of a command line for Hydra's own keys."""
    return [str(word.input_line) for word in overrides.taken(arguments)[1] if word.key_or_group.startswith("hydra")]


def composed(words: list[str]) -> tuple[DictConfig, dict[str, str | None]]:
    """What `compose` returns.

    Raises:
        InputError: the words can't be composed; it says what the command line says.
    """
    try:
        return compose(words)
    except InputError as error:
        if any(word.startswith("-") for word in words):  # a flag of a command line, which would act on it
            raise
        raise InputError("; ".join(refusal(error, words))) from None


def explain(arguments: list[str], primary: str = "config") -> list[str]:
    """Explain what Hydra has refused.

    Args:
        arguments: of the command line.
        primary: name of the primary config.

    Returns:
        One message per unknown key, with near matches, per key that is added and there, per missing plugin, per
        interval and per figure taken for an experiment; maybe empty.
    """
    flags, words = overrides.taken(arguments)
    settled = {overrides.SEARCH_PATH, *groups()}
    chosen = [str(word.input_line) for word in words if word.key_or_group in settled and not word.is_sweep_override()]
    if flags.config_dir:
        chosen.append(overrides.search_path([f"file://{Path(flags.config_dir).absolute()}"]))
    try:
        cfg, choices = compose(chosen, primary)
        known = list(dict.fromkeys([*_dotted(OmegaConf.to_container(cfg)), *groups()]))
    except InputError:
        known, choices = [], {}
    messages = []
    for word in words:
        key, value = word.key_or_group, str(word.value())
        if key == "cluster" and value in LAUNCHERS and not _installed(LAUNCHERS[value]):
            messages.append(f"cluster={value} needs a plugin: pip install {LAUNCHERS[value]}")
        elif word.is_interval_sweep():
            messages.append(f"{word.input_line}: an interval has no jobs; must be values such as 1,2,3 or range(1,4)")
        elif key in ("experiment", "figure") and primary == "config" and value in options("figure"):
            messages.append(f"{key}={value}: needs no search and is a command of its own: siamnas figure {value}")
        elif key in known and word.is_add():
            messages.append(f"+{key}: is there; its value is set by {key}=...")
        elif known and key not in known and not key.startswith("hydra") and not word.is_add():
            level = [other for other in known if other.count(".") == key.count(".")]
            hint = elsewhere(key, choices) or near(key, level) or near(key, known)
            messages.append(f"unknown key {key}{hint}")
    return messages


def elsewhere(key: str, choices: dict[str, str | None]) -> str:
    """The end of a sentence that says which option of the key's group is chosen, and which shipped ones have the key.

    Args:
        key: that is not in the configuration.
        choices: the chosen option of every group.
    """
    parts = key.split(".")
    group = next(filter(choices.get, ("/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))), None)
    if group is None:
        return ""
    inner = key[len(group) + 1 :]
    have = [
        f"{group}={option}"
        for option in options(group)
        if (file := CONF_DIR / group / f"{option}.yaml").is_file()
        and inner in _dotted(OmegaConf.to_container(OmegaConf.load(file)))
    ]
    if not have:
        return ""
    return f": {group}={choices[group]} has none; {', '.join(have)} {'has' if len(have) == 1 else 'have'} one"


def _installed(distribution: str) -> bool:
    """Whether a distribution is installed, without importing it."""
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _dotted(config: Any, prefix: str = "") -> Iterator[str]:
    """All dotted keys of a container."""
    if isinstance(config, dict):
        for key, value in config.items():
            yield f"{prefix}{key}"
            yield from _dotted(value, f"{prefix}{key}.")
