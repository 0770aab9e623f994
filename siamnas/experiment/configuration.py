"""What a configuration may hold, and the identity of a job.

The values are in `conf/`; here are their types and ranges, without defaults.
"""

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from omegaconf import DictConfig

from siamnas.config.compose import plain
from siamnas.config.instantiate import check_fields, find_class, takes
from siamnas.config.translate import FINGERPRINT, FORMER
from siamnas.config.validate import Condition, Count, Natural, Word, check
from siamnas.errors import InputError
from siamnas.experiment import build, identity
from siamnas.experiment.choices import method, space
from siamnas.experiment.fingerprint import fingerprint, without_paths
from siamnas.experiment.identity import digest
from siamnas.training.settings import Trainer

# In the order in which they are checked: what imports much comes last.
GROUPS = ("space", "oracle", "acquisition", "search", "logger", "predictor")
LEARNERS = ("acquisition", "predictor")  # groups that a search may do without; null for one that does
TRAINED = ("network", "images", "what", "code")  # groups of a search that trains architectures; null for others
DECISIVE = ("oracle", "acquisition", "predictor", "search", "seed", "repeats")
LONGEST = 3000  # bytes of the path of results; systems allow 4,096, and siamnas adds what tells a job from others
DEPTH = 3  # parts of the path of a job below the folder that it shares: space, method, the numbers
# Keys of `trainer` that change the speed; on a GPU the numbers too, by no more than float rounding.
SPEED_KEYS = ("chunk", "accelerator", "threads", "compile")


def _is_part(text: str) -> bool:
    """Whether a text can be one part of a path, on any system."""
    return bool(text.strip(". ")) and text.isprintable() and not set("/\\:") & set(text) and len(text.encode()) <= 200


def _is_path(text: str) -> bool:
    parts = text.split("/")
    if not text or not text.isprintable() or any(len(part.encode()) > 255 for part in parts):
        return False
    return len(os.fsencode(Path(text).absolute())) <= LONGEST


Name = Annotated[
    str,
    Condition("a name without '/', '\\' and ':', of at most 200 bytes (a number in quotes: 'name=\"7\"')", _is_part),
]
Label = Annotated[
    str,
    Condition("a printable text of at most 60 characters", lambda v: v.strip() and v.isprintable() and len(v) <= 60),
]
Out = Annotated[
    str,
    Condition(
        f"the path of a folder, without control characters, of at most {LONGEST:,} bytes, and 255 in each part",
        _is_path,
    ),
]


@dataclass
class Main:
    """The top level of a configuration."""

    space: dict
    oracle: dict
    acquisition: dict
    predictor: dict
    trainer: Trainer
    search: dict
    logger: dict
    network: dict | None
    images: dict | None
    what: dict | None
    code: dict | None
    objective: Word | None
    seed: Natural
    repeats: Count
    name: Name
    label: Label | None
    out: Out


@dataclass
class _Choices:
    """The groups of a stored configuration that its path and its tables name."""

    space: Word
    search: Word
    trainer: Word


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
    def seeds(self) -> range:
        """`seed + repeat` of each repeat."""
        return range(self.config["seed"], self.config["seed"] + self.config["repeats"])

    @property
    def trains(self) -> bool:
        """Whether the search trains architectures, instead of looking them up."""
        return self.config["what"] is not None

    @property
    def reports_labels(self) -> bool:
        """Whether every repeat has true values of its own, see `siamnas.oracle.noisy.SingleRun`."""
        return getattr(find_class(self.config["oracle"]), "reports_labels", False)

    @property
    def k(self) -> int:
        """K; 0 for a search that evaluates no final ranking."""
        return self.config["search"].get("k", 0)

    @property
    def method(self) -> str:
        """The predictor, or the search where it needs none."""
        return method(self.choices)

    @functools.cached_property
    def identity(self) -> dict[str, Any]:
        """All that the numbers depend on, see `siamnas.experiment.identity`."""
        decisive = {key: self.config[key] for key in DECISIVE}
        # Where something lies changes no number; what it holds is in the fingerprint.
        decisive["space"] = without_paths(self.config["space"])
        if self._of_search:
            decisive["search"] = {key: value for key, value in self.config["search"].items() if key != "sources"}
        decisive["trainer"] = {k: v for k, v in self.config["trainer"].items() if k not in SPEED_KEYS}
        if self.config["objective"]:
            decisive["objective"] = self.config["objective"]
        if self.trains:
            decisive |= {group: without_paths(self.config[group] or {}) for group in TRAINED}
            decisive["oracle"] = {k: v for k, v in self.config["oracle"].items() if k not in ("device", "workers")}
            if (device := str(self.config["oracle"].get("device", "cpu")).partition(":")[0]) != "cpu":
                decisive["oracle"]["device"] = device  # a GPU rounds otherwise, which a training makes larger
        return identity.named(decisive) | {FINGERPRINT: self.fingerprint} | identity.stated(self.config)

    @functools.cached_property
    def fingerprint(self) -> dict[str, str]:
        """Digests of the tables, files, folders and images that the numbers depend on, see `fingerprint`."""
        found = fingerprint(self.config["space"]) | build.definition(self.config["space"])
        if of_search := self._of_search:
            found |= of_search(self.config["search"], self.config["space"].get("maximise", True))
        return found | {identity.IMAGES: build.images(self.config).digest} if self.trains else found

    @property
    def _of_search(self) -> Any:
        """What says what the `sources` of a search hold; None where it has none."""
        return getattr(find_class(self.config["search"]), "fingerprint", None)

    @property
    def root(self) -> Path:
        """The folder that all jobs of this name share, absolute."""
        return (Path(self.config["out"]).expanduser() / self.config["name"]).absolute()

    @property
    def path(self) -> str:
        """Path below `root`: deterministic, and different for configurations whose numbers differ.

        It has `DEPTH` parts: an option that lies in a folder of its group (`space=mine/foo`) is one part, `mine.foo`.
        """
        return self._path(self.identity, self.method)

    def _path(self, identity: Mapping[str, Any], method: str) -> str:
        """See `path`."""
        search, seed, repeats = self.config["search"], self.config["seed"], self.config["repeats"]
        leaf = f"n={search['n']},k={self.k},seed={seed},repeats={repeats},{digest(identity)}"
        return "/".join([*(option.replace("/", ".") for option in (self.choices["space"], method)), leaf])

    @property
    def folder(self) -> Path:
        """Where the result of this configuration lies: where an earlier version has begun it, if one has."""
        methods = (self.method, *(old for old, new in FORMER["predictor"].items() if new == self.method))
        paths = [self._path(form, method) for form in identity.forms(self.identity) for method in methods]
        return next((begun for path in paths[1:] if (begun := self.root / path).is_dir()), self.root / paths[0])

    @property
    def title(self) -> str:
        """For progress and messages."""
        on = space(self.choices, self.config["space"])
        return f"{self.config.get('label') or self.method} on {on}, n={self.config['search']['n']}"


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
    if config.pop("experiment", None):
        raise InputError(
            f"experiment={choices['experiment']}: its file sets nothing; it must begin with # @package _global_"
        )
    return checked(config, choices, overrides)


def stored(config: Any, choices: Any) -> Job:
    """The job of a configuration that a result holds, checked like that of a command line.

    Args:
        config: as it was stored, whatever it is; nothing in it is resolved again.
        choices: as they were stored.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    check(_Choices, {key: choices.get(key) for key in ("space", "search", "trainer")} if choices else {}, "choices")
    if not all(isinstance(option, str) for option in choices.values()):
        raise InputError("choices: must be a text for every group")
    if not isinstance(config, Mapping):
        raise InputError("config: must be a group of keys")
    # Null is what `checked` makes of a group that the search does without.
    left_out: dict[str, Any] = {group: {} for group in LEARNERS if config.get(group) is None}
    return checked({**config, **left_out}, choices)


def checked(config: dict[str, Any], choices: Mapping[str, str | None], overrides: Iterable[str] = ()) -> Job:
    """Check all types and ranges of a configuration that is resolved; otherwise as `load`.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    config = dict.fromkeys((*TRAINED, "label")) | {key: value for key, value in config.items() if key != "experiment"}
    check(Main, config)
    for group in (*GROUPS, *(group for group in TRAINED if config[group] is not None)):
        check_fields(config[group], group)
    _check_trained(config)
    _check_choices(choices)
    for group in ("space", "search", "trainer"):
        if group not in choices:
            raise InputError(f"~{group}: a job is called after its option; keep one, and set {group}._target_")
    # They stand in paths, tables and figures; a search that evaluates no final ranking has no K.
    for key, value in {"n": None, "k": 1, **config["search"]}.items():
        if key in ("n", "k") and (type(value) is not int or value < 1):
            raise InputError(f"search.{key}={value}: must be an integer of at least 1")
    chosen = {group: str(option) for group, option in choices.items() if option and not group.startswith("hydra")}
    for group in LEARNERS:
        if not takes(config["search"], group):  # what has no effect is no part of the job
            config[group] = None
            chosen.pop(group, None)
    return Job(config, chosen, tuple(overrides))


def _check_choices(choices: Mapping[str, str | None]) -> None:
    """An option is a part of the path of a result, where it must not lead elsewhere."""
    for group, option in choices.items():
        if option and not group.startswith("hydra") and not all(map(_is_part, str(option).split("/"))):
            raise InputError(f"{group}={option}: must be the name of a config, or a path to one inside its group")


def _check_trained(config: Mapping[str, Any]) -> None:
    """What trains architectures must be said if, and only if, the oracle takes it."""
    trains = takes(config["oracle"], "evaluators")
    for group in TRAINED:
        if trains and config[group] is None and group != "code":
            raise InputError(f"{group}=null: must be one of the group, oracle trains architectures with it")
        if not trains and config[group] is not None:
            raise InputError(f"{group}: has no effect, the oracle trains nothing; oracle=train does")
