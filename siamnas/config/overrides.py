"""The words of a command line taken apart: `search.n=30,60`, `+predictor.x=1`, `~space@figure.spaces.nb_macro`."""

import re
from argparse import Namespace
from collections.abc import Iterable, Mapping
from functools import cache
from numbers import Number
from pathlib import Path
from typing import Any

from hydra.conf import HydraConf
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from siamnas.config import hydra_internals
from siamnas.errors import InputError, shown
from siamnas.runtime import current_folder

SEARCH_PATH = "hydra.searchpath"
PLACE = ("name", "out")  # keys that lead to the folder which the jobs of a sweep share
PLACING = ("experiment", *PLACE)  # what may set them
HYDRAS_OWN = ("hydra", "main", "schema")  # providers of configs that are there without the user's doing
PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")  # what needs no quotes
BARE = re.compile(r"\w[\w,./-]*")  # a word that is no override and no flag


@cache
def parse(word: str) -> Override | None:
    """A word as Hydra reads it; None where Hydra can't.

    Raises:
        InputError: it holds an integer of thousands of digits.
    """
    try:
        return hydra_internals.parse_override(word)
    except HydraException:
        return None
    except ValueError as error:
        raise InputError(f"{shown(word)}: can't be read: {error}") from error


def taken(arguments: list[str]) -> tuple[Namespace, list[Override]]:
    """A command line taken apart: its flags as Hydra has them, and those of its words that Hydra can read."""
    flags = hydra_internals.flags_of(arguments)
    return flags, [word for word in map(parse, flags.overrides) if word]


def key(word: str) -> str:
    """The dotted key or group that a word sets, without `+`, `~` and `@package`; empty where it can't be read."""
    try:
        override = parse(word)
    except InputError:
        return ""
    return override.key_or_group if override else ""


def target(word: str) -> str:
    """Where in the configuration a word makes a difference: `figure.spaces.x` for `space@figure.spaces.x=nb_macro`."""
    override = parse(word)
    return override.package or override.key_or_group if override else ""


def without(words: Iterable[str], *keys: str) -> list[str]:
    """The words that set none of these keys."""
    return [word for word in words if key(word) not in keys]


def identity(words: Iterable[str]) -> frozenset[str]:
    """Equal for two jobs below one root that were asked for in the same words, in any order and on any cluster."""
    return frozenset(without(words, *PLACE, "cluster"))


def placing(words: Iterable[str]) -> frozenset[str]:
    """The words that decide on the folder which the jobs of a sweep share."""
    return frozenset(word for word in words if key(word) in PLACING)


def leading_to(root: Path) -> list[str]:
    """The overrides that make `root` the folder, relative where it lies below the current one."""
    out = root.parent
    if out.is_relative_to(here := current_folder.here()):
        out = out.relative_to(here)
    return [f"out={_quoted(str(out))}", f"name={_quoted(root.name)}"]


def named_first(words: list[str], group: str) -> list[str]:
    """A bare first word as an option of `group`: `fig4 out=x` is `figure=fig4 out=x`."""
    return [f"{group}={words[0]}", *words[1:]] if words and BARE.fullmatch(words[0]) else words


def search_path(places: Iterable[str]) -> str:
    """The override that lets Hydra find configs in more places, for example `file:///home/me/conf`."""
    quoted = ",".join(f'"{place}"' for place in places)
    return f"{SEARCH_PATH}=[{quoted}]"


def is_safe(word: str, own: bool) -> bool:
    """Whether a word of a file of anybody may be part of a command that is printed to be pasted.

    An option such as `--config-dir` may not, and nor may a place of configurations, which may name any class, unless
    the file is one's own.
    """
    return not word.startswith("-") and ("=" in word or word.startswith("~")) and (own or key(word) != SEARCH_PATH)


def one_search_path(words: Iterable[str]) -> list[str]:
    """Words of which the last one looks for configs in all places that any of them names."""
    words, places = list(words), []
    for one in words:
        if key(one) == SEARCH_PATH and (read := parse(one)) is not None:
            found = read.value()
            places += [str(place) for place in found] if isinstance(found, list) else [str(found)]
    return [*without(words, SEARCH_PATH), search_path(places)] if places else words


def given(words: Any) -> list[str]:
    """`hydra.overrides.task` or `.hydra` as they were given: `${...}` in them is left as it is."""
    raw: Any = OmegaConf.to_container(words, resolve=False)
    return list(raw)


def own_folders(hydra: HydraConf | DictConfig) -> list[str]:
    """What finds the user's own config folders again, from anywhere: one override, or none where there are none.

    Args:
        hydra: the `hydra` node of a composed configuration.
    """
    own = _own_sources(hydra)
    places = [str(Path(s.path).absolute()) if s.schema == "file" else s.path for s in own]
    return [search_path(f"{s.schema}://{place}" for s, place in zip(own, places, strict=True))] if own else []


def own_places(hydra: HydraConf | DictConfig) -> list[Path]:
    """The user's own folders of configs; see `own_folders`."""
    return [Path(source.path) for source in _own_sources(hydra) if source.schema == "file"]


def _own_sources(hydra: HydraConf | DictConfig) -> list[Any]:
    return [source for source in hydra.runtime.config_sources if source.provider not in HYDRAS_OWN]


def word(key: str, value: Any) -> str:
    """The word that sets a key to a value of Python.

    Raises:
        InputError: the value can't be written in a configuration.
    """
    try:
        return f"{key}={_written(value)}"
    except TypeError:
        raise InputError(f"{key}={shown(repr(value))}: must be a number, a text, a list or a dictionary") from None


def _written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str | Path):
        return _quoted(str(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_quoted(str(key))}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    raise TypeError


def _quoted(text: str) -> str:
    """A text in quotes, where it needs them: `7` without them is a number."""
    plain = PLAIN.fullmatch(text) and (read := parse(f"x={text}")) and isinstance(read.value(), str)
    return text if plain else QuotedString(text, Quote.single).with_quotes()
