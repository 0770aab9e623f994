"""The sentences on top: who wins at each budget, active searches included, and how all do against the reference."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import Metric
from siamnas.report.compare import regret
from siamnas.report.compare.paired import AHEAD, BEHIND, LEVEL
from siamnas.report.compare.protocols import MAIN
from siamnas.report.read.collect import Benchmark
from siamnas.report.read.runs import Run

if TYPE_CHECKING:
    import pandas as pd

MOST = 4  # methods that a sentence names with their difference


def winners(benchmark: Benchmark, runs: Sequence[Run], budgets: Sequence[int]) -> list[str]:
    """A sentence for each budget at which two methods or more can be compared.

    Args:
        benchmark: that it is about.
        runs: of the benchmark.
        budgets: numbers of evaluations.
    """
    repeats = regret.compare({benchmark.name: runs}, budgets, every=True).repeats
    said: list[str] = []
    named: set[str] = set()  # each architecture is named once, at the largest budget
    for budget, own in sorted(repeats.groupby("budget"), key=lambda pair: -int(str(pair[0]))):
        means = own.groupby("method", sort=False)["best"].mean()
        if len(means) > 1:
            best = [str(name) for name in means.index[means == means[benchmark.metric.best(means)]]]
            value = f"{benchmark.metric.text(means[best[0]])} {benchmark.metric.unit}".rstrip()
            verb, whose = ("has", "its best repeat") if len(best) == 1 else ("share", f"the best repeat of {best[0]}")
            text = (
                f"After {budget} evaluations {' and '.join(best)} {verb} the best mean of {len(means)} methods, {value}"
            )
            found, told = _architecture(benchmark, [run for run in runs if run.name == best[0]], int(budget), whose)
            said.append(f"{text}{'' if found in named else told}.")
            named.add(found)
    return said[::-1]


def _architecture(benchmark: Benchmark, runs: Sequence[Run], budget: int, whose: str) -> tuple[str, str]:
    """The best that the repeats of the job with this budget recommend; else of the smallest that goes further.

    Returns:
        Its name, and what is said of it; nothing where it is not known.
    """
    ends = [(r.n + r.k, r) for run in runs for r in run.records if r.n + r.k >= budget and r.found]
    if not ends:
        return "", ""
    end = min(end for end, _ in ends)
    metric = benchmark.metric
    found = [pair for reached, record in ends if reached == end for pair in record.found]
    name, value = max(found, key=lambda pair: metric.sign * pair[1])
    after = "" if end == budget else f" after {end}"
    return name, f"; {whose} recommends {name}{after}, {metric.text(value)} {metric.unit}".rstrip()


def headline(benchmark: Benchmark, n: int, k: int, table: "pd.DataFrame", tests: "pd.DataFrame") -> str | None:
    """How all methods do against the reference at an N and a K, by the main protocol; None where nothing was tested.

    Args:
        benchmark: that it is about.
        n: N.
        k: K; 0 for searches without a final ranking.
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
    """
    metric = benchmark.metric
    own = table[(table["benchmark"] == benchmark.name) & (table["n"] == n) & (table["k"] == k)]
    family = tests[(tests["benchmark"] == benchmark.name) & (tests["n"] == n) & (tests["k"] == k)]
    family = family[family["protocol"] == MAIN.name].sort_values(
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
    at = f"N = {n}, K = {k}, {n + k} evaluations" if k else f"After {n} evaluations"
    value = " ".join(filter(None, (metric.text(reference["best"]), metric.unit)))
    remark = f" ({metric.remark})" if metric.remark else ""
    return f"{at}: {reference['method']} reaches {value}{remark}. Against it, {'; '.join(said)}."


def _listed(rows: "pd.DataFrame", like: float, metric: Metric) -> str:
    """Some methods, each with its difference and the interval that holds for all of the family at once."""
    named = [f"{row.method} {_difference(row, like, metric)}" for row in rows.head(MOST).itertuples()]
    rest = len(rows) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")


def _difference(row: Any, like: float, metric: Metric) -> str:
    values = row.difference, row.family_low, row.family_high
    by, low, high = (metric.text(value, like=like, sign="+") for value in values)
    return f"{by} ({low} to {high})"
