"""What is used of Hydra beyond its documentation is there, as it was when it was written."""

import inspect
import pickle
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hydra import initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.hydra import Hydra
from hydra._internal.sources_registry import SourcesRegistry
from hydra._internal.utils import get_args_parser
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.errors import ConfigCompositionException
from hydra.plugins.config_source import ConfigLoadError
from hydra.plugins.sweeper import Sweeper
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from siamnas.config import hydra_internals, loaders
from siamnas.config.compose import CONF_DIR
from tests.support import ROOT

PRIVATE = re.compile(r"^\s*(from|import) hydra\.(_internal|core\.(plugins|config_loader))\b", re.M)
# Tests that need them to see, or to do in its place, what Hydra does.
TESTS = ("tests/config/test_hydra_internals.py", "tests/fuzz/test_words.py")


def test_it_is_the_version_that_this_was_made_for():
    installed = metadata.version("hydra-core")
    assert installed == hydra_internals.MADE_FOR, (
        f"siamnas/config/hydra_internals.py was made for hydra-core {hydra_internals.MADE_FOR}, and {installed} is "
        "installed: read what has changed in the modules that it imports, then say the new version there"
    )


@pytest.mark.parametrize(
    ("used", "arguments"),
    [
        (get_args_parser, []),
        (OverridesParser.create, ["config_loader"]),
        (OverridesParser.parse_override, ["self", "s"]),
        (OverridesParser.parse_overrides, ["self", "overrides"]),
        (BasicSweeper.split_arguments, ["overrides", "max_batch_size"]),
        (Sweeper.validate_batch_is_legal, ["self", "batch"]),
        (ConfigLoaderImpl, ["config_search_path"]),
        (ConfigLoaderImpl._apply_overrides_to_config, ["overrides", "cfg"]),
        (ConfigLoaderImpl.get_search_path, ["self"]),
        (
            ConfigLoaderImpl._load_configuration_impl,
            ["self", "config_name", "overrides", "run_mode", "from_shell", "validate_sweep_overrides"],
        ),
        (get_overrides_dirname, ["overrides", "exclude_keys", "item_sep", "kv_sep"]),
        (ConfigLoaderImpl.load_sweep_config, ["self", "master_config", "sweep_overrides"]),
        (
            ConfigLoaderImpl.load_configuration,
            ["self", "config_name", "overrides", "run_mode", "from_shell", "validate_sweep_overrides"],
        ),
        (ConfigLoaderImpl.validate_sweep_overrides_legal, ["overrides", "run_mode", "from_shell"]),
        (Hydra.get_mode, ["self", "config_name", "overrides"]),
        (GlobalHydra.config_loader, ["self"]),
        (GlobalHydra.is_initialized, ["self"]),
        (GlobalHydra.clear, ["self"]),
        (Hydra, ["task_name", "config_loader"]),
        (Plugins.instance, ["args", "kwargs"]),
        (FileConfigSource.load_config, ["self", "config_path"]),
        (BasicLauncher, []),
        (JobReturn, ["overrides", "cfg", "hydra_cfg", "working_dir", "task_name", "status", "_return_value"]),
    ],
)
def test_what_is_used_takes_what_it_took(used: Callable[..., Any], arguments: list[str]):
    assert list(inspect.signature(used).parameters) == arguments


def test_attributes_that_are_set():
    assert GlobalHydra().hydra is None
    assert isinstance(Plugins.instance().class_name_to_class, dict)
    assert f"{BasicSweeper.__module__}.BasicSweeper" in Plugins.instance().class_name_to_class
    assert Plugins.is_in_toplevel_plugins_module(f"{hydra_internals.PLUGINS}.Anything")
    assert issubclass(ConfigLoaderImpl, ConfigLoader)


def test_nobody_else_uses_them():
    files = [path for room in ("siamnas", "tests", "tools", "examples") for path in (ROOT / room).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if PRIVATE.search(path.read_text(encoding="utf-8"))}
    assert found == {"siamnas/config/hydra_internals.py", "siamnas/config/loaders.py", *TESTS}


def test_the_reader_of_files_is_ours_for_a_while():
    types = SourcesRegistry.instance().types
    Plugins.instance()
    before = types["file"]
    with hydra_internals.checked_files():
        assert types["file"] is hydra_internals.CheckedFiles and issubclass(types["file"], FileConfigSource)
    assert types["file"] is before


def test_what_was_composed_for_a_check_is_handed_out_once(monkeypatch: pytest.MonkeyPatch):
    composed: list[list[str]] = []
    load = ConfigLoaderImpl.load_sweep_config

    def count(self: ConfigLoaderImpl, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        composed.append(sweep_overrides)
        return load(self, master_config, sweep_overrides)

    monkeypatch.setattr(ConfigLoaderImpl, "load_sweep_config", count)
    with hydra_internals.set_aside(), initialize_config_dir(str(CONF_DIR), version_base="1.3"):
        hydra = GlobalHydra.instance()
        sweep = hydra.config_loader().load_configuration("config", ["seed=1,2"], RunMode.MULTIRUN)
        loader = loaders.compose_once(sweep)
        assert hydra.config_loader() is loader
        words = ["seed=2", "predictor=gp"]
        checked, choices = loader.to_check(sweep, words)
        assert checked.seed == 2 and "hydra" not in checked and choices["predictor"] == "gp"
        elsewhere = pickle.loads(pickle.dumps(loader))
        first, again = loader.load_sweep_config(sweep, words), loader.load_sweep_config(sweep, words)
        assert len(composed) == 2 and first == again and first is not again and "hydra" in first
        assert elsewhere.load_sweep_config(sweep, words) == first and len(composed) == 3


@pytest.mark.parametrize(
    "words", [[], ["experiment=fig6a", "predictor=gp", "out=x"], ["hydra.mode=RUN", "hydra.verbose=true"]]
)
def test_what_is_composed_for_the_mode_is_what_the_job_gets(monkeypatch: pytest.MonkeyPatch, words: list[str]):
    composed: list[list[str]] = []
    load = loaders.Loader._load_configuration_impl

    def count(self: loaders.Loader, *args: Any, **kwargs: Any) -> DictConfig:
        composed.append(kwargs["overrides"])
        return load(self, *args, **kwargs)

    monkeypatch.setattr(loaders.Loader, "_load_configuration_impl", count)
    with (
        hydra_internals.set_aside(),
        loaders.asked_once(),
        initialize_config_dir(str(CONF_DIR), version_base="1.3"),
    ):
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None and isinstance(hydra.config_loader, loaders.AskedOnce)
        mode = hydra.get_mode("config", words)
        given = words if mode else [*words, "hydra.mode=RUN"]
        job = hydra.compose_config("config", given, RunMode.RUN)
        assert len(composed) == 1
        again = hydra.compose_config("config", given, RunMode.RUN)
        assert len(composed) == 2 and job is not again
    raw = [OmegaConf.to_yaml(one) for one in (job, again)]
    assert raw[0] == raw[1] and job == again and OmegaConf.is_struct(job)


def test_a_sweep_or_other_words_are_composed_for_themselves():
    with (
        hydra_internals.set_aside(),
        loaders.asked_once(),
        initialize_config_dir(str(CONF_DIR), version_base="1.3"),
    ):
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        hydra.get_mode("config", ["seed=1"])
        assert hydra.compose_config("config", ["seed=2"], RunMode.RUN).seed == 2
        hydra.get_mode("config", ["seed=1,2"])
        with pytest.raises(ConfigCompositionException, match="Ambiguous"):
            hydra.compose_config("config", ["seed=1,2", "hydra.mode=RUN"], RunMode.RUN)
        hydra.get_mode("config", ["seed=1,2"])
        assert hydra.compose_config("config", ["seed=1,2"], RunMode.MULTIRUN).hydra.overrides.task == ["seed=1,2"]


def test_a_file_is_parsed_once_as_long_as_it_holds_the_same(tmp_path: Path):
    source = hydra_internals.CheckedFiles("own", f"file://{tmp_path}")
    (tmp_path / "one.yaml").write_text("x: 1\n")
    first = source.load_config("one")
    first.config.x = 7  # as Hydra does
    assert source.load_config("one").config == {"x": 1}
    (tmp_path / "one.yaml").write_text("# @package other\nx: 2\n")
    assert source.load_config("one").config == {"x": 2} and source.load_config("one").header["package"] == "other"
    (tmp_path / "one.yaml").unlink()
    with pytest.raises(ConfigLoadError):
        source.load_config("one")


def test_the_plugin_of_others_is_left_alone():
    from siamnas.config.checked_sweeper import CheckedSweeper

    for name, taken in (("hydra_plugins.optuna.Sweeper", False), (f"{BasicSweeper.__module__}.BasicSweeper", True)):
        node = DictConfig({"_target_": name})
        hydra_internals.plug_in(CheckedSweeper, node)
        assert (node._target_ != name) == taken
