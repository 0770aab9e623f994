"""The sentences on top of a report: who is best, and by how much."""

from collections.abc import Collection as Some
from typing import TYPE_CHECKING

from siamnas.jobs.summary import plural
from siamnas.metric import Metric
from siamnas.report.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd


def headline(
    benchmark: Benchmark, n: int, k: int, table: "pd.DataFrame", tests: "pd.DataFrame", baselines: Some[str]
) -> str | None:
    """Who is best at an N and a K, and by how much; None for a single method.

    Where that is a baseline, which knows nothing of the labels, the best of those that learn is named too.

    Args:
        benchmark: that it is about.
        n: N.
        k: K.
        table: of `tables.summarise`.
        tests: of `paired.compare`.
        baselines: the methods that learn nothing.
    """
    metric = benchmark.metric
    own = table[(table["benchmark"] == benchmark.name) & (table["n"] == n) & (table["k"] == k)]
    pairs = tests[(tests["benchmark"] == benchmark.name) & (tests["n"] == n) & (tests["k"] == k)]
    said = _ahead(own, pairs, metric)
    if said is None:
        return None
    learned = own[~own["method"].isin(list(baselines))]
    among = _ahead(learned, pairs, metric) if own.loc[metric.best(own["best"]), "method"] in baselines else None
    return f"N = {n}, K = {k}: best is {said}." + (f" Among those that learn it is {among}." if among else "")


def _ahead(own: "pd.DataFrame", pairs: "pd.DataFrame", metric: Metric) -> str | None:
    """The best of some methods and its lead over the next, with what the paired test says."""
    if len(own) < 2:
        return None
    first, second = own.sort_values("best", ascending=not metric.maximise, kind="stable").head(2).itertuples()
    said = f"{first.method} with {_value(first.best, metric)}"
    names = {first.method, second.method}
    pairs = pairs[[{a, b} == names for a, b in zip(pairs["method_a"], pairs["method_b"], strict=True)]]
    if pairs.empty:
        return f"{said}, before {second.method} with {_value(second.best, metric)} (no common repeats to test)"
    pair = pairs.iloc[0]
    lead = [pair["difference"], pair["low"], pair["high"]]
    if pair["method_a"] != first.method:
        lead = [-pair["difference"], -pair["high"], -pair["low"]]
    by, low, high = (metric.text(value, like=first.best, sign="+") for value in lead)
    about = [f"95 % interval {low} to {high}", plural(int(pair["pairs"]), "paired repeat"), metric.remark]
    return f"{said}, {by} on {second.method} ({', '.join(filter(None, about))})"


def _value(value: float, metric: Metric) -> str:
    return f"{metric.text(value)} {metric.unit}".rstrip()
