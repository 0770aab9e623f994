"""What a configuration of `siamnas measure` may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from omegaconf import DictConfig

from siamnas.config.compose import plain
from siamnas.config.instantiate import check_fields
from siamnas.config.validate import Condition, Few, Natural, Word, check
from siamnas.experiment.configuration import Name, Out

GROUPS = ("space", "network", "images", "what", "logger")


def _names_any(value: Any) -> bool:
    """Whether a value of `archs` is of a kind that names architectures."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(name, str | int) for name in value)
    return value is None or (isinstance(value, str) and bool(value)) or (type(value) is int and value >= 1)


@dataclass
class Main:
    """The top level of `conf/measure.yaml`."""

    space: dict
    network: dict
    images: dict
    what: dict
    logger: dict
    archs: Annotated[
        Any, Condition("null, an integer of at least 1, a list of names or a file with one per line", _names_any)
    ]
    seed: Natural
    device: Word
    workers: Few | None
    worker: Natural
    retry: bool
    name: Name
    out: Out


@dataclass(frozen=True)
class Settings:
    """One configuration, checked.

    Attributes:
        config: the resolved configuration as a plain container.
        choices: group -> chosen option.
    """

    config: dict[str, Any]
    choices: dict[str, str]

    @property
    def root(self) -> Path:
        """The folder that all of this name share, absolute."""
        return (Path(self.config["out"]).expanduser() / self.config["name"]).absolute()

    @property
    def title(self) -> str:
        """For progress and messages."""
        return f"{self.choices['what']} of {self.choices['space']}"


def load(cfg: DictConfig, choices: Mapping[str, str | None]) -> Settings:
    """Resolve a composed configuration and check all types and ranges.

    Args:
        cfg: as Hydra composed it.
        choices: the chosen option of every group, `hydra.runtime.choices`.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    config = plain(cfg)
    config.pop("trainer", None)  # that of a cluster
    check(Main, config)
    for group in GROUPS:
        check_fields(config[group], group)
    return Settings(config, {group: str(option) for group, option in choices.items() if group in GROUPS})
