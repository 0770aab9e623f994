"""The long table of a report: every number."""

from dataclasses import replace
from typing import TYPE_CHECKING

from siamnas.jobs import proportions
from siamnas.report.compare.regret import anytime
from siamnas.report.read import tidy
from siamnas.report.read.collect import Benchmark, Collection

if TYPE_CHECKING:
    import pandas as pd

DAY = 86_400.0  # seconds
KEYS = ["benchmark", "method", "option", "n", "k"]
COLUMNS = [
    *(*KEYS, "evaluations", "trainer", "label", "repeats"),
    *("best", "best_std", "best_median", "topk", "topk_std", "below_median", "optimum", "regret"),
    *("spearman", "kendall", "codes", "gpu_days", "seconds", "below_median_low", "below_median_high"),
]


def every_budget(found: Collection) -> "pd.DataFrame":
    """The rows of `summarise`, at every number of evaluations up to the N + K of a run.

    A method that spends its last evaluations on a final ranking, which it would have made earlier with fewer of them,
    has a row at its N + K only, one for each K of its jobs; see `siamnas.report.compare.regret`.
    """
    import pandas as pd

    repeats = []
    for benchmark, runs in found.by_benchmark.items():
        for run in runs:
            which = {"benchmark": benchmark, "method": run.name, "option": run.option, "n": run.n}
            ends = sorted(run.n + k for k in run.ks or (0,) if k <= run.depth)
            budgets = range(1, ends[-1] + 1) if ends and anytime(run) else ends
            repeats += [pd.DataFrame(which | tidy.at(run, budget)) for budget in budgets]
    return summarise(replace(found, repeats=pd.concat(repeats, ignore_index=True)))


def summarise(found: Collection) -> "pd.DataFrame":
    """Every number: one row per benchmark, method, N and K, means over the repeats, accuracies as fractions.

    `best` is the main number, that of all evaluated architectures after N + K `evaluations`, and `regret` its distance
    to the optimum; `topk` is that of the top K of the ranking only, and `below_median` the share of repeats whose top K
    are no better than the median of the space, with its Wilson interval. `gpu_days` is the training of the evaluated
    architectures and the computing of the codes, in the time that the table of the benchmark gives; NaN where it gives
    none. `seconds` is the time that the computing of all repeats has taken here.
    """
    import pandas as pd

    repeats = found.repeats.assign(gpu_days=(found.repeats["query_seconds"] + found.repeats["code_seconds"]) / DAY)
    grouped = repeats.groupby([*KEYS, "evaluations"], sort=False)
    means = grouped[["best", "topk", "below_median", "spearman", "kendall", "codes", "gpu_days"]].mean()
    for name in ("best", "topk"):
        means[f"{name}_std"] = grouped[name].std(ddof=1).fillna(0.0).where(means[name].notna())
    means["best_median"] = grouped["best"].median()
    means["gpu_days"] = means["gpu_days"].where(means["gpu_days"] > 0)
    optima = pd.Series({benchmark.name: benchmark.optimum for benchmark in found.benchmarks}, name="optimum")
    table = means.dropna(subset="best").reset_index().join(optima, on="benchmark")
    metrics = {benchmark.name: benchmark.metric for benchmark in found.benchmarks}
    reached = zip(table["benchmark"], table["optimum"], table["best"], strict=True)
    table["regret"] = [metrics[name].regret(optimum, best) for name, optimum, best in reached]
    about = found.runs[["benchmark", "method", "n", "trainer", "label", "repeats", "seconds"]]
    table = table.merge(about, on=["benchmark", "method", "n"])
    return proportions.with_intervals(table, "below_median", "repeats")[COLUMNS]


def main_ns(table: "pd.DataFrame", benchmark: Benchmark) -> list[int]:
    """Up to three values of N that stand for all: the ends, and 100 or the middle."""
    ns = sorted(int(n) for n in table[table["benchmark"] == benchmark.name]["n"].unique())
    if len(ns) <= 3:
        return ns
    return [ns[0], 100 if 100 in ns[1:-1] else ns[len(ns) // 2], ns[-1]]
