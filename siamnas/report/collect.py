"""Result files as data frames: what every table and figure of the report is made from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.errors import InputError
from siamnas.jobs import summary
from siamnas.jobs.store import RESULT, Arrays, Result
from siamnas.report import naming

if TYPE_CHECKING:
    import pandas as pd

KS = (10, 20, 30)  # Figure 6
LIGHT_KS = (5, 10)  # Figure 7
PER_K = ("best", "queries", "query_seconds")
PER_REPEAT = ("spearman", "kendall", "codes", "code_seconds")
NEEDED = ("identity", *PER_K, *PER_REPEAT)


@dataclass(frozen=True)
class Benchmark:
    """A space with the accuracy that is reported; its results can stand in one figure.

    Attributes:
        name: for people, different for every benchmark of a report.
        space: option of the group `space`.
        report: column of the reported accuracy, for example `test_200_mean`.
        optimum: best accuracy of the space, as a fraction.
        cells: number of cells.
        light: whether it is a lightweight space (Figure 7).
        ks: values of K that tables and figures show.
    """

    name: str
    space: str
    report: str
    optimum: float
    cells: int
    light: bool
    ks: tuple[int, ...]


@dataclass(frozen=True)
class Collection:
    """Everything that was found, accuracies as fractions.

    Attributes:
        benchmarks: in alphabetical order.
        runs: one row per benchmark, method and N: option, trainer, label, code, repeats, seconds, files, commits;
            baselines first, which is the order of everything else.
        repeats: one row per benchmark, method, N, K and repeat, K among the `ks` of the benchmark.
        curves: one row per benchmark, method, N and K, over the repeats.
        notes: what a reader must know: damaged files, repeats found twice, curves of different lengths.
    """

    benchmarks: list[Benchmark]
    runs: "pd.DataFrame"
    repeats: "pd.DataFrame"
    curves: "pd.DataFrame"
    notes: list[str]


@dataclass
class _Run:
    """All repeats of one method at one N, from one or more files."""

    name: str
    results: list[Result]
    files: list[str]
    arrays: Arrays

    @property
    def option(self) -> str:
        """Of the group `predictor`."""
        return self.results[0].meta["choices"]["predictor"]

    @property
    def n(self) -> int:
        """N."""
        return self.results[0].meta["config"]["search"]["n"]


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
    groups = _group(_read(_files(places), notes))
    keys = sorted(groups)
    samples = [next(iter(groups[key].values()))[0][1].meta for key in keys]
    titles = [naming.benchmark_name(meta) for meta in samples]
    names = naming.tell_apart(titles, [naming.benchmark_fields(meta) for meta in samples], [None] * len(titles))

    benchmarks, runs, repeats, curves = [], [], [], []
    for name, key in sorted(zip(names, keys, strict=True)):
        merged = [_merge(found, notes) for found in groups[key].values()]
        _name_methods(merged)
        benchmark = _benchmark(name, merged, tuple(ks))
        benchmarks.append(benchmark)
        for run in sorted(merged, key=_rank):
            which = {"benchmark": name, "method": run.name, "option": run.option, "n": run.n}
            runs.append(which | _about(run))
            repeats += [pd.DataFrame(which | _at(run.arrays, k)) for k in benchmark.ks]
            curves.append(pd.DataFrame(which | _curve(run.arrays, run.n)))
    longest = max(int(curve["k"].max()) for curve in curves)
    if ks and max(ks) > longest:
        raise InputError(f"--k: the curves end at K = {longest} (search.depth)")
    return Collection(
        benchmarks,
        pd.DataFrame(runs),
        pd.concat(repeats, ignore_index=True),
        pd.concat(curves, ignore_index=True),
        notes,
    )


def _files(places: Sequence[Path]) -> list[Path]:
    """The result files below some places, each once."""
    found: dict[Path, Path] = {}
    for place in places:
        if not place.exists():
            raise InputError(f"{place}: no such folder")
        paths = sorted(place.rglob(RESULT)) if place.is_dir() else [place]
        found |= {path.resolve(): path for path in paths}
    if not found:
        raise InputError(f"{', '.join(map(str, places))}: no result file ({RESULT}) there")
    return list(found.values())


def _read(paths: Iterable[Path], notes: list[str]) -> list[tuple[str, Result]]:
    """The results that can be read, without the arrays that are not needed; the others become notes."""
    results = []
    for path in paths:
        try:
            result = Result.load(path)
            arrays = {name: result.arrays[name] for name in NEEDED}
            meta = {key: value for key, value in result.meta.items() if key != "found"}
            meta["trained"] = any(name.startswith("curve/") for name in result.arrays)
            meta["modified"] = path.stat().st_mtime
            results.append((str(path), Result(arrays, meta)))
        except InputError as error:
            notes.append(str(error))
        except OSError as error:
            notes.append(f"{path}: {error.strerror}")
        except KeyError as error:
            notes.append(f"{path}: not the result of a search: it has no {error}")
    if not results:
        raise InputError("; ".join(notes))
    return results


def _group(results: list[tuple[str, Result]]) -> dict[str, dict[str, list[tuple[str, Result]]]]:
    """Results by benchmark, and in it by method and N."""
    groups: dict[str, dict[str, list[tuple[str, Result]]]] = {}
    for path, result in results:
        meta = result.meta
        benchmark = str(sorted(naming.benchmark_fields(meta).items()))
        fields = naming.method_fields(meta, meta["trained"])
        method = str((meta["choices"]["predictor"], meta["config"]["search"]["n"], sorted(fields.items(), key=str)))
        groups.setdefault(benchmark, {}).setdefault(method, []).append((path, result))
    return groups


def _merge(found: list[tuple[str, Result]], notes: list[str]) -> _Run:
    """The repeats of one method at one N; one that is in several files is taken from the file with the most."""
    found = sorted(found, key=lambda item: (-item[1].repeats, -item[1].meta["modified"]))
    depth = min(result.arrays["best"].shape[1] for _, result in found)
    taken: dict[int, np.ndarray] = {}
    parts, results, files, twice, unequal = [], [], [], 0, 0
    for path, result in found:
        arrays = {name: a[:, :depth] if name in PER_K else a for name, a in result.arrays.items()}
        fresh = np.array([identity not in taken for identity in arrays["identity"].tolist()])
        for identity, best in zip(arrays["identity"][~fresh].tolist(), arrays["best"][~fresh], strict=True):
            twice += 1
            unequal += not np.array_equal(taken[identity], best)
        if not fresh.any():
            continue
        arrays = {name: a[fresh] for name, a in arrays.items()}
        taken |= dict(zip(arrays["identity"].tolist(), arrays["best"], strict=True))
        parts.append(arrays)
        results.append(result)
        files.append(path)
    meta = results[0].meta
    title = f"{naming.method_name(meta)} on {meta['choices']['space']}, N = {meta['config']['search']['n']}"
    if unequal:
        notes.append(
            f"{title}: {unequal} of {summary.plural(twice, 'repeat')} that occur in several files differ between them; "
            f"those of {files[0]} were used"
        )
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in NEEDED}
    order = np.argsort(arrays["identity"])
    return _Run(naming.method_name(meta), results, files, {name: a[order] for name, a in arrays.items()})


def _rank(run: _Run) -> tuple[int, list[str], int]:
    """Baselines first, then the paper's methods in the order of their parts, then the others; numbers by their size."""
    seat = naming.SEATS.index(run.option) if run.option in naming.SEATS else len(naming.SEATS)
    return seat, [word.zfill(12) if word.isdigit() else word for word in re.split(r"(\d+)", run.name)], run.n


def _name_methods(runs: list[_Run]) -> None:
    """Give every method of a benchmark a name of its own; the values of N share it."""
    methods: dict[str, list[_Run]] = {}
    for run in runs:
        fields = naming.method_fields(run.results[0].meta, run.results[0].meta["trained"])
        methods.setdefault(str((run.name, sorted(fields.items(), key=str))), []).append(run)
    metas = [group[0].results[0].meta for group in methods.values()]
    names = naming.tell_apart(
        [group[0].name for group in methods.values()],
        [naming.method_fields(meta, meta["trained"]) for meta in metas],
        [meta["choices"]["trainer"] if meta["trained"] else None for meta in metas],
    )
    for name, group in zip(names, methods.values(), strict=True):
        for run in group:
            run.name = name


def _benchmark(name: str, runs: list[_Run], ks: tuple[int, ...]) -> Benchmark:
    """What the runs have in common."""
    meta = runs[0].results[0].meta
    space = meta["choices"]["space"]
    light = meta["science"]["space"].get("max_flops") is not None or space in naming.LIGHT_SPACES
    depth = max(run.arrays["best"].shape[1] for run in runs)
    wanted = ks or (LIGHT_KS if light else KS)
    shown = tuple(k for k in wanted if k <= depth) or (depth,)
    return Benchmark(name, space, meta["report_name"], meta["optimum"], meta["cells"], light, shown)


def _about(run: _Run) -> dict[str, Any]:
    """Where the repeats of a run come from."""
    metas = [result.meta for result in run.results]
    return {
        "trainer": metas[0]["choices"]["trainer"] if metas[0]["trained"] else None,
        "label": metas[0]["label_name"],
        "code": metas[0]["code_name"],
        "repeats": len(run.arrays["identity"]),
        "seconds": sum(meta["seconds"] for meta in metas),
        "commits": sorted({meta["commit"] or "not a checkout" for meta in metas}),
        "devices": sorted({meta["device"] for meta in metas}),
        "modified": max(meta["modified"] for meta in metas),
        "files": run.files,
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
