"""Whether two results of one job hold the same numbers: bit for bit, within rounding, or not."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.jobs.store import Arrays

ROUNDING = 1e-3
"""What rounding may change a number by, as a share of the largest in its array, where no choice has changed.

Losses of a training are far more sensitive than what is read from tables: rounding adds up from step to step.
"""
TIMES = ("query_seconds", "spent_seconds", "code_seconds")  # measured anew, where architectures are trained

FOUND, CARD = "found", "card"
ARCHITECTURES = "architectures"
"""Key of the texts that the numbers of a result stand for where its space has no list; each part has its own."""
PLACES = ("folder", "path")  # of a card: where files lie on this machine
STATED = (
    "cells",
    "optimum",
    "median",
    "metric",
    "label_name",
    "report_name",
    "code_name",
    CARD,
    "front",
    FOUND,
    ARCHITECTURES,
)
"""What a result says beside its arrays and its configuration, and another run of its job says alike."""


@dataclass(frozen=True)
class Difference:
    """One array, or one of `STATED`, that is not the same in two results.

    Attributes:
        name: of the array, or of what is stated.
        repeats: numbers of the repeats that differ, in the order of the result; None where the two can't be compared.
        largest: largest difference of two values, as a share of the largest value; infinite for what is no number in
            one of the two, or where they can't be compared.
        why: what keeps the two from being compared; empty where they can be.
        rounded: whether rounding alone explains it.
    """

    name: str
    repeats: tuple[int, ...] | None
    largest: float
    why: str
    rounded: bool


def differences(old: Arrays, new: Arrays, timed: bool = False) -> Iterator[Difference]:
    """The arrays that are not the same to the bit, in the order of their names.

    Args:
        old: arrays of a result, whatever they are.
        new: those of another one, each (R, ...).
        timed: whether `TIMES` were measured by the job itself; they are not compared then.
    """
    for name in sorted(old.keys() | new.keys()):
        if timed and name in TIMES:
            continue
        if name not in old or name not in new:
            yield _incomparable(name, f"only the {'new' if name in new else 'old'} result has it")
            continue
        a, b = old[name], new[name]
        if a.dtype != b.dtype or a.shape != b.shape or a.dtype.kind not in "biuf" or not a.ndim:
            yield _incomparable(name, f"{a.dtype} {a.shape} then, {b.dtype} {b.shape} now")
        elif a.tobytes() != b.tobytes():
            yield _compared(name, a, b)


def stated(old: Mapping[str, Any], new: Mapping[str, Any], rounding: bool) -> Iterator[Difference]:
    """What is stated otherwise in two results, in the order of `STATED`.

    Args:
        old: meta of a result, whatever it is; what an earlier version did not write is left out.
        new: that of another one.
        rounding: whether the arrays say that the values found may differ by `ROUNDING`.
    """
    for key in (key for key in STATED if key in old or key in new):
        now, then = new.get(key), old.get(key, new.get(key) if key != FOUND else None)
        if key == CARD:
            then, now = (_anywhere(card) for card in (then, now))
        if not _equal(then, now, 0.0):
            place, before, after = next(_places(key, then, now))
            rounded = key == FOUND and rounding and _equal(then, now, ROUNDING)
            yield Difference(place, None, float("inf"), f"{before!r:.60} then, {after!r:.60} now", rounded)


def _anywhere(card: Any) -> Any:
    """A card without `PLACES`."""
    return {key: card[key] for key in card if key not in PLACES} if isinstance(card, dict) else card


def _equal(then: Any, now: Any, share: float) -> bool:
    """Whether two JSON values are the same, numbers up to a share of the new one."""
    return next(_places("", then, now, share), None) is None


def _places(key: str, then: Any, now: Any, share: float = 0.0) -> Iterator[tuple[str, Any, Any]]:
    """Dotted keys and values of what is not the same in two JSON values."""
    if isinstance(then, dict) and isinstance(now, dict) and then.keys() == now.keys():
        for inner in now:
            yield from _places(f"{key}.{inner}", then[inner], now[inner], share)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for i, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _places(f"{key}[{i}]", one, other, share)
    elif type(then) is float and type(now) is float:
        near = abs(then - now) <= share * abs(now)
        if not (then == now or near or (math.isnan(then) and math.isnan(now))):
            yield key, then, now
    elif type(then) is not type(now) or then != now:
        yield key, then, now


def _incomparable(name: str, why: str) -> Difference:
    return Difference(name, None, float("inf"), why, False)


def _compared(name: str, a: np.ndarray, b: np.ndarray) -> Difference:
    """Two arrays (R, ...) of one type that are not the same bytes."""
    x, y = (values.reshape(len(values), -1).astype(np.float64) for values in (a, b))
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    repeats = np.flatnonzero(~same.all(axis=1))
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.where(same, 0.0, np.abs(x - y))
    finite = np.abs(x[np.isfinite(x)])
    scale = float(finite.max()) if finite.size and finite.max() else 1.0
    largest = float(np.where(np.isfinite(gaps), gaps, np.inf).max()) / scale
    return Difference(name, tuple(repeats.tolist()), largest, "", a.dtype.kind == "f" and largest <= ROUNDING)
