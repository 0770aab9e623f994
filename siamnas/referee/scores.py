"""Rows -> how good every method is on every task at some numbers of evaluations.

The normalised regret of an architecture is its distance to the optimum in units of that of the median architecture: 0
is the optimum, 1 the median. Of a space without a list the optimum is not known; the best that any method of the
leaderboard has found stands for it. A search that has ended early keeps its incumbent; one that has evaluated nothing
has the worst architecture of the space.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from siamnas.jobs import proportions
from siamnas.referee.searches import DONE, UNFIT
from siamnas.referee.store import Cell
from siamnas.referee.tasks import Arena, ListArena
from siamnas.report.compare.tests import reach

if TYPE_CHECKING:
    import pandas as pd

SEARCHES = ["task", "method", "budget", "seed", "status", "best", "regret", "percentile", "found"]


def searched(cells: Sequence[Cell], seeds: range, budgets: Sequence[int]) -> "pd.DataFrame":
    """One row per task, method, budget and seed: columns `SEARCHES`.

    `best` is the reported value of the incumbent, `regret` its normalised regret, `percentile` the share of the space
    that is strictly better in percent, NaN where there is no list, and `found` whether it is an optimum.
    """
    import pandas as pd

    found = pd.DataFrame([one for cell in cells for one in _of(cell, seeds, budgets)], columns=SEARCHES)
    for cell in {cell.task.name: cell for cell in cells}.values():
        own = found["task"] == cell.task.name
        best = found.loc[own, "best"].to_numpy(float)
        found.loc[own, "regret"] = normalised(cell.arena, best)
        found.loc[own, "percentile"] = percentile(cell.arena, best)
    found["found"] = np.where(found["percentile"].isna(), np.nan, found["regret"] <= 0)
    return found


def _of(cell: Cell, seeds: range, budgets: Sequence[int]) -> list[dict[str, object]]:
    """The incumbents of a method on a task; nothing where it can't be run on it."""
    rows = [row for row in cell.rows(seeds) if not row.status.startswith(UNFIT)]
    keys = {"task": cell.task.name, "method": cell.method.name}
    return [
        keys | {
            "budget": budget, "seed": row.seed, "status": row.status,
            "best": row.best[min(budget, len(row.best)) - 1] if row.best else cell.arena.worst,
        }
        for budget in budgets for row in rows
    ]  # fmt: skip


def normalised(arena: Arena, best: "np.ndarray") -> "np.ndarray":
    """(n,) normalised regrets of reported values."""
    sign = arena.metric.sign
    optimum = arena.optimum if arena.optimum == arena.optimum else sign * np.max(sign * best, initial=-np.inf)
    scale = sign * (optimum - arena.median) or 1.0
    return np.maximum(sign * (optimum - best), 0.0) / scale


def percentile(arena: Arena, best: "np.ndarray") -> "np.ndarray":
    """(n,) shares of the space that are strictly better than reported values, in percent."""
    if not isinstance(arena, ListArena):
        return np.full(len(best), np.nan)
    values = np.sort(arena.metric.sign * arena.benchmark.measured.report)
    better = len(values) - np.searchsorted(values, arena.metric.sign * best, side="right")
    return 100 * better / len(values)


def summary(found: "pd.DataFrame", cells: Sequence[Cell]) -> "pd.DataFrame":
    """One row per task, method and budget: means over the seeds, with intervals.

    `regret_low` to `regret_high` hold with 95 % for all methods of a task and budget at once (Bonferroni's t
    intervals), NaN of a single seed; `found_low` to `found_high` is Wilson's interval of the share. `ended` searches
    have not spent their budget, `why` says what the first of them has ended by, and `tuned` whether labels of this task
    were seen when the settings of the method were chosen.
    """
    keys = ["task", "method", "budget"]
    table = found.groupby(keys, sort=False).agg(
        seeds=("seed", "size"), best=("best", "mean"), regret=("regret", "mean"), regret_std=("regret", "std"),
        percentile=("percentile", "mean"), found=("found", "mean"),
        ended=("status", lambda status: int((status != DONE).sum())),
        why=("status", lambda status: next((one for one in status if one != DONE), "")),
    ).reset_index()  # fmt: skip
    half = reach(
        table["regret_std"].fillna(0.0), table["seeds"], table.groupby(["task", "budget"])["method"].transform("size")
    )
    half = np.where(table["seeds"] > 1, half, np.nan)
    table["regret_low"], table["regret_high"] = table["regret"] - half, table["regret"] + half
    tuned = {(task, cell.method.name) for cell in cells for task in cell.method.tuned}
    table["tuned"] = [pair in tuned for pair in zip(table["task"], table["method"], strict=True)]
    return proportions.with_intervals(table, "found", "seeds")


def unfit(cells: Sequence[Cell], seeds: range) -> dict[tuple[str, str], str]:
    """(task, method) -> why the method can't be run on it."""
    first = ((cell, next(cell.rows(seeds), None)) for cell in cells)
    return {
        (cell.task.name, cell.method.name): row.status
        for cell, row in first if row is not None and row.status.startswith(UNFIT)
    }  # fmt: skip
