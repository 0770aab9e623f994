"""What is wrong with a job, found before anything is computed; for a sweep, with any of its jobs.

A job is checked by building its search for its first repeat. What was built for the check of a sweep is not built again
by its jobs, as long as they run in the same process.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from siamnas.config import overrides
from siamnas.config.instantiate import takes
from siamnas.config.loaders import ComposedOnce
from siamnas.config.validate import LARGEST
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.experiment.configuration import TRAINED, Job
from siamnas.graphs.columns import check_column
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark

if TYPE_CHECKING:
    from siamnas.oracle.base import Oracle
    from siamnas.oracle.training import Evaluators
    from siamnas.search.base import Search

Anything = Benchmark | DomainBenchmark
VALUE = 4 * 8  # bytes that a result takes for every evaluation of a repeat
COUNTED = re.compile(r"(seed|worker)=\d{1,9}|repeats=[1-9]\d{0,8}")  # words that no configuration minds
ELSEWHERE = ("seed", "repeats", "name", "label", "out", "logger")  # keys that make no difference to what a check finds
KEPT = 8  # searches that are kept until their jobs begin: some hold 10 MB for one repeat


class Built(NamedTuple):
    """A search that has not begun, for the repeats of some seeds, and the oracle that answers it."""

    seeds: range
    oracle: "Oracle"
    search: "Search"


@dataclass
class Ready:
    """A job that fits.

    Attributes:
        benchmark: what its search looks at.
        parallel: whether processes may share the repeats.
        evaluations: of each repeat.
        built: the search of the check, until a job takes it or has no use for it.
    """

    benchmark: Anything
    parallel: bool
    evaluations: int
    built: Built | None

    def take(self, seeds: range | None) -> Built | None:
        """The search of the check, if it is for these seeds; once, since a search can be made only once."""
        built, self.built = self.built, None
        return built if built and built.seeds == seeds else None


class Checks:
    """Checks of the jobs of one process: a space is loaded once, and jobs that differ in seeds are looked at once."""

    def __init__(self) -> None:
        self._spaces: dict[str, tuple[dict[str, str], Anything]] = {}
        self._searched: dict[str, Anything] = {}
        self._ready: dict[str, Ready] = {}

    def check(self, cfg: DictConfig, choices: Mapping[str, str | None], words: list[str]) -> None:
        """Check a job of a sweep that is about to start, see `Check`."""
        job = configuration.load(cfg, choices, words)
        ready = self._look(job)
        if job.config["repeats"] > 1 or sum(other.built is not None for other in self._ready.values()) > KEPT:
            ready.built = None
        build.logger(job.config)

    def ready(self, job: Job) -> Ready:
        """Check a job that begins now, unless that has been done before.

        Raises:
            InputError: the configuration does not fit the space.
        """
        fingerprint, _ = self._spaces.get(_key_of_space(job), (job.fingerprint, None))
        if fingerprint != job.fingerprint:  # a file has changed since
            for kept in (self._spaces, self._searched, self._ready):
                kept.clear()
        return self._look(job)

    def _look(self, job: Job) -> Ready:
        benchmark = self._benchmark(job)
        key = json.dumps({key: value for key, value in job.config.items() if key not in ELSEWHERE}, sort_keys=True)
        if (ready := self._ready.get(key)) is None:
            built = fits(job, benchmark)
            search, evaluations = built.search, built.search.n + built.search.depth
            parallel = search.parallel and search.device == "cpu" and not job.trains
            # An oracle that trains needs more than a check has.
            ready = Ready(benchmark, parallel, evaluations, None if job.trains else built)
            self._ready[key] = ready
        else:
            _check_size(job, ready.evaluations)
        return ready

    def _benchmark(self, job: Job) -> Anything:
        """What the search of a job looks at."""
        if (key := _key_of_space(job)) not in self._spaces:
            self._spaces[key] = job.fingerprint, build.any_benchmark(job.config)
        if (own := f"{key} {_key_of_sample(job)}") not in self._searched:
            self._searched[own] = build.searched(job.config, self._spaces[key][1])
        return self._searched[own]


def fits(job: Job, benchmark: Anything) -> Built:
    """Build the search of a job, for its first repeat.

    Raises:
        InputError: the configuration does not fit the space.
    """
    if objective := job.config["objective"]:
        check_column(objective, f"objective={objective}", benchmark.space.columns)
    if isinstance(benchmark, DomainBenchmark) and job.trains:
        _check_codes(job, benchmark)
    built = search_of(job, benchmark, job.seeds[:1])
    _check_size(job, built.search.n + built.search.depth)
    return built


def _check_codes(job: Job, benchmark: DomainBenchmark) -> None:
    """Refuse Estimation Codes that nobody reads: those of a space without a list are its free columns."""
    for word in job.overrides:
        if job.config["code"] is not None and "code" in (overrides.target(word).partition(".")[0], overrides.key(word)):
            raise InputError(
                f"{word}: has no effect on {benchmark.domain.name}, whose Estimation Codes are its free columns, as it "
                "has no list; leave it out"
            )


def search_of(job: Job, benchmark: Anything, seeds: range, evaluators: "Evaluators | None" = None) -> Built:
    """The search of a job for some of its repeats; one that trains can't begin without `evaluators`."""
    oracle = build.oracle(job.config, benchmark, len(seeds), evaluators, seeds)
    return Built(seeds, oracle, build.search(job.config, benchmark.space, oracle, benchmark.metric, seeds))


def _check_size(job: Job, evaluations: int) -> None:
    """Refuse a result that fills the memory."""
    repeats = job.config["repeats"]
    if (size := repeats * evaluations * VALUE) > LARGEST:
        raise InputError(
            f"repeats={repeats}: with {evaluations:,} evaluations each makes a result of {size / 2**30:,.1f} GiB, must "
            f"be at most {LARGEST / 2**30:.0f}; take fewer, or parts of them with seed=..."
        )


def _key_of_space(job: Job) -> str:
    """Equal for two jobs that search in the same space, and know the same of it."""
    groups = ("space", "oracle", *TRAINED) if job.trains else ("space",)
    return json.dumps({group: job.config[group] for group in groups}, sort_keys=True)


def _key_of_sample(job: Job) -> str:
    """Equal for two jobs of one space whose searches look at the same of it."""
    search = job.config["search"]
    return f"{search.get(build.SAMPLE)}" if takes(search, build.SAMPLE) else ""


Check = Callable[[DictConfig, Mapping[str, str | None], list[str]], None]
"""(configuration without `hydra`, choices, overrides) of a job; raises what is wrong with it."""


def of_sweep(cfg: DictConfig, jobs: Iterable[list[str]], check: Check, loader: ComposedOnce) -> Iterator[str]:
    """What is wrong with the jobs of a sweep that is about to start, each thing once.

    Of jobs that differ in seeds and counts only, one is looked at: to compose it takes 70 ms.

    Args:
        cfg: of the sweep, with its `hydra` node.
        jobs: the overrides of each.
        check: of each.
        loader: composes them.

    Raises:
        HydraException, OmegaConfBaseException: a job cannot be composed.
    """
    seen, said = set(), set()
    for words in jobs:
        telling = json.dumps([word for word in words if not COUNTED.fullmatch(word)])
        if telling in seen:
            continue
        seen.add(telling)
        try:
            composed, choices = loader.to_check(cfg, words)
            check(composed, choices, words)
        except (HydraException, OmegaConfBaseException):
            raise
        except Exception as error:  # a class of the user's own may raise anything
            message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            if message not in said:
                said.add(message)
                yield message
