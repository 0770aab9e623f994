"""What siamnas uses of Hydra beyond what its documentation describes, made for hydra-core 1.3.8.

Nothing of Hydra is replaced: it is given classes that derive from its own. A test says which version this was made for
and what of it is used; nobody else imports it but loaders.py.
"""

import math
import pickle
import re
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from hydra._internal.core_plugins import basic_launcher, basic_sweeper, file_config_source
from hydra._internal.sources_registry import SourcesRegistry
from hydra._internal.utils import get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from hydra.plugins.plugin import Plugin
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from siamnas.config import yaml_files
from siamnas.config.arguments import said, unknown
from siamnas.errors import InputError, reason

MADE_FOR = "1.3.8"
PLUGINS = "hydra_plugins.siamnas"  # Hydra makes only plugins whose names begin so
COMPLETION = re.compile(r"(un)?install=(bash|zsh|fish)|query=(bash|zsh|fish)")
MOST = 100_000  # jobs of a sweep


def flags_of(arguments: list[str]) -> Namespace:
    """A command line as Hydra takes it apart: its flags, and `overrides`, the other words.

    Raises:
        InputError: there is no such flag, or it has another value.
    """
    parser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    flags, more = parser.parse_known_args(flags_last(arguments))
    if more:
        raise InputError(unknown(more, [name for name in parser._option_string_actions if name.startswith("--")]))
    if flags.shell_completion and sum(map(bool, map(COMPLETION.fullmatch, flags.overrides))) != 1:
        raise InputError("--shell-completion: needs install=, uninstall= or query= with bash, zsh or fish")
    return flags


def _refuse(message: str) -> NoReturn:
    raise InputError(said(message))


def flags_last(arguments: list[str]) -> list[str]:
    """A command line with its overrides first: argparse takes them only where they stand together."""
    actions = [(name, action) for action in get_args_parser()._actions for name in action.option_strings]
    words: list[str] = []
    flags: list[str] = []
    before = None  # the flag that the last word is
    for word in arguments:
        is_value = before is not None and (
            before.nargs is None or before.nargs == "?" and word in (before.choices or ())
        )
        exact = [action for name, action in actions if name == word]
        begun = [action for name, action in actions if word.startswith("--") and name.startswith(word)]
        before = None if is_value else next(iter([*exact, *begun]), None)
        (flags if is_value or word.startswith("-") else words).append(word)
    return words + flags


def parse_override(word: str) -> Override:
    """A word as Hydra reads it.

    Raises:
        HydraException: Hydra can't read it.
        ValueError: it holds an integer of thousands of digits.
    """
    return OverridesParser.create().parse_override(word)


def expand(words: list[str]) -> list[list[str]]:
    """The overrides of every job of a sweep, as Hydra's own sweeper makes them.

    Args:
        words: of the sweep; one with `glob` needs a Hydra that is initialised.

    Raises:
        InputError: there are none, or more than `MOST`.
    """
    around = GlobalHydra.instance()
    parser = OverridesParser.create(around.config_loader() if around.is_initialized() else None)
    overrides = parser.parse_overrides(words)
    for override in overrides:
        if override.is_range_sweep():
            _check_range(override)
    if (count := math.prod(map(_choices, overrides))) > MOST:
        raise InputError(f"a sweep of {count:,} jobs: must be at most {MOST:,}")
    (jobs,) = basic_sweeper.BasicSweeper.split_arguments(overrides, None)
    if not jobs:  # a glob that nothing matches
        raise InputError(f"{' '.join(words)}: a sweep without a job")
    return jobs


def _check_range(word: Override) -> None:
    """Check that a range has values, and not more than a sweep may have jobs.

    Raises:
        InputError: it has none or too many.
    """
    swept: Any = word.value()
    span = swept.stop - swept.start
    if not swept.step or not 0 < span / swept.step <= MOST:
        raise InputError(f"{word.input_line}: must be a range of 1 to {MOST:,} values")


def _choices(word: Override) -> int:
    """How many values a word has in a sweep."""
    value: Any = word.value()
    if word.is_range_sweep():
        return len(list(value.range()))
    return len(value.list) if isinstance(value, ChoiceSweep) else 1


@contextmanager
def set_aside() -> Iterator[None]:
    """Without the application of Hydra that may be around: Hydra keeps itself in a singleton."""
    around = GlobalHydra.instance().hydra
    try:
        GlobalHydra.instance().clear()
        yield
    finally:
        GlobalHydra.instance().hydra = around


class CheckedFiles(file_config_source.FileConfigSource):
    """The files of a folder of configurations: what is wrong with one is said with its path.

    A file that holds what it held is parsed once, which takes as long as all else that Hydra does with it.
    """

    _parsed: ClassVar[dict[tuple[str, str, Path], tuple[str, bytes]]] = {}

    def load_config(self, config_path: str) -> ConfigResult:
        """See Hydra's.

        Raises:
            ConfigLoadError: the file can't be used.
        """
        path = Path(self.path, self._normalize_file_name(config_path)).resolve()
        key = (self.provider, self.path, path)
        try:
            text = yaml_files.check(path)
            before, kept = self._parsed.get(key, ("", b""))
            if kept and text == before:
                return pickle.loads(kept)  # a copy, as Hydra changes what it is given
            found = super().load_config(config_path)
        except RecursionError as error:
            raise ConfigLoadError(f"{path}: is nested too deeply") from error
        except (OSError, ValueError, yaml_files.Broken, OmegaConfBaseException) as error:
            raise ConfigLoadError(f"{path}: can't be read as YAML: {reason(error)}") from error
        if not isinstance(found.config, DictConfig):
            raise ConfigLoadError(f"{path}: must hold keys and values, not a list")
        self._parsed[key] = text, pickle.dumps(found)
        return found


# A launcher's process registers Hydra's own once more, which must be of the same name as what is there already.
CheckedFiles.__name__ = file_config_source.FileConfigSource.__name__


def is_place(place: str) -> bool:
    """Whether Hydra finds configs in a place such as `DIR`, `file://DIR` or `pkg://PACKAGE`."""
    scheme, _, path = place.rpartition("://")
    Plugins.instance()  # registers Hydra's own
    source = SourcesRegistry.instance().types.get(scheme or "file")
    return source is not None and source("", f"{scheme or 'file'}://{path}").available()


@contextmanager
def checked_files() -> Iterator[None]:
    """Let Hydra read files by `CheckedFiles`."""
    Plugins.instance()  # registers Hydra's own
    sources = SourcesRegistry.instance().types
    before = sources["file"]
    sources["file"] = CheckedFiles
    try:
        yield
    finally:
        sources["file"] = before


def runs_here(config: DictConfig) -> bool:
    """Whether the jobs of a sweep are done one after the other in the process that starts it."""
    return _names(config.hydra.launcher, basic_launcher.BasicLauncher)


def plug_in(plugin: type[Plugin], node: DictConfig) -> None:
    """Let Hydra make a plugin of ours in the place of its parent.

    Args:
        plugin: takes what its parent takes.
        node: what Hydra makes it from: `hydra.sweeper` or `hydra.launcher` of a configuration. One that names another
            plugin than the parent is left alone.
    """
    if not _names(node, plugin.__bases__[0]):
        return
    name = f"{PLUGINS}.{plugin.__name__}"
    Plugins.instance().class_name_to_class[name] = plugin
    with open_dict(node):
        node._target_ = name


def _names(node: DictConfig, plugin: type) -> bool:
    """Whether a plugin is made from a node; by name, as Hydra makes its classes anew when it looks for plugins."""
    return node._target_ == f"{plugin.__module__}.{plugin.__qualname__}"
