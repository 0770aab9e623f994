"""How the configuration is composed without starting a job."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import hydra
from hydra import initialize_config_dir
from hydra.conf import HydraConf
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from siamnas.config import environment, hydra_internals, loaders, overrides, places, translate, yaml_files
from siamnas.config.places import CONF_DIR
from siamnas.config.validate import near
from siamnas.errors import LONGEST, InputError, shown

INTERPOLATION = "${"  # in a word for a group Hydra would look among the other groups only
TWICE = re.compile(r"Multiple values for ([\w/]+)\.")
LONG = re.compile(rf"\S{{{LONGEST + 1},}}")  # a word that is too long to be read
COMPARISON = re.compile(r"[\w.]+ *[<>]=? *[\w.+-]+")


def compose(words: Iterable[str], primary: str = "config") -> tuple[DictConfig, dict[str, str | None]]:
    """Compose as `siamnas` would in a process of its own; an application of Hydra around it is left alone.

    Args:
        words: the overrides.
        primary: name of the primary config.

    Returns:
        The configuration without its `hydra` node, and the chosen option of every group.

    Raises:
        InputError: the words can't be composed.
    """
    words = list(map(quoted, words))
    check_choices(filter(None, map(overrides.parse, words)))
    try:  # a search may be made inside an application that has a Hydra
        with (
            hydra_internals.set_aside(),
            hydra_internals.checked_files(),
            loaders.asked_once(),
            initialize_config_dir(str(CONF_DIR), version_base="1.3"),
        ):
            cfg = hydra.compose(primary, words, return_hydra_config=True)
    except (
        HydraException,
        OmegaConfBaseException,
        RecursionError,
        ValueError,
    ) as error:  # a number for a group is a ValueError
        raise InputError(said(error)) from error
    check_own(cfg.hydra)
    choices = dict(cfg.hydra.runtime.choices)
    del cfg.hydra
    return cfg, choices


def check_own(hydra: HydraConf | DictConfig) -> None:
    """Check that no shipped config is chosen of whose name the user has one, which is not read, nor another folder.

    Args:
        hydra: the `hydra` node of a composed configuration.

    Raises:
        InputError: one is.
    """
    places.check_folders(hydra)
    chosen = {Path(group, f"{option}.yaml") for group, option in hydra.runtime.choices.items() if option}
    for folder in overrides.own_places(hydra):
        for name in sorted(chosen):
            if (folder / name).is_file() and (CONF_DIR / name).is_file():
                raise InputError(f"{folder / name}: is not read, siamnas has a config of this name; rename it")


def check_choices(words: Iterable[Override]) -> None:
    """Check that words have keys, and that what is chosen for a group is a name, which Hydra takes for granted.

    Raises:
        InputError: a word has no key, or one that is too long or that was renamed; a number, another value or `${...}`
            is given for a group; there are no configs where they are looked for; Hydra's folders are others.
    """
    named_groups, words = groups(), list(words)
    places.check_search_path(words)
    places.check_words(words)
    translate.check_words(str(word.input_line) for word in words)
    for word in words:
        if not word.key_or_group:
            raise InputError(f"{shown(str(word.input_line))}: has no key; must have the form key=value")
        if len(word.key_or_group) > LONGEST:  # Hydra looks for a folder of this name
            raise InputError(f"unknown key {shown(word.key_or_group)}")
        value = word.value()
        chosen = value.list if isinstance(value, ChoiceSweep) else [value]
        named = all(
            isinstance(one, str | QuotedString | Glob) and INTERPOLATION not in str(one) and len(str(one)) <= LONGEST
            for one in chosen
        )
        whole = word.is_delete() and value is None  # `~logger`
        if word.key_or_group in named_groups and not (named or whole):
            known = ", ".join(options(word.key_or_group))
            raise InputError(f"{shown(str(word.input_line))}: must be the name of an option: {known}")


def said(error: Exception) -> str:
    """What Hydra says of words that it can't compose, without where it has looked."""
    if isinstance(error, OverrideParseException):
        word = shown(error.override)
        return f"{word}: can't be read; a value of other than plain letters needs quotes: 'name=\"ä b\"'"
    if isinstance(error, RecursionError):
        return "a config names itself in its defaults"
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        return unresolved(error)
    told = LONG.sub(lambda word: shown(word[0]), str(error).partition("Config search path:")[0].strip())
    if twice := TWICE.match(told):
        return f"+{twice[1]}: is there; its option is chosen by {twice[1]}=..."
    hint = translate.hint(told)
    group, _, option = (getattr(error, "missing_cfg_file", None) or "").rpartition("/")
    if isinstance(error, MissingConfigException) and group and error.options:
        told = (
            f"no option {group}={shown(option)}{near(option, list(error.options))}; known: {', '.join(error.options)}"
        )
    return told + hint


def unresolved(error: OmegaConfBaseException, where: str = "") -> str:
    """What OmegaConf says of a value, after the name of its key, or of what has set it."""
    where = where or error.full_key or ""
    told = error.__cause__ if isinstance(error.__cause__, InputError) else str(error).splitlines()[0]
    return f"{where and f'{where}: '}{told}"


def quoted(word: str) -> str:
    """A word of a command line that Hydra can read: `space.constraints=[flops<=35]` with its comparisons in quotes.

    A word that can't be read even so stays as it is, for the message that says so.
    """
    if set(word) & set("\"'"):
        return word
    changed = COMPARISON.sub(r'"\g<0>"', word)
    return changed if overrides.key(changed) else word


def plain(cfg: DictConfig) -> dict[str, Any]:
    """A composed configuration as a plain container, everything resolved.

    Raises:
        InputError: a value is missing or cannot be resolved, or is a secret of the environment.
    """
    try:
        yaml_files.check_interpolations(OmegaConf.to_container(cfg, resolve=False))
    except ValueError as error:
        raise InputError(f"the configuration: {error}") from error
    try:
        with environment.without_secrets():
            config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        raise InputError(f"missing value: give {error.full_key}=...") from error
    except OmegaConfBaseException as error:
        raise InputError(unresolved(error)) from error
    return config


@cache
def groups() -> tuple[str, ...]:
    """All groups of options that are shipped, such as `space` and `experiment/ablation`, in order."""
    return tuple(sorted(path.relative_to(CONF_DIR).as_posix() for path in CONF_DIR.rglob("*") if path.is_dir()))


def options(group: str) -> list[str]:
    """The options of a group that are shipped."""
    return sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))
