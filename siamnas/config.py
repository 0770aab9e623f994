"""What a configuration may hold, and the identity of a job.

The values are in `conf/`; here are their types and ranges, without defaults.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from siamnas.contents import contents, without_places
from siamnas.errors import InputError
from siamnas.schema import Count, Natural, Positive, Rule, Word, check
from siamnas.targets import check_fields
from siamnas.training.settings import Trainer

PACKAGE = Path(__file__).resolve().parent
# A wheel carries the folder inside the package; in a checkout it lies beside it.
CONF_DIR = PACKAGE / "conf" if (PACKAGE / "conf").is_dir() else PACKAGE.parent / "conf"
FIGURE_KEYS = ("experiment", "figure", "name", "out", "logger", "hydra")  # what a command line may say of a figure
GROUPS = ("space", "oracle", "acquire", "predictor", "search", "logger")
SCIENCE_KEYS = ("oracle", "acquire", "predictor", "search", "seed", "repeats")
# Keys of `trainer` that change the speed, and the numbers by no more than float rounding.
SPEED_KEYS = ("chunk", "accelerator", "threads", "compile")
Spaces = Annotated[
    dict,
    Rule("a group of spaces", lambda v: v and all(isinstance(space, dict) for space in v.values())),
]


@dataclass
class OverFlops:
    """Accuracy against FLOPs, see `conf/experiment/fig4.yaml`."""

    _target_: Word
    spaces: Spaces
    limit: Positive


@dataclass
class OverCodes:
    """Accuracy against Estimation Codes, see `conf/experiment/fig5.yaml`."""

    _target_: Word
    spaces: Spaces
    codes: Annotated[
        dict,
        Rule(
            "a group of names, each with a list of columns",
            lambda v: v and all(isinstance(c, list) and c and all(isinstance(w, str) for w in c) for c in v.values()),
        ),
    ]


@dataclass
class Main:
    """The top level of a configuration."""

    space: dict
    oracle: dict
    acquire: dict
    predictor: dict
    trainer: Trainer
    search: dict
    logger: dict
    seed: Natural
    repeats: Count
    name: Annotated[str, Rule("a name without '/', '\\' and ':'", lambda v: v.strip(".") and not set("/\\:") & set(v))]
    out: Word


@dataclass(frozen=True)
class Job:
    """One configuration, checked.

    Attributes:
        config: the resolved configuration as a plain container.
        choices: group -> chosen option, for example space -> nb201_c100.
        overrides: the words of the command line that made it.
        figure: what is drawn instead of a search; None for a search.
    """

    config: dict[str, Any]
    choices: dict[str, str]
    overrides: tuple[str, ...] = ()
    figure: dict[str, Any] | None = None

    @property
    def identities(self) -> range:
        """`seed + repeat` of each repeat."""
        return range(self.config["seed"], self.config["seed"] + self.config["repeats"])

    @property
    def science(self) -> dict[str, Any]:
        """The part of the configuration that the numbers depend on (beyond float rounding)."""
        science = {key: self.config[key] for key in SCIENCE_KEYS}
        science["space"] = without_places(self.config["space"])
        science["trainer"] = {k: v for k, v in self.config["trainer"].items() if k not in SPEED_KEYS}
        return science | {"contents": self.contents}

    @functools.cached_property
    def contents(self) -> dict[str, str]:
        """Digests of the tables, files and folders that the numbers depend on, see `contents`."""
        return contents(self.config["space"])

    @property
    def root(self) -> Path:
        """The folder that all jobs of this name share, absolute."""
        return (Path(self.config["out"]).expanduser() / self.config["name"]).absolute()

    @property
    def cell(self) -> str:
        """Path below `root`: deterministic, and different for configurations whose numbers differ."""
        digest = hashlib.sha256(json.dumps(self.science, sort_keys=True).encode()).hexdigest()[:8]
        search, seed, repeats = self.config["search"], self.config["seed"], self.config["repeats"]
        leaf = f"n={search['n']},k={search['k']},seed={seed},repeats={repeats},{digest}"
        return f"{self.choices['space']}/{self.choices['predictor']}/{leaf}"

    @property
    def folder(self) -> Path:
        """Where the result of this configuration lies."""
        return self.root / self.cell

    @property
    def title(self) -> str:
        """For progress and messages."""
        return f"{self.choices['predictor']} on {self.choices['space']}, n={self.config['search']['n']}"


def compose(words: list[str], name: str = "config") -> tuple[DictConfig, dict[str, str | None]]:
    """What Hydra makes of the words of a command line, without its own node; an application around it is left alone.

    Args:
        words: overrides.
        name: of the primary configuration.

    Returns:
        The configuration, and the chosen option of every group.

    Raises:
        InputError: the words can't be composed.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.singleton import Singleton
    from hydra.errors import HydraException

    around = Singleton.get_state()
    try:
        GlobalHydra.instance().clear()
        with initialize_config_dir(str(CONF_DIR), version_base="1.3"):
            cfg = compose(name, words, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(str(error).partition("\n")[0]) from error
    finally:
        Singleton.set_state(around)
    choices = dict(cfg.hydra.runtime.choices)
    del cfg.hydra
    return cfg, choices


def load(cfg: DictConfig, choices: Mapping[str, str | None], overrides: Iterable[str] = ()) -> Job:
    """Resolve a composed configuration and check all types and ranges.

    Args:
        cfg: as Hydra composed it.
        choices: the chosen option of every group, `hydra.runtime.choices`.
        overrides: the words of the command line that made it, `hydra.overrides.task`.

    Raises:
        InputError: with the key, the value and what is allowed; a figure is asked for what only a search has.
    """
    try:
        config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        raise InputError(f"missing value: give {error.full_key}=...") from error
    except OmegaConfBaseException as error:
        raise InputError(str(error).splitlines()[0]) from error
    config.pop("experiment", None)
    figure = config.pop("figure", None)
    check(Main, config)
    for group in GROUPS:
        check_fields(config[group], group)
    for key in ("n", "k"):  # every search has them: they stand in paths, tables and figures
        if type(config["search"].get(key)) is not int or config["search"][key] < 1:
            raise InputError(f"search.{key}={config['search'].get(key)}: must be an integer of at least 1")
    overrides = tuple(overrides)
    if figure is not None:
        check_fields(figure, "figure")
        check_figure_words(overrides, f"experiment={choices.get('experiment')}", figure)
        for name, space in figure.get("spaces", {}).items():
            check_fields(space, f"figure.spaces.{name}")
    chosen = {group: str(option) for group, option in choices.items() if option and not group.startswith("hydra")}
    return Job(config, chosen, overrides, figure)


def check_figure_words(words: Iterable[str], drawn: str, figure: dict[str, Any]) -> None:
    """Check that nothing is asked of a figure that only a search has.

    Raises:
        InputError: a word would have no effect.
    """
    for word in words:
        key = word.lstrip("+~").partition("=")[0].rpartition("@")[2]
        if key.partition(".")[0] not in FIGURE_KEYS:
            keys = ", ".join(f"figure.{key}" for key in figure if key != "_target_")
            raise InputError(
                f"{word}: has no effect, {drawn} draws a figure and searches nothing; give {keys}, name or out"
            )
