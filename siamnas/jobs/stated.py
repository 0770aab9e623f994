"""What a result says of its space beside its arrays, and the one numbering of architectures that have no list."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from siamnas.benchmarks import pareto
from siamnas.benchmarks.surrogate import SAMPLE, SURROGATE
from siamnas.candidates.drawn import Sample
from siamnas.candidates.window import REFERENCE
from siamnas.jobs.agreement import ARCHITECTURES
from siamnas.jobs.evaluation import POINTS
from siamnas.jobs.store import Arrays, Result
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark

MOST = 2**63  # architectures of a space that are written as a number


def of(benchmark: Benchmark | DomainBenchmark, own: bool = False) -> dict[str, Any]:
    """What is stated of a space, whatever was found there; NaN and None are what is not known.

    Args:
        benchmark: the space.
        own: every repeat has true values of its own, so there is no optimum of all.
    """
    if isinstance(benchmark, DomainBenchmark):
        return _of_domain(benchmark)
    space, measured = benchmark.space, benchmark.measured
    return {
        "cells": len(space),
        "optimum": math.nan if own or isinstance(space, Sample) else measured.optimum,
        "median": measured.median,
        "metric": asdict(measured.metric),
        "label_name": measured.label_name,
        "report_name": measured.report_name,
        "code_name": measured.code_name,
        "card": dict(space.card),
    }


def _of_domain(benchmark: DomainBenchmark) -> dict[str, Any]:
    """See `of`."""
    domain, metric, card = benchmark.domain, benchmark.metric, dict[str, str]()
    if benchmark.surrogate is not None:
        card = {SURROGATE: benchmark.surrogate.name, SAMPLE: f"Spearman over {REFERENCE:,} random architectures"}
    return {
        "cells": domain.size if domain.size is not None and domain.size < MOST else None,
        "optimum": math.nan,
        "median": math.nan,
        "metric": asdict(metric),
        "label_name": metric.name,
        "report_name": metric.name,
        "code_name": ",".join(domain.columns) or "none",
        "card": card,
    }


def front(benchmark: Benchmark | DomainBenchmark, objective: str, arrays: Arrays) -> dict[str, Any]:
    """The Pareto front of a space, see `siamnas.benchmarks.pareto.truth`; that of all that was found of a domain."""
    sign = benchmark.metric.sign
    if isinstance(benchmark, DomainBenchmark):
        cost, value = (arrays[name].ravel() for name in POINTS)
        return pareto.truth(objective, cost, value, sign)
    return pareto.truth(objective, benchmark.space.columns[objective], benchmark.measured.report, sign)


def numbered_alike(parts: Sequence[Result]) -> tuple[list[Result], list[str] | None]:
    """Parts with one numbering of architectures, however the repeats were cut into chunks, and the texts of these.

    Args:
        parts: in the order of their repeats; those of a list stay as they are.
    """
    if not any(ARCHITECTURES in part.meta for part in parts):
        return list(parts), None
    numbers: dict[str, int] = {}
    renumbered = []
    for part in parts:
        texts: list[str] = part.meta[ARCHITECTURES]
        evaluated = [[texts[arch] for arch in row] for row in part.arrays["evaluated"].tolist()]
        own = {text: numbers.setdefault(text, len(numbers)) for row in evaluated for text in row}
        table = np.array([own.get(text, -1) for text in texts], dtype=np.int32)
        arrays = {name: table[part.arrays[name]] for name in ("evaluated", "chosen")}
        renumbered.append(Result(part.arrays | arrays, part.meta, part.path))
    return renumbered, list(numbers)
