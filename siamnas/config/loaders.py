"""How Hydra composes: what it composed for the same options of groups is taken once more, and values are set in it."""

import copy
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from hydra._internal import hydra as application
from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict

from siamnas.config.hydra_internals import runs_here
from siamnas.config.overrides import SEARCH_PATH, parse
from siamnas.config.places import CONF_DIR
from siamnas.runtime import current_folder

KEPT = 200  # composed configurations that are kept for the jobs of a sweep; each takes .3 MB
PARTS = 256  # as many that are kept for the same options; each takes 20 kB
RUN = "hydra.mode=RUN"  # what Hydra adds to the words of a job
SHIPPED = {"hydra": "pkg://hydra.conf", "main": str(CONF_DIR), "schema": "structured://"}


class Loader(ConfigLoaderImpl):
    """Hydra's loader, which keeps what it composes for the options of groups, and sets the values of other words in it.

    It does so where configs are looked for only in what is shipped, which does not change as long as a process lives.
    """

    _parts: ClassVar[dict[tuple[Any, ...], bytes]] = {}  # pickled, which is the quickest way to copy one

    def _load_configuration_impl(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        """See Hydra's."""
        here = current_folder.here()
        how = (run_mode, from_shell, validate_sweep_overrides)
        words = [word for text in overrides if (word := parse(text)) is not None and _stands_alone(word)]
        if len(words) < len(overrides) or not _is_shipped(self.get_search_path()):
            return super()._load_configuration_impl(config_name, overrides, *how)
        values = [word for word in words if self._sets_a_value(word)]
        others = [word.input_line or "" for word in words if not self._sets_a_value(word)]
        config = self._of_groups(config_name, others, *how)
        self._apply_overrides_to_config(values, config)
        own = [word for word in words if not word.is_hydra_override()]
        config.hydra.overrides.task = [word.input_line for word in own]
        config.hydra.runtime.cwd = here
        config.hydra.job.override_dirname = get_overrides_dirname(own, **config.hydra.job.config.override_dirname)
        return config

    def _of_groups(self, config_name: str | None, words: list[str], *how: Any) -> DictConfig:
        """What Hydra composes of the words that set no value."""
        key = (config_name, *words, *how)
        kept = self._parts.get(key)
        if kept is None:
            composed = super()._load_configuration_impl(config_name, words, *how)
            try:
                kept = self._parts[key] = pickle.dumps(composed)
            except pickle.PicklingError:  # it holds a class of a launcher, which Hydra has made anew since
                return composed
            if len(self._parts) > PARTS:
                self._parts.pop(next(iter(self._parts)), None)  # the oldest
        config: DictConfig = pickle.loads(kept)
        return config

    def _sets_a_value(self, word: Override) -> bool:
        """Whether a word decides on a value only, and not on what is composed, or on how."""
        kept = word.is_hydra_override() or word.package or word.is_sweep_override()
        return not kept and not self.repository.group_exists(word.key_or_group)


def _is_shipped(path: ConfigSearchPath) -> bool:
    """Whether a path leads to nothing but what is shipped."""
    return {one.provider: one.path for one in path.get_path()} == SHIPPED


def _stands_alone(word: Override) -> bool:
    """Whether it makes no difference where in a command line a word stands, and Hydra looks nowhere else for it."""
    return word.key_or_group != SEARCH_PATH and not isinstance(word.value(), dict)


class AskedOnce(Loader):
    """Hydra's loader, which hands out what was composed to learn the mode once more when the job starts.

    Where no mode is given Hydra starts the job with `hydra.mode=RUN`.
    """

    _asked: tuple[list[str], DictConfig] | None = None

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        """See Hydra's."""
        if not validate_sweep_overrides:  # for the mode
            composed = super().load_configuration(config_name, overrides, RunMode.RUN, from_shell, False)
            self._asked = (list(overrides), composed)
            return composed
        asked, self._asked = self._asked, None
        if run_mode != RunMode.RUN or asked is None or overrides not in (asked[0], [*asked[0], RUN]):
            return super().load_configuration(config_name, overrides, run_mode, from_shell)
        self.validate_sweep_overrides_legal(OverridesParser.create().parse_overrides(overrides), run_mode, from_shell)
        if overrides != asked[0]:
            asked[1].hydra.mode = RunMode.RUN
            asked[1].hydra.overrides.hydra.append(RUN)
        return asked[1]


@contextmanager
def asked_once() -> Iterator[None]:
    """Let Hydra's application load configurations by `AskedOnce`."""
    before = application.ConfigLoaderImpl
    application.ConfigLoaderImpl = AskedOnce  # type: ignore[misc]
    try:
        yield
    finally:
        application.ConfigLoaderImpl = before  # type: ignore[misc]


class ComposedOnce(Loader):
    """Hydra's loader, which hands out what was composed to check a job once more when the job starts.

    What it keeps does not travel to the processes and machines of other launchers.

    Args:
        loader: of the application.
        most: how many configurations it keeps at once.
    """

    def __init__(self, loader: ConfigLoaderImpl, most: int) -> None:
        super().__init__(loader.get_search_path())
        self._most = most
        self._kept: dict[tuple[str, ...], DictConfig] = {}

    def load_sweep_config(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        """See Hydra's."""
        kept = self._kept.pop(tuple(sweep_overrides), None)
        return super().load_sweep_config(master_config, sweep_overrides) if kept is None else kept

    def to_check(self, sweep: DictConfig, words: list[str]) -> tuple[DictConfig, dict[str, str | None]]:
        """Compose a job of a sweep, for a check that may change it.

        Args:
            sweep: the configuration of the sweep.
            words: the overrides of the job.

        Returns:
            The configuration without its `hydra` node, and the chosen option of every group.
        """
        composed = self.load_sweep_config(sweep, words)
        if len(self._kept) < self._most:
            self._kept[tuple(words)] = copy.deepcopy(composed)
        choices = dict(composed.hydra.runtime.choices)
        with open_dict(composed):
            del composed.hydra
        return composed, choices

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_kept": {}}


def compose_once(config: DictConfig) -> ComposedOnce:
    """Let the application of Hydra that runs compose each job of its sweep once, see `ComposedOnce`.

    Args:
        config: of the sweep, with its `hydra` node.
    """
    hydra = GlobalHydra.instance().hydra
    assert hydra is not None and isinstance(hydra.config_loader, ConfigLoaderImpl)
    hydra.config_loader = loader = ComposedOnce(hydra.config_loader, KEPT if runs_here(config) else 0)
    return loader
