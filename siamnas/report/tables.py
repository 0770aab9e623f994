"""The tables of a report: one long one with every number, and one to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siamnas.metric import Metric
from siamnas.report.collect import Benchmark, Collection

if TYPE_CHECKING:
    import pandas as pd

DAY = 86_400.0  # seconds
DASH = "–"


@dataclass(frozen=True)
class Sheet:
    """A table to read: one row per N and method, methods of the same N together.

    Attributes:
        benchmark: that it is about.
        columns: their titles; the first two are N and the method.
        rows: the text of all cells.
        best: (row, column) of the best value of each N and K.
    """

    benchmark: Benchmark
    columns: list[str]
    rows: list[list[str]]
    best: set[tuple[int, int]]


def summarise(found: Collection) -> "pd.DataFrame":
    """Every number: one row per benchmark, method, N and K, means over the repeats, accuracies as fractions.

    `gpu_days` is the training of the queried architectures and the computing of the codes, in the time that the table
    of the benchmark gives; NaN where it gives none. `seconds` is what the computing of all repeats has taken here.
    """
    import pandas as pd

    keys = ["benchmark", "method", "option", "n", "k"]
    repeats = found.repeats.assign(gpu_days=(found.repeats["query_seconds"] + found.repeats["code_seconds"]) / DAY)
    grouped = repeats.groupby(keys, sort=False)
    means = grouped[["best", "spearman", "kendall", "queries", "codes", "gpu_days"]].mean()
    means["best_std"] = grouped["best"].std(ddof=1).fillna(0.0)
    means["best_median"] = grouped["best"].median()
    means["gpu_days"] = means["gpu_days"].where(means["gpu_days"] > 0)
    optima = pd.Series({benchmark.name: benchmark.optimum for benchmark in found.benchmarks}, name="optimum")
    table = means.dropna(subset="best").reset_index().join(optima, on="benchmark")
    metrics = {benchmark.name: benchmark.metric for benchmark in found.benchmarks}
    reached = zip(table["benchmark"], table["optimum"], table["best"], strict=True)
    table["regret"] = [metrics[name].regret(optimum, best) for name, optimum, best in reached]
    about = found.runs[["benchmark", "method", "n", "trainer", "label", "repeats", "seconds"]]
    table = table.merge(about, on=["benchmark", "method", "n"])
    columns = [*keys, "trainer", "label", "repeats", "best", "best_std", "best_median", "optimum"]
    return table[[*columns, "regret", "spearman", "kendall", "queries", "codes", "gpu_days", "seconds"]]


def sheet(table: "pd.DataFrame", benchmark: Benchmark, ns: Iterable[int] = (), brief: bool = False) -> Sheet:
    """The table to read of one benchmark.

    Args:
        table: of `summarise`.
        benchmark: one of the report.
        ns: only these values of N; empty for all.
        brief: leave out what a terminal has no room for.
    """
    own = table[table["benchmark"] == benchmark.name].sort_values("n", kind="stable")
    own = own[own["n"].isin(list(ns))] if ns else own
    ks = [k for k in benchmark.ks if k in set(own["k"])] or list(benchmark.ks)
    at = f" K={ks[-1]}"
    columns = ["N", "method", *(f"K={k}" for k in ks), f"regret{at}", "Spearman", "Kendall", f"queries{at}", "codes"]
    columns += [f"GPU-days{at}", "seconds", "repeats"]
    groups = own.groupby(["n", "method"], sort=False)
    rows = [_row(str(n), str(method), group.set_index("k"), ks, benchmark.metric) for (n, method), group in groups]
    seats = {(row[0], row[1]): i for i, row in enumerate(rows)}
    best = set()
    for (n, k), rivals in own.groupby(["n", "k"], sort=False):
        if len(rivals) > 1 and k in ks:
            winner = rivals.loc[benchmark.metric.best(rivals["best"]), "method"]
            best.add((seats[str(n), winner], 2 + ks.index(k)))
    if brief:
        kept = [i for i, column in enumerate(columns) if column not in ("Kendall", "codes", "seconds")]
        columns, rows = [columns[i] for i in kept], [[row[i] for i in kept] for row in rows]
    return Sheet(benchmark, columns, rows, best)


def main_ns(table: "pd.DataFrame", benchmark: Benchmark) -> list[int]:
    """Up to three values of N that stand for all: the ends, and 100 or the middle."""
    ns = sorted(int(n) for n in table[table["benchmark"] == benchmark.name]["n"].unique())
    if len(ns) <= 3:
        return ns
    return [ns[0], 100 if 100 in ns[1:-1] else ns[len(ns) // 2], ns[-1]]


def number(value: float, digits: int) -> str:
    """A number with a fixed number of digits; a dash where there is none."""
    return DASH if value != value else f"{value:.{digits}f}"


def _row(n: str, method: str, at: "pd.DataFrame", ks: list[int], metric: Metric) -> list[str]:
    """The cells of one method at one N; `at` has a row per K that its curves reach."""
    last, reached = at.iloc[-1], ks[-1] in at.index
    return [
        n,
        method,
        *(metric.spread(*at.loc[k, ["best", "best_std", "repeats"]]) if k in at.index else DASH for k in ks),
        metric.text(last["regret"], like=last["best"]) if reached else DASH,
        number(last["spearman"], 3),
        number(last["kendall"], 3),
        number(last["queries"], 1) if reached else DASH,
        number(last["codes"], 1),
        number(last["gpu_days"], 2) if reached else DASH,
        number(last["seconds"], 0),
        str(last["repeats"]),
    ]
