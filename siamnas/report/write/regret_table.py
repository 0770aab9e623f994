"""The table to read of methods at equal numbers of evaluations, and its figure."""

from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired
from siamnas.report.draw import figure, plots
from siamnas.report.draw.style import Look, panels, render
from siamnas.report.read.collect import Benchmark
from siamnas.report.write.table import STAR

if TYPE_CHECKING:
    import pandas as pd

PANELS = {
    "mean": "mean, and the quartiles of the repeats",
    "worst": "the worst repeat",
}


def regret_table(
    table: "pd.DataFrame", tests: "pd.DataFrame", benchmark: Benchmark, brief: bool = False
) -> Table | None:
    """A row per method, a column per budget; None where a benchmark has nothing to compare.

    Args:
        table: of `budgets.summarise`.
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
    return Table(
        benchmark,
        reference,
        ["method", *map(str, budgets), f"found % {'/'.join(map(str, budgets))}", "evaluations", "repeats"],
        rows,
        best,
        f"regret after so many evaluations{', points' if benchmark.metric.unit == PERCENT else ''}",
        _remarks(reference, brief),
    )


def figure(benchmark: Benchmark, curves: "pd.DataFrame", look: dict[str, Look], stem: str) -> Figure | None:
    """Regret over the evaluations, the mean beside the worst; None where there is nothing to compare.

    Args:
        benchmark: that it is about.
        curves: of `budgets.Equal`.
        look: of every method.
        stem: first part of the file names.
    """
    curves = curves[curves["benchmark"] == benchmark.name]
    if curves.empty:
        return None
    last = curves.sort_values("evaluations").groupby("method")["mean"].last()
    with panels(1, len(PANELS), (10.6, 4.3)) as drawn:
        for ax, (column, title) in zip(drawn.axes, PANELS.items(), strict=True):
            plots.regret(curves, column, look, benchmark.metric, ax)
            ax.set_title(title)
            ax.set_xlabel("evaluations spent")
        unit = ", points" if benchmark.metric.unit == PERCENT else ""
        drawn.axes[0].set_ylabel(f"regret: distance to the optimum{unit}")
        drawn.suptitle(f"{benchmark.name}: regret", x=0.008, ha="left", fontsize=11, fontweight="bold")
        names = {str(name): figure.broken(str(name)) for name in last.sort_values().index}
        plots.legend(drawn, names, False)
        svg, png = render(drawn)
    caption = (
        f"Distance of the best so far to the optimum, against the evaluations: its mean over "
        f"{figure.spanned(curves['repeats'])} repeats with the range of the middle half of them, and its "
        "largest. A method that ends with a ranking has a job of its own for each budget, which is a point. "
        f"{figure.measured(benchmark)}."
    )
    return Figure(benchmark.name, f"{stem}-regret", caption, len(PANELS), svg, png)


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
    """What must be known to read the columns, in sentences."""
    told = (
        f"Regret: mean{'' if brief else ' ± standard deviation'} over the repeats. Evaluations: the mean number until "
        "the optimum is found; ≥ where some repeats have not found it, whose whole run counts."
    )
    return told if reference is None else f"{told} {STAR}: not the same as {reference}, corrected p at most .05."
