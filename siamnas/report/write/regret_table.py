"""The regret table: methods at equal numbers of evaluations."""

from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired
from siamnas.report.read.collect import Benchmark
from siamnas.report.write.table import STAR, ReportTable

if TYPE_CHECKING:
    import pandas as pd


def regret_table(
    table: "pd.DataFrame", tests: "pd.DataFrame", benchmark: Benchmark, brief: bool = False
) -> ReportTable | None:
    """A row per method, a column per budget; None where a benchmark has nothing to compare.

    Args:
        table: of `regret.summarise`.
        tests: of `paired.at_budgets`.
        benchmark: one of the report.
        brief: leave out the deviations, which a terminal has no room for.
    """
    table, tests = (frame[frame["benchmark"] == benchmark.name] for frame in (table, tests))
    if table.empty:
        return None
    budgets = sorted({int(budget) for budget in table["budget"]})
    reference = str(tests["reference"].iloc[0]) if len(tests) else None
    names = list(table["method"].unique())
    told = tests.set_index(["method", "budget"])["verdict"].to_dict()
    rows = []
    for name in names:
        own = table[table["method"] == name].set_index("budget")
        cells = [_regret(own, budget, told.get((name, budget)), benchmark.metric, brief) for budget in budgets]
        found = " / ".join(f"{100 * own['found'].get(b):.0f}" if b in own.index else DASH for b in budgets)
        rows.append([name, *cells, found, _evaluations(own.iloc[0]), str(int(own["repeats"].max()))])
    best = set()
    for column, budget in enumerate(budgets, start=1):
        rivals = table[table["budget"] == budget]
        best |= {
            (names.index(name), column) for name in rivals.loc[rivals["regret"] == rivals["regret"].min(), "method"]
        }
    return ReportTable(
        benchmark,
        reference,
        ["method", *map(str, budgets), f"found % {'/'.join(map(str, budgets))}", "evaluations", "repeats"],
        rows,
        best,
        f"regret after so many evaluations{', points' if benchmark.metric.unit == PERCENT else ''}",
        _remarks(reference, brief),
    )


def _regret(own: "pd.DataFrame", budget: int, verdict: str | None, metric: Metric, brief: bool) -> str:
    """Mean and deviation, with a star where a test tells it apart from the reference."""
    if budget not in own.index:
        return DASH
    row = own.loc[budget]
    text = metric.spread(row["regret"], row["regret_std"], 1 if brief else row["repeats"])
    return text + STAR * (verdict in (paired.AHEAD, paired.BEHIND))


def _evaluations(row: Any) -> str:
    """Until the optimum, in the mean; only that there are more where some repeats have not found it."""
    if row["evaluations"] != row["evaluations"]:
        return DASH
    return f"{'' if row['all_found'] else '≥ '}{row['evaluations']:.1f}"


def _remarks(reference: str | None, brief: bool) -> str:
    """The sentences that a reader of the columns needs."""
    told = (
        f"Regret: mean{'' if brief else ' ± standard deviation'} over the repeats. Evaluations: the mean number until "
        "the optimum is found; ≥ where some repeats have not found it, whose whole run counts."
    )
    return told if reference is None else f"{told} {STAR}: not the same as {reference}, corrected p at most .05."
