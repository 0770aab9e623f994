"""Result files as data frames: what every table and figure of the report is made from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.jobs.summary import without_list
from siamnas.report.read import catalogue, naming, results, runs, tidy, together
from siamnas.report.read.results import Record
from siamnas.report.read.runs import Run

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Benchmark:
    """A space with the metric that is reported; its results can stand in one figure.

    Attributes:
        name: for people, different for every benchmark of a report.
        space: option of the group `space`.
        metric: what is reported.
        optimum: its best value in the space; NaN where it is not known.
        size: number of architectures; None where they are too many to be counted.
        light: whether it is a lightweight space (Figure 7).
        ks: values of K that tables and figures show; 0 for searches without a final ranking.
        remark: what must be said of values that are no measurements; else empty.
    """

    name: str
    space: str
    metric: Metric
    optimum: float
    size: int | None
    light: bool
    ks: tuple[int, ...]
    remark: str = ""

    @property
    def has_optimum(self) -> bool:
        """Whether the optimum is known; without it there is no regret."""
        return not math.isnan(self.optimum)


@dataclass(frozen=True)
class Collection:
    """Everything that was found, values as the result files have them: accuracies are fractions.

    Attributes:
        benchmarks: in alphabetical order.
        runs: one row per benchmark, method and N: option, kind, learns, unchanged, trainer, acquisition, label, code,
            repeats, seconds, files, commits; baselines first, which is the order of everything else.
        repeats: one row per benchmark, method, N, K and repeat, K among the `ks` of the benchmark: `best` of the N + K
            `evaluations`, `topk` of the top K of the ranking only, and whether that is `below_median`.
        curves: one row per benchmark, method, N and number of `evaluations`, over the repeats; from N + 1 on with
            K = evaluations - N and the top-K only at that K.
        anytime: one row per benchmark, method, N and number of `seconds`: the mean of the best over the repeats.
        notes: what a reader must know: damaged files, repeats found twice, curves of different lengths.
        by_benchmark: name of a benchmark -> its runs with all arrays, in the order of `runs`.
    """

    benchmarks: list[Benchmark]
    runs: "pd.DataFrame"
    repeats: "pd.DataFrame"
    curves: "pd.DataFrame"
    anytime: "pd.DataFrame"
    notes: list[str]
    by_benchmark: dict[str, list[Run]]


def collect(places: Sequence[Path], ks: Sequence[int] = ()) -> Collection:
    """Read all result files below some folders.

    Args:
        places: folders, or result files.
        ks: values of K to show; empty for those of the paper.

    Raises:
        InputError: a place does not exist, there is no readable result in any of them, or no curve reaches a K.
    """
    import pandas as pd

    notes: list[str] = []
    benchmarks, about, repeats, curves, anytime, longest = [], [], [], [], [], 0
    by_benchmark: dict[str, list[Run]] = {}
    for name, found in _named(results.read(results.find(places), notes)):
        notes += together.contradictions(found)
        own = runs.of_benchmark(found, notes)
        benchmark = _benchmark(name, own, tuple(ks))
        benchmarks.append(benchmark)
        by_benchmark[name] = own
        for run in own:
            which = {"benchmark": name, "method": run.name, "option": run.option, "n": run.n}
            about.append(which | tidy.about(run))
            # A search without a final ranking has spent its whole budget at K = 0.
            repeats += [
                pd.DataFrame(which | tidy.at(run, run.n + k)) for k in benchmark.ks if bool(k) == bool(run.depth)
            ]
            curves.append(pd.DataFrame(which | tidy.curve(run)))
            anytime.append(pd.DataFrame(which | tidy.anytime(run)))
            longest = max(longest, run.depth)
    if ks and max(ks) > longest:
        raise InputError(f"--k: the curves end at K = {longest} (search.depth)")
    return Collection(
        benchmarks,
        pd.DataFrame(about),
        pd.concat(repeats, ignore_index=True),
        pd.concat(curves, ignore_index=True),
        pd.concat(anytime, ignore_index=True),
        notes,
        by_benchmark,
    )


def _named(found: list[Record]) -> list[tuple[str, list[Record]]]:
    """The records of each benchmark under a name of its own, in the order of these."""
    groups = [own for _, own in sorted(runs.group(found, lambda record: runs.key(record.benchmark)).items(), key=str)]
    names = naming.tell_apart(
        [own[0].title for own in groups],
        [own[0].benchmark for own in groups],
        [None] * len(groups),
        [own[0].typed for own in groups],
    )
    return sorted(zip(names, groups, strict=True), key=lambda pair: runs.natural(pair[0]))


def _benchmark(name: str, own: list[Run], ks: tuple[int, ...]) -> Benchmark:
    """What the runs have in common."""
    record = own[0].records[0]
    space = record.space
    light = bool(record.meta["identity"]["space"].get("constraints")) or space in catalogue.LIGHT_SPACES
    depth = max(run.depth for run in own)
    wanted = ks or (catalogue.LIGHT_KS if light else catalogue.KS)
    shown = tuple(k for k in wanted if k <= depth) or (depth,)
    if not all(run.depth for run in own):
        shown = (0, *(k for k in shown if k))
    sizes = [record.size for run in own for record in run.records]
    size = None if None in sizes else max(size for size in sizes if size is not None)
    remarks = dict.fromkeys(said for run in own for record in run.records for said in without_list(record.meta))
    return Benchmark(name, space, record.metric, record.optimum, size, light, shown, "; ".join(remarks))
