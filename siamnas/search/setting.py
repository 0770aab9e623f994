"""What a search of one's own is asked to be, and the configuration that this makes."""

import copy
import dataclasses
import functools
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siamnas.benchmarks import objectives
from siamnas.benchmarks.constraints import parse
from siamnas.benchmarks.objectives import FREE, Objectives
from siamnas.config import overrides
from siamnas.config.hydra_errors import composed
from siamnas.errors import InputError, literal, shown
from siamnas.experiment import build, configuration
from siamnas.oracle.base import Prior
from siamnas.runtime.arguments import flag, whole, words
from siamnas.search.codes import GivenCodes
from siamnas.spaces import json_folder
from siamnas.spaces.benchmark import DomainBenchmark
from siamnas.spaces.described import files as described
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space
from siamnas.spaces.table import space as table
from siamnas.spaces.table.files import READERS

log = logging.getLogger(__name__)

KEY = re.compile(r"space(\.\w+)+=")
TABLES = tuple(READERS)  # endings of files
YAML = (".yaml", ".yml", ".json")  # of descriptions
MOST_K = 30  # of a budget go to the top of the final ranking, at most; at least half of it is learnt from
RESERVED = (
    "architecture", "index", "seconds", "worker", "why", "asked", "told", "failed", "former", "stopped", "reports",
    "feasible", "front", "hypervolume", "best", "evaluations", "pending",
)  # fmt: skip
"""What a history says beside what was told."""
RANDOM = ("search=active", "acquisition=random", "search.initial_design.kind=random")
"""What `predictor=random` stands for where there is no list, whose top it could rank at random."""
DERIVED = (
    "search.n", "search.depth", "seed", "repeats", "space", "name", "out", "logger", "cluster",
    "experiment",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """See `siamnas.Search`."""

    predictor: str
    budget: int
    maximise: bool
    seed: int
    overrides: Sequence[str]  # a tuple, once it is checked
    objectives: tuple[tuple[str, str], ...] = ()
    constraints: tuple[str, ...] = ()
    replicate: bool = False

    def __post_init__(self) -> None:
        self._read_objectives()
        object.__setattr__(self, "budget", whole("budget", self.budget, 2))
        object.__setattr__(self, "seed", whole("seed", self.seed, 0))
        object.__setattr__(self, "maximise", flag("maximise", self.maximise))
        object.__setattr__(self, "replicate", flag("replicate", self.replicate))
        if self.replicate and self.several:
            raise InputError("replicate=True: needs one objective without constraints")
        if not isinstance(self.predictor, str) or self.predictor != self.predictor.strip():
            raise InputError(f"predictor={literal(self.predictor)}: must be the name of an option")
        object.__setattr__(self, "overrides", words("overrides", self.overrides))
        for word in self.overrides:
            if overrides.key(word) in DERIVED:
                raise InputError(f"overrides: {word}: is decided by the arguments of the search")

    def _read_objectives(self) -> None:
        """Objectives and constraints in one form; the first objective says whether larger is better.

        Raises:
            InputError: they are not allowed.
        """
        given, limits = self.objectives, self.constraints
        pairs = dict(given) if isinstance(given, tuple) else given
        if not isinstance(pairs, Mapping):
            raise InputError(f"objectives={literal(given)}: must be a dictionary such as {{'ppl': 'min'}}")
        if isinstance(limits, str) or not isinstance(limits, Sequence):
            raise InputError(f"constraints={literal(limits)}: must be a list of texts such as 'memory<=8'")
        object.__setattr__(self, "objectives", tuple(pairs.items()))
        object.__setattr__(self, "constraints", tuple(limits))
        several = self.several
        for place, name in enumerate(several.told if several else ()):
            if name in RESERVED or (name == objectives.SINGLE and place):
                raise InputError(f"objectives.{name}: is a column of the history; choose another name")
        if several and pairs:
            object.__setattr__(self, "maximise", several.aims[0].maximise)

    @functools.cached_property
    def several(self) -> Objectives | None:
        """What the search is for, where an evaluation tells more than one number without a name."""
        return objectives.objectives(dict(self.objectives), self.constraints, self.maximise)

    def known(self, columns: Collection[str]) -> "Setting":
        """The same, where constraints on free columns of the space, which nobody has to tell, are marked."""
        told, limits = [name for name, word in self.objectives if not word.endswith(FREE)], list[str]()
        for text in self.constraints:
            name = str((found := parse(text)) and found.column)
            limits.append(f"{text}{FREE}" if name in columns and name not in told else text)
        return self if tuple(limits) == self.constraints else dataclasses.replace(self, constraints=tuple(limits))

    def without_list(self) -> "Setting":
        """The same on a space that has no list: random search is what its user means who names no other search."""
        own = {overrides.key(word) for word in self.overrides} & {"search", "acquisition"}
        if self.predictor != "random" or own:
            return self
        return dataclasses.replace(self, overrides=(*self.overrides, *RANDOM))

    def changed(self, predictor: str, words: Sequence[str], grows: bool) -> "Setting":
        """The same with another predictor and its words.

        Args:
            predictor: an option.
            words: its further words.
            grows: whether the space has no list.
        """
        check_words(words)
        wanted = dataclasses.replace(self, predictor=predictor, overrides=words)
        return wanted.without_list() if grows else wanted

    @property
    def header(self) -> dict[str, Any]:
        """As it stands in the first line of a journal."""
        return {
            "predictor": self.predictor,
            "budget": self.budget,
            "maximise": self.maximise,
            "seed": self.seed,
            "overrides": list(self.overrides),
            **({"objectives": dict(self.objectives)} if self.objectives else {}),
            **({"constraints": list(self.constraints)} if self.constraints else {}),
            **({"replicate": True} if self.replicate else {}),
        }

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> "Setting":
        """What `header` says.

        Raises:
            KeyError, TypeError: it says something else.
            InputError: see `Setting`.
        """
        kinds = {"predictor": str, "budget": int, "maximise": bool, "seed": int, "overrides": list}
        for key, kind in kinds.items():
            if type(header[key]) is not kind:
                raise TypeError(f"{key} is not of type {kind.__name__}")
        if not all(isinstance(word, str) for word in header["overrides"]):
            raise TypeError("overrides are not all texts")
        more = {key: header[key] for key in ("objectives", "constraints", "replicate") if key in header}
        return cls(
            **{key: header[key] for key in kinds if key != "overrides"}, overrides=tuple(header["overrides"]), **more
        )

    def compose(self, more: int = 0) -> dict[str, Any]:
        """The configuration of the search, checked.

        Args:
            more: evaluations that are known beside those of the budget.

        Raises:
            InputError: an option or an override is not allowed.
        """
        given = copy.deepcopy(self._composed)
        wanted = any(overrides.key(word) == "search.k" for word in self.overrides)
        given["search"] |= divide(self.budget + more, given["search"], wanted)
        return given

    @functools.cached_property
    def _composed(self) -> dict[str, Any]:
        """The configuration before the budget is divided; to compose it takes long."""
        chosen = [f"predictor={self.predictor}", f"seed={self.seed}", "repeats=1", "logger=none", *self.overrides]
        return configuration.load(*composed(chosen)).config

    @property
    def waits(self) -> bool:
        """Whether whole batches are wanted, whose values do not depend on the order in which they come."""
        return any(overrides.key(word) == "search.batch" for word in self.overrides)

    def check_size(self, size: int) -> None:
        """The budget must fit into the space, unless architectures are evaluated again.

        Raises:
            InputError: it does not.
        """
        if self.budget > size and not self.replicate:
            raise InputError(f"budget={self.budget}: must be at most {size}, the number of architectures of the space")

    def doubt_size(self, size: float) -> None:
        """Say that the budget can't be spent, where so few architectures keep the limits on free columns."""
        limits = self.several.free_limits if self.several else []
        if limits and self.budget > size:
            log.warning("budget=%d: no more than %g architectures keep %s", self.budget, size, ", ".join(limits))


def check_words(given: Any) -> None:
    """No word may choose a predictor beside the argument that says it.

    Raises:
        InputError: one does.
    """
    for word in words("overrides", given or ()):
        if overrides.key(word) == "predictor":
            raise InputError(f"overrides: {word}: is decided by the argument predictor")


def setting_of(header: Mapping[str, Any], path: Any) -> Setting:
    """What a journal says of its search.

    Raises:
        InputError: it is damaged.
    """
    try:
        return Setting.of(header)
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{path}, line 1: is damaged ({error})") from error


def divide(budget: int, search: Mapping[str, Any], wanted: bool = False) -> dict[str, int]:
    """How a budget is divided among the fields of a search.

    Args:
        budget: evaluations in all.
        search: its fields.
        wanted: whether its K is what the user wants.

    Raises:
        InputError: the K that is wanted leaves nothing of the budget.
    """
    if "k" not in search:  # no final ranking
        return {"n": budget}
    if "depth" not in search:  # what is drawn at random comes first, the rest is chosen
        # Half of a small budget at most is spent before anything has been learnt.
        n = min(search["n"], budget // 2)
        return {"n": n, "k": budget - n}
    k = search["k"] if wanted else min(MOST_K, budget // 2)
    if k >= budget:
        raise InputError(f"search.k={k}: must be less than the budget of {budget}")
    return {"n": budget - k, "k": k, "depth": k}


def find_space(space: Space | Domain | str | Path) -> tuple[Space | Domain, Prior]:
    """The space, and the codes that come with it.

    Args:
        space: see `siamnas.Search`.

    Raises:
        InputError: there is no such space, or a file of it can't be used.
    """
    if isinstance(space, Domain):
        return space, GivenCodes(None, 0)
    if isinstance(space, Space):
        return space, GivenCodes(None, len(space))
    if not isinstance(space, str | Path) or not str(space).strip() or str(space) != str(space).strip():
        raise InputError(f"space={literal(space)}: must be a siamnas.Space, the path or the name of one")
    path = Path(space).expanduser()
    if path.is_dir():
        files = json_folder.read(path)
        return json_folder.free(files, path.name), GivenCodes(json_folder.own_codes(files), len(files))
    if path.suffix in TABLES:
        return find_space(table.read(path, table.Shape())[0])
    if not shipped_name(space):
        return described.read(path), GivenCodes(None, 0)
    # Of the rest only the oracle is looked at; the predictor by default would import torch.
    shipped = configuration.load(*composed([*_words(str(space)), "predictor=random", "logger=none"])).config
    found = build.space_or_benchmark(shipped)
    if isinstance(found, DomainBenchmark):
        found = found.domain
    if isinstance(found, Space | Domain):
        return find_space(found)
    return found.space, build.oracle(shipped, found, 1)


def _words(shipped: str) -> list[str]:
    """The words of a command line for a shipped space: its name, and after it what is chosen of it.

    Raises:
        InputError: what follows the name is nothing of a space.
    """
    name, *chosen = shipped.split() or [shipped]
    for word in chosen:
        if not KEY.match(word):
            raise InputError(
                f"space={shown(shipped)}: there is no such file or folder, and {shown(word)} says nothing of a shipped "
                "space, as in 'gpt space.scale=l'"
            )
    return [f"space={name}", *chosen]


def shipped_name(space: object) -> str:
    """The shipped space that is given by its name and what is chosen of it; empty where it is a path or a space."""
    if not isinstance(space, str | Path):
        return ""
    path = Path(space).expanduser()
    described = path.suffix in YAML and (path.is_file() or len(str(space).split()) == 1)  # not `json space.path=x.json`
    return "" if path.is_dir() or path.suffix in TABLES or described else str(space)
