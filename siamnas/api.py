"""siamnas from Python: one job, the results of a folder, a comparison of methods, architectures as networks."""

import dataclasses
import itertools
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas import runner
from siamnas.config import overrides as words_
from siamnas.config.compose import compose, plain, quoted
from siamnas.config.compose import options as options_of
from siamnas.config.hydra_errors import check_options, composed
from siamnas.config.methods import words_of
from siamnas.errors import InputError, literal, shown
from siamnas.experiment import build, configuration, dry_run
from siamnas.experiment.configuration import Job
from siamnas.jobs.store import Result
from siamnas.runtime import arguments, regular
from siamnas.runtime.packages import explained
from siamnas.search.setting import divide
from siamnas.spaces.domain import CLASSES, Domain
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    import pandas as pd
    from omegaconf import DictConfig
    from torch import nn

    from siamnas.report.comparison import Comparison


PER_METHOD = ("space", "predictor", "search", "search.n", "search.k", "seed", "repeats", "out", "name")


@explained()
def run(
    space: str | Path | None = None,
    predictor: str | None = None,
    *,
    overrides: Sequence[str] = (),
    **options: Any,
) -> Result:
    """Do one job, or what is left of it, as the command `siamnas` does.

        result = siamnas.run("nb201_c100", "forest", trainer="fast", repeats=10, overrides=["search.n=60"])

    A job that has been done before is not done again: its result is read. It lies where that of the command would.

    Args:
        space: an option of the group `space`, or a folder of JSON files with accuracies; `nb201_c100` if None.
        predictor: an option of the group `predictor`; `siams_nsam_bts` if None.
        overrides: further words of a command line, such as `search.n=60`.
        options: what else a command line takes, `search="active"`, `acquisition="ucb"`, `trainer="fast"`,
            `experiment="headline"`, `repeats=10`, `seed=0`, `out="outputs"`, `name="mine"`, `objective="flops"` and so
            on. Without `logger` nothing is logged.

    Raises:
        InputError: a word, key or value is not allowed, or the configuration does not fit the space.
        siamnas.jobs.lease.Busy: another process is doing this job.
    """
    chosen = [words_.word("predictor", predictor)] if predictor is not None else []
    more = arguments.words("overrides", overrides)
    given = [words_.word(key, value) for key, value in options.items()]
    return _done(_composed([*_of_space(space), *chosen, *given, *more])[0])


@explained()
def results(folder: str | Path) -> "pd.DataFrame":
    """All results below a folder: one row per job and budget, as means over the repeats, accuracies as fractions.

    Jobs that differ in their seeds only count as one. Its budgets are all numbers of `evaluations` up to its N + K; for
    a method that spends the last of them on a final ranking, N + K alone. What can't be read is a warning. The columns
    are those of `siamnas report` (table.csv):

    - `benchmark`, `method` (its label, if the job has one), `option` (predictor, or search), `n`, `k` (0 before the
      final ranking, and without one), `evaluations`, `trainer`, `label` (the column that the search selects by),
      `repeats`;
    - `best`, `best_std`, `best_median` of the incumbent, and its `regret` to the `optimum` (NaN where it is unknown);
    - `topk`, `topk_std` of the top K of the ranking only, and the share `below_median` of repeats whose top K are no
      better than the median of the space, with its 95 % interval `below_median_low` to `below_median_high`;
    - `spearman`, `kendall` of the ranking of the whole space, and the number of `codes` computed: of N, so that they
      are NaN before; without a predictor there is no ranking;
    - `gpu_days` spent until then in the times of the benchmark, and the `seconds` that computing the whole job took.

    Args:
        folder: with result files, or a result file.

    Raises:
        InputError: there is no such folder, or no readable result in it.
    """
    from siamnas.report.comparison import collected
    from siamnas.report.write import long_table

    return long_table.every_budget(collected(regular.place("folder", folder, "folder")))


@explained()
def compare(
    methods: Sequence[Any],
    spaces: str | Path | Sequence[str | Path] = "nb201_c100",
    budgets: int | Sequence[int] = 60,
    seeds: int | range = 10,
    *,
    overrides: Sequence[str] = (),
    reference: str | None = None,
    out: str | Path | None = None,
) -> "Comparison":
    """Search with several methods at equal numbers of evaluations, and test which is better.

        found = siamnas.compare(["random", "gp", ExtraTreesRegressor(200)], budgets=[30, 60], seeds=20)
        found.frame, found.tests, found.report("report")

    A method that ranks at the end gets a job per budget, whose last evaluations (at most 30, at most half) are the top
    of its ranking; any other gets one job of the largest budget. All jobs are checked before the first.

    Args:
        methods: options of the group `predictor` (or of `search`, such as `evolution`), classes derived from
            `siamnas.predictors.base.Predictor` (or `functools.partial` of one), unfitted regressors of scikit-learn or
            their classes.
        spaces: as for `run`.
        budgets: evaluations in all.
        seeds: number of repeats, or their seeds.
        overrides: further words for every job, such as `trainer=fast`.
        reference: the method that the others are tested against, by its name in the table; None for a usual one.
        out: folder of the results, where the same call goes on; a temporary one if None.

    Raises:
        InputError: an argument is not allowed, or does not fit a space.
    """
    several = [spaces] if isinstance(spaces, str | Path) else list(spaces)
    if isinstance(methods, str) or not isinstance(methods, Iterable):
        raise InputError(f"methods={literal(methods)}: must be a list of them")
    at, own_seeds = _budgets(budgets), _seeds(seeds)
    more = arguments.words("overrides", overrides)
    for word in more:
        if words_.key(word) in PER_METHOD:
            raise InputError(f"overrides: {word}: is decided by the arguments of the comparison")
    folder = Path(tempfile.mkdtemp(prefix="siamnas-") if out is None else out).expanduser().absolute()
    shared = [*own_seeds, *words_.leading_to(folder), *more]
    both = [
        [*_of_space(space), *words_of(method, folder / "conf")] for space, method in itertools.product(several, methods)
    ]
    if not both:
        raise InputError("methods, spaces: must hold at least one of each")
    words = [[*own, *shared, *divided] for own in both for divided in _divided([*own, *shared], at)]
    checks, jobs = dry_run.Checks(), list(map(_composed, words))
    for job, (cfg, choices) in jobs:
        checks.check(cfg, choices, list(job.overrides))
    for job, _ in jobs:
        _done(job, checks)
    from siamnas.report.comparison import Comparison

    return Comparison(folder, at, reference)


@explained()
def networks(
    space: Space | Domain, network: str, classes: int = CLASSES, overrides: Sequence[str] = ()
) -> "Callable[[Any], nn.Module]":
    """A function from an architecture to its network, with new weights at every call.

    It takes the number of an architecture of a list; of a space without one its text, or its `choices`.

    Images are (B, 3, H, W), 32x32 as published, and logits (B, classes). Seed torch for the weights.

    Args:
        space: the architectures.
        network: an option of the group `network`, such as `nb201`, or a config of your own, see `docs/extend.md`.
        classes: of the images.
        overrides: words such as `network.cells=1`.

    Raises:
        InputError: an option is not allowed; the function itself: there is no such architecture, or it can't be built.
    """
    cfg, _ = compose([f"network={network}", *arguments.words("overrides", overrides)])
    return build.networks(plain(cfg), space, classes)


def _of_space(space: str | Path | None) -> list[str]:
    """The words that choose a space."""
    if space is None:
        return []
    if str(space) in options_of("space") or not (folder := Path(space).expanduser()).is_dir():
        return [words_.word("space", str(space))]
    named = [words_.word("space.path", folder.absolute()), words_.word("space.name", folder.resolve().name)]
    return ["space=json", *named]


def _budgets(budgets: int | Sequence[int]) -> tuple[int, ...]:
    """Numbers of evaluations, each once, sorted."""
    at = tuple(sorted({budgets} if isinstance(budgets, int) else set(budgets)))
    if not at or not all(type(budget) is int for budget in at) or at[0] < 2:
        raise InputError(f"budgets={budgets}: must be integers of at least 2")
    return at


def _seeds(seeds: int | range) -> list[str]:
    """The words for some repeats."""
    own = range(seeds) if isinstance(seeds, int) else seeds
    if not isinstance(own, range) or not own or own.step != 1 or own.start < 0:
        raise InputError(f"seeds={seeds}: must be a number of repeats, or a range of consecutive seeds from 0 on")
    return [words_.word("seed", own.start), words_.word("repeats", len(own))]


def _composed(words: Sequence[str]) -> tuple[Job, tuple["DictConfig", dict[str, str | None]]]:
    """The job of some words, checked as those of a command line are, and what it was made of."""
    if not any(words_.key(word) == "logger" for word in words):
        words = [*words, "logger=none"]
    words = words_.one_search_path(map(quoted, words))
    try:
        for word in words:
            if word.startswith("-"):
                raise InputError(f"{shown(word)}: can't be read; an option of the command line is no override")
        check_options(words)
        for word in words:
            if (read := words_.parse(word)) is not None and read.is_sweep_override():
                raise InputError(f"{word}: must be one value; a list is written in brackets, a job is one call")
        cfg, choices = composed(words)
        return configuration.load(cfg, choices, words), (cfg, choices)
    except InputError as error:
        raise InputError(str(error)) from None  # nobody has to read where Hydra has looked


def _divided(words: Sequence[str], budgets: Sequence[int]) -> list[list[str]]:
    """For each job of a method the words that divide its budget; one that ranks nothing can stop at any."""
    search = _composed(words)[0].config["search"]
    divided = [divide(budget, search) for budget in (budgets if "k" in search else budgets[-1:])]
    return [[words_.word(f"search.{key}", value) for key, value in own.items()] for own in divided]


def _done(job: Job, checks: dry_run.Checks | None = None) -> Result:
    """Do a job."""
    done = runner.run(job, checks)
    return dataclasses.replace(done.result, path=done.path)
