"""Whether the results of one benchmark can all be true: each may be, and still contradict another one."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.jobs.contradictions import SLACK
from siamnas.jobs.store import Arrays

if TYPE_CHECKING:
    from siamnas.report.read.results import Record

STATED = ("optimum", "median", "size")
Seen = dict[int, tuple[float, str]]


@dataclass(frozen=True)
class Told:
    """What a result says that others of its benchmark say, too.

    Attributes:
        archs: numbers of incumbents, sorted; none where each repeat has true values of its own, or there is no list.
        values: their reported values.
        drawn: of which architectures its repeats have evaluated, in their order; empty where all are alike.
    """

    archs: IntArray
    values: FloatArray
    drawn: str = ""


def of_result(arrays: Arrays, meta: Mapping[str, Any]) -> Told:
    """That of one result, as far as it can be read; nothing where it contradicts itself."""
    archs, values = np.empty(0, np.int64), np.empty(0)
    chosen, best, evaluated = (arrays.get(name) for name in ("chosen", "best", "evaluated"))
    listed = math.isfinite(float(meta["optimum"])) and meta["cells"] is not None
    if listed and chosen is not None and best is not None and chosen.shape == best.shape and chosen.dtype.kind in "iu":
        archs, first = np.unique(chosen, return_index=True)
        values = best.ravel()[first]
    if evaluated is None or evaluated.ndim != 2 or len(np.unique(evaluated, axis=0)) < 2:
        return Told(archs, values)
    return Told(archs, values, hashlib.sha256(np.ascontiguousarray(evaluated).tobytes()).hexdigest())


def contradictions(records: Sequence["Record"]) -> Iterator[str]:
    """What a file says that another one of the same benchmark says otherwise, in sentences; at most one of each file.

    Args:
        records: of one benchmark.
    """
    seen: Seen = {}
    drawn: dict[tuple[str, str, int], Record] = {}
    for record in records:
        twin = drawn.setdefault((record.told.drawn, str(record.method), record.n), record)
        said = _stated(records[0], record) or _values(seen, record) or _drawn(twin, record)
        if said:
            yield f"{record.path}: contradicts another file: {said}"
        for arch, value in zip(record.told.archs.tolist(), record.told.values.tolist(), strict=True):
            seen.setdefault(arch, (value, record.path))


def _stated(one: "Record", other: "Record") -> str:
    """What the two say of their space."""
    for name in STATED:
        first, value = getattr(one, name), getattr(other, name)
        if value is not None and first is not None and not _alike(first, value):
            return f"its {name} is {value:.6g}, in {one.path} {first:.6g}"
    return ""


def _values(seen: Seen, record: "Record") -> str:
    """Which architecture has another value in a file before."""
    for arch, value in zip(record.told.archs.tolist(), record.told.values.tolist(), strict=True):
        before, path = seen.get(arch, (value, ""))
        if not _alike(before, value):
            return f"architecture {arch} has {value:.6g}, in {path} {before:.6g}"
    return ""


def _drawn(twin: "Record", record: "Record") -> str:
    """Whether the same evaluations stand under other seeds, as in a copy that was made to look like more repeats."""
    if record is twin or not record.told.drawn or np.array_equal(twin.arrays["seed"], record.arrays["seed"]):
        return ""
    return f"its repeats are those of {twin.path} under other seeds, and counted again"


def _alike(one: float, other: float) -> bool:
    """Whether two numbers are equal, but for a rounding of earlier versions; NaN is equal to itself."""
    return (math.isnan(one) and math.isnan(other)) or abs(one - other) <= SLACK * max(abs(one), abs(other))
