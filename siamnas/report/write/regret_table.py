"""The regret table: methods at equal numbers of evaluations; by the best so far where the optimum is not known."""

from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs import proportions
from siamnas.report.read.collect import Benchmark
from siamnas.report.write.table import TOLD, starred, titled
from siamnas.runtime.table import DASH, METHOD, Column, Table

if TYPE_CHECKING:
    import pandas as pd


def regret_table(
    table: "pd.DataFrame", tests: "pd.DataFrame", benchmark: Benchmark, brief: bool = False
) -> Table | None:
    """A row per method, a column per budget; None where a benchmark has nothing to compare.

    Args:
        table: of `regret.summarise`.
        tests: of `paired.at_budgets`.
        benchmark: one of the report.
        brief: leave out the deviations, which a terminal has no room for.
    """
    if table.empty or (table := table[table["benchmark"] == benchmark.name]).empty:
        return None
    tests = tests[tests["benchmark"] == benchmark.name]
    column, metric = "regret" if benchmark.has_optimum else "best", benchmark.metric
    budgets = sorted({int(budget) for budget in table["budget"]})
    names = list(table["method"].unique())
    told = tests.set_index(["method", "budget"])["verdict"].to_dict()
    at = {(row.method, row.budget): row for row in table.itertuples()}
    rows = []
    for name in names:
        own = [at.get((name, budget)) for budget in budgets]
        cells = [
            _cell(row, column, told.get((name, budget)), metric, brief)
            for row, budget in zip(own, budgets, strict=True)
        ]
        found = [DASH if row is None else proportions.text(row.found, row.repeats) for row in own]
        some = [row for row in own if row is not None]
        rows.append([name, *cells, *found, _evaluations(some[0]), max(row.repeats for row in some)])
    smaller = column == "regret" or not metric.maximise
    rivals = table.groupby("budget")[column]
    leading = (rivals.transform("min" if smaller else "max") == table[column]) & (rivals.transform("count") > 1)
    winners = table.loc[leading, ["method", "budget"]].itertuples(index=False)
    best = {(names.index(name), 1 + budgets.index(budget)) for name, budget in winners}
    remarks = " ".join([_remarks(brief, benchmark.has_optimum), *map(TOLD.format, tests["reference"].head(1))])
    return Table(_columns(budgets), rows, benchmark.name, titled(benchmark, _title(benchmark)), remarks, best)


def _columns(budgets: list[int]) -> list[Column]:
    """The values, then the shares that have found the optimum; of both that at the last budget leaves last."""
    last = budgets[-1]
    return [
        METHOD,
        *(Column(str(budget), leaves=i) for i, budget in zip(reversed(range(len(budgets))), budgets, strict=True)),
        *(
            Column(f"found %\n{budget}", leaves=40 if budget == last else 60 - budgets.index(budget))
            for budget in budgets
        ),
        Column("evaluations", leaves=50),
        Column("repeats", leaves=51),
    ]


def _title(benchmark: Benchmark) -> str:
    """What the cells are."""
    metric = benchmark.metric
    if benchmark.has_optimum:
        return f"regret after so many evaluations{', points' if metric.unit == PERCENT else ''}"
    unit = f" in {metric.unit}" if metric.unit else ""
    return ", ".join(filter(None, (f"best {metric.noun}{unit} after so many evaluations", metric.remark)))


def _cell(row: Any, column: str, verdict: str | None, metric: Metric, brief: bool) -> str:
    """Mean and deviation, with a star where a test tells it apart from the reference; of the best the mean alone."""
    if row is None:
        return DASH
    value = getattr(row, column)
    alone = brief or column == "best"
    return starred(metric.text(value) if alone else metric.spread(value, row.regret_std, row.repeats), verdict)


def _evaluations(row: Any) -> str:
    """Until the optimum, in the mean; only that there are more where some repeats have not found it."""
    return DASH if row.evaluations != row.evaluations else f"{'' if row.all_found else '≥ '}{row.evaluations:.1f}"


def _remarks(brief: bool, has_optimum: bool) -> str:
    """The sentences that a reader of the columns needs."""
    if not has_optimum:
        return "Best so far: mean over the repeats. The optimum is not known, so there is no regret."
    return (
        f"Regret: mean{'' if brief else ' ± standard deviation'} over the repeats. Found: share of the repeats that "
        "have found the optimum, with its 95 % interval (Wilson). Evaluations: the mean number until the optimum is "
        "found; ≥ where some repeats have not found it, whose whole run counts."
    )
