"""The sentences on top of a report: what is ahead of the reference, what is behind it, what cannot be told apart."""

from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import Metric
from siamnas.report.compare.paired import AHEAD, BEHIND, LEVEL
from siamnas.report.compare.protocols import MAIN
from siamnas.report.read.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd

MOST = 4  # methods that a sentence names with their difference


def headline(benchmark: Benchmark, n: int, k: int, table: "pd.DataFrame", tests: "pd.DataFrame") -> str | None:
    """How all methods do against the reference at an N and a K, by the main reading; None where nothing was tested.

    Args:
        benchmark: that it is about.
        n: N.
        k: K.
        table: of `tables.summarise`.
        tests: of `paired.compare`.
    """
    metric = benchmark.metric
    own = table[(table["benchmark"] == benchmark.name) & (table["n"] == n) & (table["k"] == k)]
    family = tests[(tests["benchmark"] == benchmark.name) & (tests["n"] == n) & (tests["k"] == k)]
    family = family[family["reading"] == MAIN.name].sort_values(
        "difference", ascending=not metric.maximise, kind="stable"
    )
    if family.empty:
        return None
    reference = own[own["method"] == family["reference"].iloc[0]].iloc[0]
    said = [
        f"{verdict}: {_listed(rows, reference['best'], metric)}"
        for verdict in (AHEAD, LEVEL, BEHIND)
        if len(rows := family[family["verdict"] == verdict])
    ]
    at = f"N = {n}, K = {k}, {n + k} evaluations"
    value = " ".join(filter(None, (metric.text(reference["best"]), metric.unit)))
    remark = f" ({metric.remark})" if metric.remark else ""
    return f"{at}: {reference['method']} reaches {value}{remark}. Against it, {'; '.join(said)}."


def _listed(rows: "pd.DataFrame", like: float, metric: Metric) -> str:
    """Some methods, each with its difference and the 95 % interval."""
    named = [f"{row.method} {_difference(row, like, metric)}" for row in rows.head(MOST).itertuples()]
    rest = len(rows) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")


def _difference(row: Any, like: float, metric: Metric) -> str:
    by, low, high = (metric.text(value, like=like, sign="+") for value in (row.difference, row.low, row.high))
    return f"{by} ({low} to {high})"
