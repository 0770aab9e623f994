"""Where Hydra looks for configs and where it writes: what is nowhere, or would have no effect, is refused by name."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from hydra.conf import HydraConf
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from siamnas.config import hydra_internals
from siamnas.config.overrides import SEARCH_PATH
from siamnas.config.validate import near
from siamnas.errors import InputError, shown

PACKAGE = Path(__file__).resolve().parents[1]
# A wheel carries the folder inside the package; in a checkout it lies beside it.
CONF_DIR = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"

# Results lie below `out` and `name`, and so does what is written of a sweep; see conf/common.yaml.
FOLDERS = {"run.dir": ".", "output_subdir": None, "sweep.dir": "${out}/${name}", "sweep.subdir": "."}
LAUNCHER = ("hydra.launcher", "hydra.launcher._target_")
DECIDED = ("hydra.callbacks.sweep", "hydra.overrides", "hydra.runtime")  # without which nothing checks a sweep


def check_search_path(words: Iterable[Override]) -> None:
    """Check that there is a folder or a package in each place in which words let Hydra look for configs.

    Raises:
        InputError: there is none, or a second word names places, which Hydra does not read.
    """
    given = [word for word in words if word.key_or_group == SEARCH_PATH]
    if len(given) > 1:
        raise InputError(f"{SEARCH_PATH}: is there twice; must be one list such as {SEARCH_PATH}=[DIR,DIR]")
    places = given[0].value() if given else []
    for place in places if isinstance(places, list) else [places]:
        if not isinstance(place, str) or not hydra_internals.is_place(place):
            raise InputError(f"{SEARCH_PATH}={shown(str(place))}: must be a folder, or pkg:// and a package")


def check_words(words: Iterable[Override]) -> None:
    """Check that words leave Hydra's own folders where siamnas writes to and looks in, and its keys what they are.

    Raises:
        InputError: one sets another folder, a value in the place of keys of Hydra, or what siamnas decides.
    """
    for word in words:
        key = word.key_or_group.removeprefix("hydra.")
        if key == word.key_or_group:
            continue
        if f"{word.key_or_group}.".startswith(tuple(f"{one}." for one in DECIDED)):
            raise InputError(f"{shown(str(word.input_line))}: is decided by siamnas; leave it out")
        if key in FOLDERS:
            _check_folder(key, word.value())
        elif not isinstance(word.value(), dict) and not word.is_delete():
            _check_is_value(shown(str(word.input_line)), word.key_or_group)


def _check_is_value(word: str, key: str) -> None:
    """Check that Hydra has the key to which a word gives a value, and that it holds no others, which would be gone."""
    if key in LAUNCHER:
        raise InputError(f"{word}: a launcher is chosen by cluster=joblib or cluster=slurm")
    node: Any = OmegaConf.structured(HydraConf)
    for name in key.split(".")[1:]:
        if not isinstance(node, DictConfig) or node._is_missing():
            return
        kind: Any = node._metadata.object_type
        if is_dataclass(kind) and name not in (known := [field.name for field in fields(kind)]):
            raise InputError(f"unknown key {shown(key)}{near(name, known)}")
        node = node._get_node(name)
    if isinstance(node, DictConfig):
        raise InputError(f"{word}: {key} has keys, which are set one by one, as in hydra.job.env_set.NAME=VALUE")


def check_folders(hydra: HydraConf | DictConfig) -> None:
    """The same for the `hydra` node of a composed configuration, as files may set them."""
    raw: Any = OmegaConf.to_container(hydra, resolve=False)
    for key in FOLDERS:
        group, _, last = key.rpartition(".")
        _check_folder(key, (raw[group] if group else raw)[last])


def _check_folder(key: str, found: Any) -> None:
    if found != FOLDERS[key]:
        raise InputError(f"hydra.{key}={shown(str(found))}: has no effect on results; they lie in out=DIR name=NAME")
