"""The Pareto table: hypervolumes at equal numbers of evaluations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired
from siamnas.report.compare.pareto import SHARE, Front, curves, objective_text, reference_text
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.report.write.table import STAR, ReportTable

if TYPE_CHECKING:
    import pandas as pd


def pareto_tables(found: Collection, fronts: Sequence[Front], tests: "pd.DataFrame") -> dict[str, ReportTable]:
    """Benchmark -> its table, for those that have a second objective.

    Args:
        found: the results.
        fronts: of `pareto.compare`.
        tests: of `paired.of_fronts`.
    """
    benchmarks = {benchmark.name: benchmark for benchmark in found.benchmarks}
    return {front.benchmark: _pareto_table(benchmarks[front.benchmark], front, tests) for front in fronts}


def _pareto_table(benchmark: Benchmark, found: Front, tests: "pd.DataFrame") -> ReportTable:
    """A row per method, a column per number of evaluations; a star where a test tells it from the reference."""
    table = curves(found).set_index(["method", "evaluations"])
    names = list(found.repeats["method"].unique())
    budgets = [budget for budget in found.budgets if any((name, budget) in table.index for name in names)]
    tests = tests[tests["benchmark"] == benchmark.name]
    told = tests.set_index(["method", "n"])["verdict"].to_dict()
    reference = str(tests["reference"].iloc[0]) if len(tests) else None
    rows, best = [], set()
    for name in names:
        cells = []
        for budget in budgets:
            if (name, budget) not in table.index:
                cells.append(DASH)
                continue
            row = table.loc[(name, budget)]
            star = STAR * (told.get((name, budget)) in (paired.AHEAD, paired.BEHIND))
            cells.append(SHARE.spread(row["mean"], row["std"], row["repeats"]) + star)
        rows.append([name, *cells, str(int(table.loc[name]["repeats"].iloc[0]))])
    for column, budget in enumerate(budgets, start=1):
        means = {name: table.loc[(name, budget), "mean"] for name in names if (name, budget) in table.index}
        best |= {(names.index(name), column) for name, mean in means.items() if mean == max(means.values())}
    title = f"share of the true front's hypervolume after so many evaluations, %; {objective_text(found)}"
    remarks = f"Mean ± standard deviation over the repeats; {reference_text(benchmark, found)}"
    if reference is not None:
        remarks += f" {STAR}: not the same as {reference}, corrected p at most .05."
    columns = ["method", *map(str, budgets), "repeats"]
    leave = ["repeats", *columns[1 : len(budgets)]]
    return ReportTable(benchmark, reference, columns, rows, best, title, remarks, leave)
