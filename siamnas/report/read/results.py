"""Result files: which there are, and what the report takes from each."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError, shown
from siamnas.experiment.choices import method
from siamnas.jobs import contradictions, evaluation
from siamnas.jobs.store import RESULT, Arrays, Result, is_of
from siamnas.report.read import naming, together
from siamnas.report.read.naming import Fields
from siamnas.report.read.together import Told

SPENT = ("best", "query_seconds", "spent_seconds")  # (R, N + D), over the evaluations spent
TOP = ("topk",)  # (R, D), over K
CORRELATIONS = ("spearman", "kendall")
PER_REPEAT = (*CORRELATIONS, "codes", "code_seconds")
POINTS = evaluation.POINTS  # (R, N + D), of a result with a second objective
NEEDED = ("seed", *SPENT, *TOP, *PER_REPEAT)
BEYOND = 1e100  # sums of squares of larger values overflow
JOB_FOLDER = re.compile(r",[0-9a-f]{8}$")
LONGEST = 200  # characters of a name
MAY_LACK = (*TOP, *POINTS, *CORRELATIONS)  # values that are not there are NaN


@dataclass(frozen=True)
class Record:
    """One result file, checked, without what the report has no use for.

    Attributes:
        path: as it was found.
        modified: seconds since the epoch.
        meta: as it was written, without the architectures found.
        arrays: the `NEEDED` ones, and POINTS with a second objective; SPENT and POINTS are (R, N + depth), TOP
            (R, depth), the others (R,).
        metric: what `best` is.
        optimum: of the space, in the unit of `best`; NaN where it is not known, as with `oracle=train`.
        median: of the space, or NaN; a repeat whose top K is no better counts as below it.
        size: number of architectures of the space; None where they are too many to be counted.
        space: option of the group `space`.
        title: of its benchmark, which others may share.
        search: the stable name of its class.
        option: of the group `predictor`, or of the group `search` where that needs no predictor.
        name: of the method, which others may share: its label, or what it is.
        label: that its job carries; None for most.
        n: N.
        k: K; 0 for a search without a final ranking.
        trainer: option of the trainer; None where the predictor was not trained.
        seconds: that the computing has taken.
        benchmark: what it shares with all results of its benchmark.
        method: what it shares with all repeats of its method, N aside.
        typed: what was typed for some of these fields.
        told: what others of its benchmark say, too.
        found: the architecture that each repeat recommends in the end, and its value; empty where a file has none.
    """

    path: str
    modified: float
    meta: dict[str, Any]
    arrays: Arrays
    metric: Metric
    optimum: float
    median: float
    size: int | None
    space: str
    title: str
    search: str
    option: str
    name: str
    label: str | None
    n: int
    k: int
    trainer: str | None
    seconds: float
    benchmark: Fields
    method: Fields
    typed: Fields
    told: Told
    found: tuple[tuple[str, float], ...] = ()

    @property
    def repeats(self) -> int:
        """R."""
        return len(self.arrays["seed"])

    @property
    def depth(self) -> int:
        """The largest K."""
        return self.arrays["topk"].shape[1]


def find(places: Sequence[Path]) -> list[Path]:
    """The result files below some places, each once.

    Raises:
        InputError: a place does not exist, or there is no result file.
    """
    found: dict[Path, Path] = {}
    for place in places:
        if not place.exists():
            raise InputError(f"{place}: no such folder here; a job makes one where it is run")
        paths = sorted(place.rglob(RESULT)) if place.is_dir() else [place]
        found |= {path.resolve(): path for path in paths}
    if not found:
        raise InputError(f"{', '.join(map(str, places))}: no result file ({RESULT}) there")
    return list(found.values())


def read(paths: Iterable[Path], notes: list[str]) -> list[Record]:
    """The results that can be read; the others become notes.

    Raises:
        InputError: none can be read.
    """
    records = []
    for path in paths:
        try:
            records.append(_read(path, notes))
        except InputError as error:
            notes.append(str(error))
        except OSError as error:
            notes.append(f"{path}: {error.strerror}")
        except KeyError as error:
            notes.append(f"{path}: not the result of a search: it has no {error}")
        except Exception as error:  # whatever is odd about one file, the others are shown
            notes.append(f"{path}: not the result of a search ({type(error).__name__}: {error})")
    if not records:
        raise InputError("; ".join(notes))
    return records


def _read(path: Path, notes: list[str]) -> Record:
    """One file; where it contradicts itself and still can be shown, that becomes a note."""
    result = Result.load(path)
    if "best" in result.arrays and "topk" not in result.arrays:
        raise InputError(f"{path}: the result of an older version: run its command again")
    arrays = result.arrays
    if "spent_seconds" not in arrays:  # an earlier version knew only the total cost of the codes
        arrays["spent_seconds"] = arrays["query_seconds"] + arrays["code_seconds"][:, None]
    needed = (*NEEDED, *POINTS) if "front" in result.meta else NEEDED
    arrays = {name: _double(arrays[name]) for name in needed}
    meta = {key: value for key, value in result.meta.items() if key != "found"}
    n = int(meta["config"]["search"]["n"])
    _check(path, arrays, n)
    trained = any(name.startswith("curve/") for name in result.arrays)
    record = Record(
        path=str(path),
        modified=path.stat().st_mtime,
        meta=meta,
        arrays=arrays,
        metric=Metric.of(meta),
        optimum=float(meta["optimum"]),
        median=float(meta["median"]),
        size=None if meta["cells"] is None else int(meta["cells"]),
        space=meta["choices"]["space"],
        title=naming.benchmark_name(meta),
        search=meta["identity"]["search"]["_target_"],
        option=method(meta["choices"]),
        name=meta["config"].get("label") or naming.method_name(meta),
        label=meta["config"].get("label") or None,
        n=n,
        k=int(meta["config"]["search"].get("k", 0)),
        trainer=meta["choices"]["trainer"] if trained else None,
        seconds=float(meta["seconds"]),
        benchmark=naming.benchmark_fields(meta),
        method=naming.method_fields(meta, trained),
        typed=naming.typed(meta),
        told=together.of_result(result.arrays, result.meta),
        found=_found(result.meta.get("found")),
    )
    _check_words(record)
    if wrong := contradictions.impossible(result.arrays, result.meta):
        raise InputError(f"{path}: {wrong[0]}")
    if JOB_FOLDER.search(path.absolute().parent.name) and not is_of(path.absolute().parent, meta):
        notes.append(f"{path}: is the result of another job than the one that its folder is named after")
    doubts = [*contradictions.foreign(result.arrays, result.meta), *contradictions.doubts(result.arrays, result.meta)]
    notes += [f"{path}: contradicts itself: {said}" for said in doubts[:1]]
    return record


def _double(array: np.ndarray) -> np.ndarray:
    """Numbers that sums may be made of without losing more."""
    return array.astype(float) if array.dtype.kind == "f" else array


def _found(rows: Any) -> tuple[tuple[str, float], ...]:
    """Names and values of the architectures found, as far as they can be shown."""
    pairs = [(row.get("architecture"), row.get("accuracy")) for row in rows or [] if isinstance(row, dict)]
    return tuple(
        (name, float(value))
        for name, value in pairs
        if isinstance(name, str) and name.isprintable() and len(name) <= LONGEST
        if isinstance(value, int | float) and math.isfinite(value)
    )


def _check_words(record: Record) -> None:
    """See that texts are texts and numbers are numbers, so that they can be sorted, shown and compared."""
    metric = record.metric
    texts = {name: getattr(record, name) for name in ("space", "title", "search", "option", "name")}
    texts |= {"trainer": record.trainer or "", "metric.name": metric.name, "metric.unit": metric.unit}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise InputError(f"{record.path}: {name} is no text: {shown(str(value))}")
        if not value.isprintable() or len(value) > LONGEST:
            raise InputError(f"{record.path}: {name} is no name: {shown(value)!r}")
    for name in ("optimum", "median"):  # NaN where the values of the space are not known
        if math.isinf(getattr(record, name)):
            raise InputError(f"{record.path}: {name} is not finite")
    if not math.isfinite(record.seconds):
        raise InputError(f"{record.path}: seconds is no number")


def _check(path: Path, arrays: Arrays, n: int) -> None:
    """See that the arrays are numbers that fit each other, so that nothing that is made of them can fail."""
    repeats, depth = len(arrays["seed"]), arrays["topk"].shape[-1]
    shapes = dict.fromkeys((*SPENT, *POINTS), (repeats, n + depth)) | dict.fromkeys(TOP, (repeats, depth))
    for name, values in arrays.items():
        if values.shape != (shape := shapes.get(name, (repeats,))) or not repeats:
            raise InputError(
                f"{path}: {name} has the shape {values.shape}, which is not {shape}, that of {repeats} repeats"
            )
        if values.dtype.kind not in "iuf":
            raise InputError(f"{path}: {name} does not hold numbers")
        if (abs(values) > BEYOND).any() or (name not in MAY_LACK and np.isnan(values).any()):
            raise InputError(f"{path}: {name} holds values that are not finite numbers")
    if len(np.unique(arrays["seed"])) < repeats:
        raise InputError(f"{path}: some repeats occur twice")
