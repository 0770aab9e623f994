"""Methods at equal numbers of evaluations, whatever their N and K are.

- The curve of a method that can stop at any time is that of its longest run: a search without a final ranking, and what
  learns nothing. At a budget B its value is that of its incumbent after B evaluations.
- One that spends its last evaluations on a final ranking cannot: at B it is the run with N + K = B, for a K of
  its jobs; of several the one with the largest K. Its curve are the points of these runs.
- An optimum is found when the reported value of the best so far is that of the best architecture of the space.
- Where the optimum is not known, the best so far is compared; regret, and what is found, are NaN.
- Tests are those of `siamnas.report.compare.paired`; a family is all methods against one reference at one budget.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.jobs import proportions
from siamnas.report.read import catalogue
from siamnas.report.read.runs import Run

if TYPE_CHECKING:
    import pandas as pd

QUARTILES = (0.25, 0.75)
REPEATS = ["benchmark", "method", "budget", "seed", "best", "regret", "found"]
UNTIL = ["benchmark", "method", "seed", "evaluations", "found"]
CURVES = ["benchmark", "method", "anytime", "evaluations", "repeats", "mean", "low", "high", "worst"]


@dataclass(frozen=True)
class Equal:
    """Methods at equal numbers of evaluations.

    Attributes:
        repeats: one row per benchmark, method, budget and repeat: `best`, its `regret`, and whether the optimum is
            `found`; columns REPEATS.
        curves: the regret over the repeats against the `evaluations`, of what is not `anytime` at the budgets only:
            `mean`, quartiles `low` and `high`, and `worst`; columns CURVES.
        until: one row per benchmark, anytime method and repeat: the `evaluations` that it has needed for the optimum,
            those of the whole run where it was not `found`; columns UNTIL.
    """

    repeats: "pd.DataFrame"
    curves: "pd.DataFrame"
    until: "pd.DataFrame"


def compare(runs: Mapping[str, Sequence[Run]], budgets: Sequence[int], every: bool = False) -> Equal:
    """Methods at some numbers of evaluations, as far as they go.

    Args:
        runs: benchmark -> its runs.
        budgets: numbers of evaluations.
        every: of every benchmark; else those are left out for which this says nothing that N and K do not say.
    """
    repeats, curves, until = [], [], []
    for benchmark, own in runs.items():
        # Without a search that learns and has no K, N and K say all there is.
        if every or any(anytime(run) and catalogue.learns(run.kind) for run in own):
            for run, reached in _shown(own, budgets):
                which = {"benchmark": benchmark, "method": run.name}
                repeats += [which | _at(run, budget) for budget in reached]
                curves.append(which | _curve(run, reached))
                if anytime(run) and not math.isnan(run.records[0].optimum):
                    until.append(which | _until(run))
    return Equal(_frame(repeats, REPEATS), _frame(curves, CURVES), _frame(until, UNTIL))


def anytime(run: Run) -> bool:
    """Whether the best so far of a run is what its method would have found with any smaller budget."""
    return run.records[0].search != catalogue.TOPK or not catalogue.learns(run.kind)


def summarise(equal: Equal) -> "pd.DataFrame":
    """One row per benchmark, method and budget, means over the repeats.

    `regret` with its standard deviation, quartiles and worst, and the share `found` that has found the optimum, with
    its Wilson interval from `found_low` to `found_high`; of the whole run the mean of the `evaluations` until then, a
    lower bound where not `all_found` it.
    """
    if equal.repeats.empty:
        return equal.repeats
    keys = ["benchmark", "method", "budget"]
    grouped = equal.repeats.groupby(keys, sort=False)
    table = grouped.agg(
        repeats=("regret", "size"), best=("best", "mean"), regret=("regret", "mean"), regret_std=("regret", "std"),
        regret_low=("regret", lambda values: values.quantile(QUARTILES[0])),
        regret_high=("regret", lambda values: values.quantile(QUARTILES[1])),
        regret_worst=("regret", "max"), found=("found", "mean"),
    ).reset_index()  # fmt: skip
    needed = equal.until.groupby(keys[:2], sort=False).agg(
        evaluations=("evaluations", "mean"), all_found=("found", "all")
    )
    table["regret_std"] = table["regret_std"].fillna(0.0).where(table["regret"].notna())
    table = table.merge(needed.reset_index(), on=keys[:2], how="left")
    return proportions.with_intervals(table, "found", "repeats")


def _shown(runs: Sequence[Run], budgets: Sequence[int]) -> list[tuple[Run, list[int]]]:
    """The runs that stand for their methods, each with the budgets at which it does."""
    shown = [
        (run, [budget for budget in budgets if budget <= run.arrays["best"].shape[1]])
        for run in longest([run for run in runs if anytime(run)])
    ]
    fixed = [run for run in runs if not anytime(run)]
    for budget in budgets:
        shown += [(run, [budget]) for run in _ending_at(budget, fixed)]
    return sorted(shown, key=lambda pair: pair[0].place)


def longest(runs: Sequence[Run]) -> list[Run]:
    """Of each method the run with the most evaluations."""
    return list({run.name: run for run in sorted(runs, key=lambda run: run.arrays["best"].shape[1])}.values())


def _ending_at(budget: int, runs: Sequence[Run]) -> list[Run]:
    """Of each method the run that has spent its N + K then."""
    ending = [run for run in runs if budget - run.n in run.ks and budget - run.n <= run.depth]
    return list({run.name: run for run in sorted(ending, key=lambda run: -run.n)}.values())


def _at(run: Run, budget: int) -> dict[str, Any]:
    best = run.arrays["best"][:, budget - 1]
    lost = _regret(run, best)
    return {"budget": budget, "seed": run.arrays["seed"], "best": best, "regret": lost, "found": _share(lost)}


def _curve(run: Run, reached: Sequence[int]) -> dict[str, Any]:
    best = run.arrays["best"]
    evaluations = np.arange(1, best.shape[1] + 1) if anytime(run) else np.array(reached)
    lost = _regret(run, best[:, evaluations - 1])
    low, high = np.quantile(lost, QUARTILES, axis=0)
    columns = {"anytime": anytime(run), "evaluations": evaluations, "repeats": len(best)}
    return columns | {"mean": lost.mean(axis=0), "low": low, "high": high, "worst": lost.max(axis=0)}


def _share(lost: FloatArray) -> FloatArray:
    """1 where the optimum is found, else 0; NaN where it is not known."""
    return np.where(np.isnan(lost), np.nan, lost <= 0)


def _until(run: Run) -> dict[str, Any]:
    optimal = _regret(run, run.arrays["best"]) <= 0
    found = optimal.any(axis=1)
    needed = np.where(found, optimal.argmax(axis=1) + 1, optimal.shape[1])
    return {"seed": run.arrays["seed"], "evaluations": needed, "found": found}


def _regret(run: Run, best: FloatArray) -> FloatArray:
    """Distance to the optimum of the space, or NaN; of a value beyond it, which a table does not hold, 0."""
    record = run.records[0]
    return np.maximum(record.metric.sign * (record.optimum - best), 0.0)


def _frame(rows: Sequence[dict[str, Any]], columns: list[str]) -> "pd.DataFrame":
    """Rows of columns as one frame; it has the columns even if there are no rows."""
    import pandas as pd

    return pd.concat(map(pd.DataFrame, rows), ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
