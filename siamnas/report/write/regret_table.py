"""The regret table: methods at equal numbers of evaluations; by the best so far where the optimum is not known."""

from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired
from siamnas.report.read.collect import Benchmark
from siamnas.report.write.table import STAR, ReportTable, number

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
    column, metric = "regret" if benchmark.has_optimum else "best", benchmark.metric
    budgets = sorted({int(budget) for budget in table["budget"]})
    reference = str(tests["reference"].iloc[0]) if len(tests) else None
    names = list(table["method"].unique())
    told = tests.set_index(["method", "budget"])["verdict"].to_dict()
    rows = []
    for name in names:
        own = table[table["method"] == name].set_index("budget")
        cells = [_cell(own, column, budget, told.get((name, budget)), metric, brief) for budget in budgets]
        found = " / ".join(number(100 * own["found"].get(b, float("nan")), 0) for b in budgets)
        rows.append([name, *cells, found, _evaluations(own.iloc[0]), str(int(own["repeats"].max()))])
    best = set()
    for place, budget in enumerate(budgets, start=1):
        rivals = table[table["budget"] == budget]
        least = rivals[column].min() if column == "regret" or not metric.maximise else rivals[column].max()
        best |= {(names.index(name), place) for name in rivals.loc[rivals[column] == least, "method"]}
    columns = ["method", *map(str, budgets), f"found % {'/'.join(map(str, budgets))}", "evaluations", "repeats"]
    return ReportTable(
        benchmark,
        reference,
        columns,
        rows,
        best,
        _title(benchmark),
        _remarks(reference, brief, benchmark.has_optimum),
        [*columns[: len(budgets) : -1], *columns[1 : len(budgets)]],
    )


def _title(benchmark: Benchmark) -> str:
    """What the cells are."""
    metric = benchmark.metric
    if benchmark.has_optimum:
        return f"regret after so many evaluations{', points' if metric.unit == PERCENT else ''}"
    unit = f" in {metric.unit}" if metric.unit else ""
    return ", ".join(filter(None, (f"best {metric.noun}{unit} after so many evaluations", metric.remark)))


def _cell(own: "pd.DataFrame", column: str, budget: int, verdict: str | None, metric: Metric, brief: bool) -> str:
    """Mean and deviation, with a star where a test tells it apart from the reference; of the best the mean alone."""
    if budget not in own.index:
        return DASH
    row = own.loc[budget]
    alone = brief or column == "best"
    text = metric.text(row[column]) if alone else metric.spread(row[column], row["regret_std"], row["repeats"])
    return text + STAR * (verdict in (paired.AHEAD, paired.BEHIND))


def _evaluations(row: Any) -> str:
    """Until the optimum, in the mean; only that there are more where some repeats have not found it."""
    if row["evaluations"] != row["evaluations"]:
        return DASH
    return f"{'' if row['all_found'] else '≥ '}{row['evaluations']:.1f}"


def _remarks(reference: str | None, brief: bool, has_optimum: bool) -> str:
    """The sentences that a reader of the columns needs."""
    if not has_optimum:
        told = "Best so far: mean over the repeats. The optimum is not known, so there is no regret."
        return told if reference is None else f"{told} {_star(reference)}"
    told = (
        f"Regret: mean{'' if brief else ' ± standard deviation'} over the repeats. Evaluations: the mean number until "
        "the optimum is found; ≥ where some repeats have not found it, whose whole run counts."
    )
    return told if reference is None else f"{told} {_star(reference)}"


def _star(reference: str) -> str:
    return f"{STAR}: not the same as {reference}, corrected p at most .05."
