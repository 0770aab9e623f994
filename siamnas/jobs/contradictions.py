"""Whether what a result says can be true: its numbers against their limits, and against what else it says.

Nothing is corrected or clipped: a result that contradicts itself is not used, and the first contradiction is named.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError, reason

Arrays = Mapping[str, np.ndarray]
PER_EVALUATION = ("evaluated", "best", "chosen", "query_seconds", "spent_seconds", "cost", "value")  # (R, N + D)
PER_REPEAT = ("spearman", "kendall", "codes", "code_seconds")
REPORTED = ("best", "topk", "value")  # values of the metric that is reported
NOT_NEGATIVE = ("query_seconds", "spent_seconds", "codes", "code_seconds")
GROWING = ("query_seconds", "spent_seconds")
SLACK = 1e-9  # of the larger of two numbers, which an earlier version may have rounded otherwise


def check(path: Path, arrays: Arrays, meta: Mapping[str, Any]) -> None:
    """Check the result of a search, or a part of one, as far as it goes.

    Args:
        path: of its file.
        arrays: some or all of those of a result.
        meta: of the result; that of a part says little.

    Raises:
        InputError: it contradicts itself, or is no such result.
    """
    if said := [*impossible(arrays, meta), *_said(_repeats(arrays, meta)), *doubts(arrays, meta)]:
        raise InputError(f"{path}: contradicts itself: {said[0]}; delete it to have it computed again")


def impossible(arrays: Arrays, meta: Mapping[str, Any]) -> list[str]:
    """What can't be true of any result, in sentences without an end: no number may be shown."""
    return _said(_limits(arrays, meta))


def doubts(arrays: Arrays, meta: Mapping[str, Any]) -> list[str]:
    """Where a result does not fit what else it says, in sentences without an end."""
    return _said(chain.from_iterable(rule(arrays, meta) for rule in (_shapes, _architectures, _found)))


def foreign(arrays: Arrays, meta: Mapping[str, Any]) -> list[str]:
    """Repeats of a result that its job did not ask for, in a sentence without an end; some may be missing."""
    config = meta.get("config", {})
    asked = range(int(config["seed"]), int(config["seed"]) + int(config["repeats"]))
    odd = [seed for seed in arrays["seed"].tolist() if seed not in asked]
    return [f"seed {odd[0]} is none of seed={config['seed']}, repeats={config['repeats']}"] if odd else []


def _said(sentences: Iterator[str]) -> list[str]:
    """Sentences about a file of anybody, which may hold anything."""
    try:
        return list(sentences)
    except Exception as error:
        return [f"it can't be read as the result of a search ({type(error).__name__}: {reason(error)})"]


def _shapes(arrays: Arrays, meta: Mapping[str, Any]) -> Iterator[str]:
    """One row per repeat, one column per evaluation."""
    repeats, config = len(arrays["seed"]), meta.get("config", {})
    for name, values in arrays.items():
        if not values.ndim or len(values) != repeats:
            yield f"{name} has the shape {values.shape}, with {repeats} repeats"
        if name in PER_REPEAT and values.ndim != 1:
            yield f"{name} has the shape {values.shape}, with a number per repeat"
    if {"best", "topk"} <= arrays.keys() and "search" in config:
        width = int(config["search"]["n"]) + arrays["topk"].shape[-1]
        for name in sorted(arrays.keys() & set(PER_EVALUATION)):
            if arrays[name].shape != (repeats, width):
                yield f"{name} has the shape {arrays[name].shape}, which is not {(repeats, width)}"


def _repeats(arrays: Arrays, meta: Mapping[str, Any]) -> Iterator[str]:
    """All repeats that were asked for are there."""
    config = meta.get("config", {})
    if {"seed", "repeats"} <= config.keys():
        asked = np.arange(config["seed"], config["seed"] + config["repeats"])
        if not np.array_equal(np.sort(arrays["seed"]), asked):
            yield f"its repeats are not those of seed={config['seed']}, repeats={config['repeats']}"


def _limits(arrays: Arrays, meta: Mapping[str, Any]) -> Iterator[str]:
    """Nothing is better than the optimum, no time is negative or runs backwards, correlations are at most 1."""
    for name in NOT_NEGATIVE:
        if name in arrays and (arrays[name] < 0).any():
            yield f"{name} holds {arrays[name].min():.6g}, which is below zero"
    if not float(meta.get("seconds", 0.0)) >= 0:
        yield f"seconds is {meta['seconds']}, and must be at least zero"
    for name in GROWING:
        if name in arrays and (np.diff(arrays[name]) < -SLACK * np.abs(arrays[name]).max(initial=0)).any():
            yield f"{name} falls from one evaluation to the next"
    if set(GROWING) <= arrays.keys() and (arrays["spent_seconds"] < arrays["query_seconds"] * (1 - SLACK)).any():
        yield "spent_seconds is less than query_seconds, which is a part of it"
    for name in ("spearman", "kendall"):
        if name in arrays and (np.abs(arrays[name]) > 1 + SLACK).any():
            yield f"{name} holds a correlation beyond 1"
    optimum = float(meta.get("optimum", math.nan))
    if math.isfinite(optimum):
        metric = Metric.of(meta)
        reported = {name: arrays[name] for name in REPORTED if name in arrays}
        for name, values in {**reported, "median": np.array([meta.get("median", math.nan)], dtype=float)}.items():
            best = np.max(metric.sign * values, initial=-np.inf, where=~np.isnan(values))
            if best > metric.sign * optimum + SLACK * abs(optimum):
                yield f"{name} holds {metric.sign * best:.6g}, which is beyond the optimum of the space, {optimum:.6g}"


def _architectures(arrays: Arrays, meta: Mapping[str, Any]) -> Iterator[str]:
    """Those evaluated are of the space and differ, an incumbent is one of them, and has one value in all repeats."""
    if "evaluated" not in arrays:
        return
    evaluated, size = arrays["evaluated"].astype(np.int64), meta.get("cells")
    if "architectures" in meta:  # of a space without a list
        size = len(meta["architectures"])
    if size is not None and evaluated.size and not 0 <= evaluated.min() <= evaluated.max() < size:
        yield f"evaluated holds architectures that are not among the {size} of the space"
    if (np.diff(np.sort(evaluated)) == 0).any():
        yield "evaluated holds an architecture twice"
    if {"chosen", "best"} <= arrays.keys():
        chosen = arrays["chosen"].astype(np.int64)
        if not _so_far(evaluated, chosen):
            yield "chosen holds architectures that were not evaluated by then"
        if not _one_value(chosen, arrays["best"]):
            yield "best holds different values of one architecture"
    if "value" in arrays and not _one_value(evaluated, arrays["value"]):
        yield "value holds different values of one architecture"


def _so_far(evaluated: np.ndarray, chosen: np.ndarray) -> bool:
    """Whether each of `chosen` (R, T) is one of the first 1 .. T of `evaluated` (R, T), which differ in a row."""
    span = int(max(evaluated.max(initial=0), chosen.max(initial=0))) + 1
    row = np.arange(len(evaluated))[:, None] * span
    keys, asked = (evaluated + row).ravel(), (chosen + row).ravel()
    order = np.argsort(keys)
    place = order[np.minimum(np.searchsorted(keys, asked, sorter=order), len(keys) - 1)] if len(keys) else order
    now = np.arange(chosen.size) % max(chosen.shape[1], 1)
    return bool((keys[place] == asked).all() and (place % max(chosen.shape[1], 1) <= now).all())


def _one_value(archs: np.ndarray, values: np.ndarray) -> bool:
    """Whether equal architectures have equal values; NaN is left out, a failed evaluation has no value."""
    known = ~np.isnan(values)
    flat, numbers = archs[known], values[known]
    order = np.argsort(flat, kind="stable")
    flat, numbers = flat[order], numbers[order]
    return bool((np.diff(numbers)[np.diff(flat) == 0] == 0).all())


def _found(arrays: Arrays, meta: Mapping[str, Any]) -> Iterator[str]:
    """What each repeat has found is what it had chosen in the end."""
    if "found" not in meta:
        return
    search = meta["config"]["search"]
    at = int(search["n"]) + int(search.get("k", 0)) - 1
    if at >= arrays["best"].shape[1]:  # of a curve that was cut
        return
    told = {row["seed"]: (row["index"], row["accuracy"]) for row in meta["found"]}
    for seed, arch, value in zip(arrays["seed"], arrays["chosen"][:, at], arrays["best"][:, at], strict=True):
        index, own = told.get(int(seed), (arch, value))
        if index != arch or not (own == value or math.isnan(own) and math.isnan(value)):
            yield f"found is architecture {index} with {own} for seed {seed}, its arrays have {arch} with {value}"
