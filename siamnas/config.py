"""What a configuration may hold, and the identity of a job.

The values are in `conf/`; here are their types and ranges, without defaults.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from omegaconf import DictConfig

from siamnas.compose import plain
from siamnas.errors import InputError
from siamnas.schema import Count, Natural, Positive, Probability, Rule, Share, Word, check
from siamnas.spaces.options import FolderSpace, TableSpace

DEPTH = 3  # parts of the path of a job below the folder that it shares: space, predictor, the numbers
# Keys of `trainer` that change the speed, and the numbers by no more than float rounding.
SPEED_KEYS = ("chunk", "accelerator", "threads", "compile")
Name = Annotated[str, Rule("a name without '/', '\\' and ':'", lambda v: v.strip(".") and not set("/\\:") & set(v))]


@dataclass
class Phase:
    """A part of the training with one learning rate and a fresh optimiser."""

    share: Share
    lr: Positive


@dataclass
class Trainer:
    """The training schedule, see `conf/trainer/paper.yaml`."""

    batch_size: Count
    epochs: Count
    phases: Annotated[
        list[Phase],
        Rule("a list of phases whose shares sum to 1", lambda v: abs(sum(p["share"] for p in v) - 1) < 1e-6),
    ]
    closing_epochs: Natural
    closing_lr: Positive
    ranked_share: Share
    norm_momentum: Share
    recalibrate: bool
    chunk: Count
    precision: Literal["highest", "high", "medium"]
    accelerator: Literal["auto", "cpu", "gpu"]
    threads: Count | None
    compile: bool


@dataclass
class Sampler:
    """The batch top sampler, see `conf/predictor/siams_bts.yaml`."""

    start: Share
    rounds: Count
    top: Count
    order: Literal["published", "even"]
    window: Annotated[
        list[Probability],
        Rule("two shares of the epochs, the lower one first", lambda v: len(v) == 2 and v[0] < v[1]),
    ]


@dataclass
class Graph:
    """The naive predictor, see `conf/predictor/gcn.yaml`."""

    _target_: Word
    channels: Count
    nsam: bool
    pooling: Literal["channels", "nodes"]
    mixup: Probability
    sampler: Sampler | None


@dataclass
class Siamese(Graph):
    """The Siamese-Predictor, see `conf/predictor/siams.yaml`."""

    efm_shared_qv: bool
    efm_double_update: bool


@dataclass
class Regressor:
    """A classical model, see `conf/predictor/forest.yaml`; the model's own arguments are checked where it is made."""

    _target_: Word
    rounds: Count
    code: bool
    model: dict


@dataclass
class TopK:
    """Train on N, rank, evaluate the top K, see `conf/search/topk.yaml`."""

    _target_: Word
    n: Count
    k: Count
    rerank: Natural
    depth: Count
    pool: Literal["keep", "exclude", "start"]


@dataclass
class Wandb:
    """Weights & Biases, see `conf/logger/wandb.yaml`."""

    _target_: Word
    project: Word
    entity: Word | None
    group: Word | None
    mode: Literal["auto", "online", "offline"]
    init_timeout: Positive
    finish_timeout: Positive


@dataclass
class Main:
    """The top level of a configuration."""

    space: dict
    predictor: dict
    trainer: Trainer
    search: dict
    logger: dict
    seed: Natural
    repeats: Count
    name: Name
    out: Word


# Schemas of what `_target_` names; a class that is not listed checks its own arguments.
SCHEMAS: dict[str, type] = {
    "siamnas.predictors.siamese.GraphPredictor": Graph,
    "siamnas.predictors.siamese.SiamesePredictor": Siamese,
    "siamnas.predictors.regressor.Regressor": Regressor,
    "siamnas.search.topk.TopK": TopK,
    "siamnas.spaces.nb201.load": TableSpace,
    "siamnas.spaces.macro.load": TableSpace,
    "siamnas.spaces.json_folder.load": FolderSpace,
    "siamnas.loggers.wandb_logger.WandbLogger": Wandb,
}


@dataclass(frozen=True)
class Job:
    """One configuration, checked.

    Attributes:
        config: the resolved configuration as a plain container.
        choices: group -> chosen option, for example space -> nb201_c100.
        overrides: the words of the command line that made it.
    """

    config: dict[str, Any]
    choices: dict[str, str]
    overrides: tuple[str, ...] = ()

    @property
    def identities(self) -> range:
        """`seed + repeat` of each repeat."""
        return range(self.config["seed"], self.config["seed"] + self.config["repeats"])

    @property
    def science(self) -> dict[str, Any]:
        """The part of the configuration that the numbers depend on (beyond float rounding)."""
        science = {key: self.config[key] for key in ("space", "predictor", "search", "seed", "repeats")}
        science["trainer"] = {k: v for k, v in self.config["trainer"].items() if k not in SPEED_KEYS}
        return science

    @property
    def root(self) -> Path:
        """The folder that all jobs of this name share, absolute."""
        return (Path(self.config["out"]).expanduser() / self.config["name"]).absolute()

    @property
    def path(self) -> str:
        """Path below `root`: deterministic, and different for configurations whose numbers differ.

        It has `DEPTH` parts: an option that lies in a folder of its group (`space=mine/foo`) is one part, `mine.foo`.
        """
        digest = hashlib.sha256(json.dumps(self.science, sort_keys=True).encode()).hexdigest()[:8]
        search, seed, repeats = self.config["search"], self.config["seed"], self.config["repeats"]
        leaf = f"n={search['n']},k={search['k']},seed={seed},repeats={repeats},{digest}"
        return "/".join([*(self.choices[group].replace("/", ".") for group in ("space", "predictor")), leaf])

    @property
    def folder(self) -> Path:
        """Where the result of this configuration lies."""
        return self.root / self.path

    @property
    def title(self) -> str:
        """For progress and messages."""
        return f"{self.choices['predictor']} on {self.choices['space']}, n={self.config['search']['n']}"


def load(cfg: DictConfig, choices: Mapping[str, str | None], overrides: Iterable[str] = ()) -> Job:
    """Resolve a composed configuration and check all types and ranges.

    Args:
        cfg: as Hydra composed it.
        choices: the chosen option of every group, `hydra.runtime.choices`.
        overrides: the words of the command line that made it, `hydra.overrides.task`.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    config = plain(cfg)
    config.pop("experiment", None)
    check(Main, config)
    for group in ("space", "predictor", "search", "logger"):
        check_target(config[group], group)
    check_search(config)
    chosen = {group: str(option) for group, option in choices.items() if option and not group.startswith("hydra")}
    return Job(config, chosen, tuple(overrides))


def check_target(fields: dict[str, Any], where: str) -> None:
    """Check a group whose `_target_` has a schema; what else it may name checks its own arguments.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    if not isinstance(fields, dict):
        raise InputError(f"{where}={fields}: must be a group of keys")
    if schema := SCHEMAS.get(fields.get("_target_", "")):
        check(schema, fields, where)


def check_search(config: dict[str, Any]) -> None:
    """Check N against the trainer.

    Raises:
        InputError: no cell is left to train on.
    """
    n, closing = config["search"]["n"], config["trainer"]["closing_epochs"]
    if issubclass(SCHEMAS.get(config["predictor"].get("_target_"), object), Graph) and n <= closing:
        raise InputError(
            f"search.n={n}: must be more than {closing}, because trainer.closing_epochs={closing} of the N queries are "
            "closing evaluations and the others are what the predictor trains on"
        )


def check_budget(config: dict[str, Any], size: int) -> None:
    """Check N and K against the size of the space.

    Raises:
        InputError: the space has too few cells.
    """
    n, k = config["search"]["n"], config["search"]["k"]
    if n > size:
        raise InputError(f"search.n={n}: must be at most {size}, the number of cells of the space")
    if n + k > size:
        raise InputError(
            f"search.k={k}: search.n + search.k = {n + k} must be at most {size}, the number of cells of the space"
        )
