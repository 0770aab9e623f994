"""Result files as data frames: what every table and figure of the report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.errors import InputError
from siamnas.jobs import summary
from siamnas.jobs.store import Arrays
from siamnas.metric import Metric
from siamnas.report import catalogue, naming, runs, sources
from siamnas.report.runs import Run
from siamnas.report.sources import PER_K, PER_REPEAT, Source

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Benchmark:
    """A space with the metric that is reported; its results can stand in one figure.

    Attributes:
        name: for people, different for every benchmark of a report.
        space: option of the group `space`.
        metric: what is reported.
        optimum: its best value in the space.
        size: number of architectures.
        light: whether it is a lightweight space (Figure 7).
        ks: values of K that tables and figures show.
    """

    name: str
    space: str
    metric: Metric
    optimum: float
    size: int
    light: bool
    ks: tuple[int, ...]


@dataclass(frozen=True)
class Collection:
    """Everything that was found, values as the result files have them: accuracies are fractions.

    Attributes:
        benchmarks: in alphabetical order.
        runs: one row per benchmark, method and N: option, kind, learns, trainer, acquire, label, code, repeats,
            seconds, files, commits; baselines first, which is the order of everything else.
        repeats: one row per benchmark, method, N, K and repeat, K among the `ks` of the benchmark.
        curves: one row per benchmark, method, N and K, over the repeats.
        notes: what a reader must know: damaged files, repeats found twice, curves of different lengths.
    """

    benchmarks: list[Benchmark]
    runs: "pd.DataFrame"
    repeats: "pd.DataFrame"
    curves: "pd.DataFrame"
    notes: list[str]


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
    benchmarks, about, repeats, curves = [], [], [], []
    for name, found in _named(sources.read(sources.find(places), notes)):
        own = runs.of_benchmark(found, notes)
        benchmark = _benchmark(name, own, tuple(ks))
        benchmarks.append(benchmark)
        for run in own:
            which = {"benchmark": name, "method": run.name, "option": run.option, "n": run.n}
            about.append(which | _about(run))
            repeats += [pd.DataFrame(which | _at(run.arrays, k)) for k in benchmark.ks]
            curves.append(pd.DataFrame(which | _curve(run.arrays, run.n)))
    longest = max(int(curve["k"].max()) for curve in curves)
    if ks and max(ks) > longest:
        raise InputError(f"--k: the curves end at K = {longest} (search.depth)")
    return Collection(
        benchmarks,
        pd.DataFrame(about),
        pd.concat(repeats, ignore_index=True),
        pd.concat(curves, ignore_index=True),
        notes,
    )


def _named(found: list[Source]) -> list[tuple[str, list[Source]]]:
    """The sources of each benchmark under a name of its own, in alphabetical order."""
    groups = [own for _, own in sorted(runs.group(found, lambda source: runs.key(source.benchmark)).items(), key=str)]
    names = naming.tell_apart(
        [own[0].title for own in groups], [own[0].benchmark for own in groups], [None] * len(groups)
    )
    return sorted(zip(names, groups, strict=True), key=lambda pair: pair[0])


def _benchmark(name: str, own: list[Run], ks: tuple[int, ...]) -> Benchmark:
    """What the runs have in common."""
    source = own[0].sources[0]
    space = source.space
    light = source.meta["science"]["space"].get("max_flops") is not None or space in catalogue.LIGHT_SPACES
    depth = max(run.arrays["best"].shape[1] for run in own)
    wanted = ks or (catalogue.LIGHT_KS if light else catalogue.KS)
    shown = tuple(k for k in wanted if k <= depth) or (depth,)
    return Benchmark(name, space, source.metric, source.optimum, source.size, light, shown)


def _about(run: Run) -> dict[str, Any]:
    """What a run is, and where its repeats come from."""
    metas = [source.meta for source in run.sources]
    return {
        "kind": run.kind,
        "learns": catalogue.learns(run.kind),
        "trainer": run.sources[0].trainer,
        "acquire": str(metas[0]["choices"].get("acquire", "")),
        "label": str(metas[0].get("label_name", "")),
        "code": str(metas[0].get("code_name", "")),
        "repeats": len(run.arrays["identity"]),
        "seconds": sum(source.seconds for source in run.sources),
        "commits": sorted({str(meta.get("commit") or "not a checkout") for meta in metas}),
        "devices": sorted({str(meta.get("device") or "unknown") for meta in metas}),
        "files": [source.path for source in run.sources],
    }


def _at(arrays: Arrays, k: int) -> dict[str, Any]:
    """The columns of the repeats at one K; NaN beyond the curves."""
    at = min(k, arrays["best"].shape[1]) - 1
    beyond = k > arrays["best"].shape[1]
    per_k = {name: np.where(beyond, np.nan, arrays[name][:, at]) for name in PER_K}
    return {"k": k, "identity": arrays["identity"], **per_k, **{name: arrays[name] for name in PER_REPEAT}}


def _curve(arrays: Arrays, n: int) -> dict[str, Any]:
    """The columns of the best-so-far curve."""
    best = arrays["best"]
    mean, std = summary.mean_std(best)
    k = np.arange(1, best.shape[1] + 1)
    return {
        "k": k,
        "n_plus_k": n + k,
        "repeats": len(best),
        "best_mean": mean,
        "best_std": std,
        "best_min": best.min(axis=0),
        "best_max": best.max(axis=0),
        "queries_mean": arrays["queries"].mean(axis=0),
    }
