"""What is wrong with a job, found before anything is computed; for a sweep, with any of its jobs."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from siamnas.config.validate import LARGEST
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.experiment.configuration import Job
from siamnas.graphs.columns import check_column

if TYPE_CHECKING:
    from siamnas.predictors.base import Predictor
    from siamnas.spaces.benchmark import Benchmark

VALUE = 4 * 8  # bytes that a result takes for every evaluation of a repeat
COUNTED = re.compile(r"(seed|worker)=\d{1,9}|repeats=[1-9]\d{0,8}")  # words that no configuration minds


def fits(job: Job, benchmark: "Benchmark") -> "Predictor":
    """Build the search of a job, for its first repeat.

    Raises:
        InputError: the configuration does not fit the space.
    """
    if objective := job.config["objective"]:
        check_column(objective, f"objective={objective}", benchmark.space.columns)
    first = job.seeds[:1]
    oracle = build.oracle(job.config, benchmark, len(first))
    search = build.search(job.config, benchmark.space, oracle, benchmark.measured.metric, first)
    repeats, evaluations = job.config["repeats"], search.n + search.depth
    if (size := repeats * evaluations * VALUE) > LARGEST:
        raise InputError(
            f"repeats={repeats}: with {evaluations:,} evaluations each makes a result of {size / 2**30:,.1f} GiB, must "
            f"be at most {LARGEST / 2**30:.0f}; take fewer, or parts of them with seed=..."
        )
    return search.state.predictor


Check = Callable[[DictConfig, Mapping[str, str | None], list[str]], None]
"""(configuration without `hydra`, choices, overrides) of a job; raises what is wrong with it."""


def of_jobs() -> Check:
    """The check of a sweep's jobs, which loads every space once."""
    benchmarks: dict[str, Benchmark] = {}

    def check(cfg: DictConfig, choices: Mapping[str, str | None], words: list[str]) -> None:
        job = configuration.load(cfg, choices, words)
        space = json.dumps(job.config["space"], sort_keys=True)
        if space not in benchmarks:
            benchmarks[space] = build.benchmark(job.config)
        fits(job, benchmarks[space])
        build.logger(job.config)

    return check


def of_sweep(cfg: DictConfig, jobs: Iterable[list[str]], check: Check) -> Iterator[str]:
    """What is wrong with the jobs of a sweep that is about to start, each thing once.

    Of jobs that differ in seeds and counts only, one is looked at: to compose it takes 70 ms.

    Args:
        cfg: of the sweep, with its `hydra` node; Hydra must be initialised.
        jobs: the overrides of each.
        check: of each.

    Raises:
        HydraException, OmegaConfBaseException: a job cannot be composed.
    """
    loader = GlobalHydra.instance().config_loader()
    seen, said = set(), set()
    for words in jobs:
        telling = json.dumps([word for word in words if not COUNTED.fullmatch(word)])
        if telling in seen:
            continue
        seen.add(telling)
        try:
            composed = loader.load_sweep_config(cfg, words)
            choices = dict(composed.hydra.runtime.choices)
            with open_dict(composed):
                del composed.hydra
            check(composed, choices, words)
        except (HydraException, OmegaConfBaseException):
            raise
        except Exception as error:  # a class of the user's own may raise anything
            message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            if message not in said:
                said.add(message)
                yield message
