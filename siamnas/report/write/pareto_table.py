"""The Pareto table: hypervolumes at equal numbers of evaluations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siamnas.report.compare.pareto import SHARE, Front, curves, objective_text, reference_text
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.report.write.table import TOLD, starred
from siamnas.runtime.table import EXTRA, METHOD, Column, Table

if TYPE_CHECKING:
    import pandas as pd


def pareto_tables(found: Collection, fronts: Sequence[Front], tests: "pd.DataFrame") -> dict[str, Table]:
    """Benchmark -> its table, for those that have a second objective, and methods that reach a budget.

    Args:
        found: the results.
        fronts: of `pareto.compare`.
        tests: of `paired.of_fronts`.
    """
    benchmarks = {benchmark.name: benchmark for benchmark in found.benchmarks}
    made = {front.benchmark: _pareto_table(benchmarks[front.benchmark], front, tests) for front in fronts}
    return {name: table for name, table in made.items() if len(table.columns) > 2}


def _pareto_table(benchmark: Benchmark, found: Front, tests: "pd.DataFrame") -> Table:
    """A row per method, a column per number of evaluations; a star where a test tells it from the reference."""
    at = {(row.method, row.evaluations): row for row in curves(found).itertuples()}
    names = list(found.repeats["method"].unique())
    budgets = [budget for budget in found.budgets if any((name, budget) in at for name in names)]
    tests = tests[tests["benchmark"] == benchmark.name]
    told = tests.set_index(["method", "n"])["verdict"].to_dict()
    rows, best = [], set()
    for name in names:
        own = {budget: at[name, budget] for budget in budgets if (name, budget) in at}
        cells = [
            starred(SHARE.spread(own[b].mean, own[b].std, own[b].repeats), told.get((name, b))) if b in own else None
            for b in budgets
        ]
        rows.append([name, *cells, at[name, 1].repeats])
    for column, budget in enumerate(budgets, start=1):
        means = {name: at[name, budget].mean for name in names if (name, budget) in at}
        winners = {name for name, mean in means.items() if mean == max(means.values()) and len(means) > 1}
        best |= {(names.index(name), column) for name in winners}
    title = f"share of the true front's hypervolume after so many evaluations, %; {objective_text(found)}"
    remarks = f"Mean ± standard deviation over the repeats; {reference_text(benchmark, found)}"
    remarks = " ".join([remarks, *map(TOLD.format, tests["reference"].head(1))])
    columns = [Column(str(b), leaves=i) for i, b in zip(reversed(range(len(budgets))), budgets, strict=True)]
    columns = [METHOD, *columns, Column("repeats", leaves=EXTRA)]
    return Table(columns, rows, benchmark.name, title, remarks, best)
