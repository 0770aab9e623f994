"""Pareto fronts shown: the table of their hypervolumes, and the figure."""

from typing import TYPE_CHECKING

from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired, pareto, words
from siamnas.report.compare.pareto import SHARE, TRUE, Front
from siamnas.report.draw import figure, plots
from siamnas.report.draw.style import INK, Look, panels, render
from siamnas.report.read import catalogue
from siamnas.report.read.collect import Benchmark, Collection
from siamnas.report.write.table import STAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def sheets(found: Collection, tests: "pd.DataFrame") -> dict[str, Table]:
    """Benchmark -> its table, for those that have a second objective.

    Args:
        found: the results.
        tests: of `paired.of_fronts`.
    """
    benchmarks = {benchmark.name: benchmark for benchmark in found.benchmarks}
    return {front.benchmark: sheet(benchmarks[front.benchmark], front, tests) for front in found.fronts}


def sheet(benchmark: Benchmark, found: Front, tests: "pd.DataFrame") -> Table:
    """A row per method, a column per number of evaluations; arguments as for `sheets`."""
    table = pareto.curves(found).set_index(["method", "evaluations"])
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
    title = f"share of the true front's hypervolume after so many evaluations, %; {_column(found)}"
    remarks = f"Mean ± standard deviation over the repeats; {_reference(benchmark, found)}"
    if reference is not None:
        remarks += f" {STAR}: not the same as {reference}, corrected p at most .05."
    return Table(benchmark, reference, ["method", *map(str, budgets), "repeats"], rows, best, title, remarks)


def figure(benchmark: Benchmark, found: Front, look: dict[str, Look], stem: str) -> Figure:
    """The fronts, found and true, beside the hypervolume over the evaluations.

    Args:
        benchmark: that the front is of.
        found: its front.
        look: of every method.
        stem: first part of the file names.
    """
    table = pareto.curves(found)
    metric = benchmark.metric
    with panels(1, 2, (10.6, 4.3)) as drawn:
        left, right = drawn.axes
        for method, own in found.surfaces.groupby("method", sort=False):
            _stairs(left, own, str(method), look, benchmark, found.most[0])
        left.set_title("the front that half of the repeats attain")
        left.set_xlabel(_column(found))
        left.set_ylabel(words.axis_text(metric))
        true = found.surfaces[found.surfaces["method"] == TRUE]
        low, high = sorted(metric.scale * value for value in (found.most[1], benchmark.optimum))
        left.set_ylim(low - 0.02 * (high - low), high + 0.05 * (high - low))
        left.set_xlim(true["cost"].min() - 0.02 * true["cost"].max(), 1.25 * true["cost"].max())
        for method, own in table.groupby("method", sort=False):
            own_look = look[str(method)]
            right.plot(own["evaluations"], 100 * own["mean"], color=own_look.colour, linestyle=own_look.dash)
            right.fill_between(
                own["evaluations"], 100 * own["low"], 100 * own["high"], color=own_look.colour, alpha=0.09, linewidth=0
            )
        right.set_title("mean, and the quartiles of the repeats")
        right.set_xlabel("evaluations spent")
        right.set_ylabel("share of the true front's hypervolume, %")
        right.set_ylim(top=100)
        right.set_xlim(
            0, max([budget for budget in found.budgets if budget <= table["evaluations"].max()], default=None)
        )
        drawn.suptitle(benchmark.name, x=0.008, ha="left", fontsize=11, fontweight="bold")
        last = table.groupby("method", sort=False)["mean"].last().sort_values(ascending=False)
        names = {TRUE: TRUE} | {str(name): figure.broken(str(name)) for name in last.index}
        plots.legend(drawn, names, False)
        svg, png = render(drawn)
    caption = (
        f"Pareto front of the metric and the {_column(found)} among what was paid for after all evaluations, and the "
        f"hypervolume on the way, over {figure.spanned(table['repeats'])} repeats; "
        f"{_reference(benchmark, found)} {figure.measured(benchmark)}."
    )
    return Figure(benchmark.name, f"{stem}-front", caption, 2, svg, png)


def _stairs(
    ax: "Axes", own: "pd.DataFrame", method: str, look: dict[str, Look], benchmark: Benchmark, most: float
) -> None:
    """A front as a staircase, which ends at the largest cost."""
    cost, value = [*own["cost"], most], [*(benchmark.metric.scale * own["value"]), None]
    value[-1] = value[-2] if len(value) > 1 else None
    if method == TRUE:
        ax.plot(cost, value, drawstyle="steps-post", color=INK, linewidth=1.1, zorder=3, label=method)
    else:
        ax.plot(
            cost, value, drawstyle="steps-post", color=look[method].colour, linestyle=look[method].dash, label=method
        )


def _column(found: Front) -> str:
    """The second objective for people."""
    return catalogue.OBJECTIVES.get(found.column, found.column)


def _reference(benchmark: Benchmark, found: Front) -> str:
    """The reference point, in a sentence."""
    metric = benchmark.metric
    value = f"{metric.text(found.most[1])} {metric.unit}".rstrip()
    cost = f"the largest cost of the space, {found.most[0]:.4g}"
    return f"the reference point is {cost}, and its median {metric.noun}, {value}."
