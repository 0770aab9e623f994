"""Conclusions over tasks, which are the sampling unit: seeds only say how well the mean of a task is known.

Two margins stand here before anything is compared. Two methods are practically equal on a task if their mean normalised
regrets differ by at most `ROPE`, a hundredth of the distance between the optimum and the median architecture; and a
Bayesian verdict needs a probability of `SURE`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.report.compare.tests import holm, reach

if TYPE_CHECKING:
    import pandas as pd

ROPE = 0.01  # of the normalised regret: the region of practical equivalence
SURE = 0.95
ALPHA = 0.05
STRENGTH = 0.5  # of the prior of the Bayesian signed-rank test, on a difference of 0
DRAWS = 20_000  # of its posterior
SEED = 0
TIE = 1e-9  # differences that are rounding


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of methods over tasks.

    Attributes:
        methods: best first.
        means: (k,) their mean ranks, 1 is best.
        tasks: number of tasks.
        p: of Friedman's test that all methods are alike.
        critical: difference of two mean ranks from which on Nemenyi's test tells them apart at 5 %.
    """

    methods: list[str]
    means: FloatArray
    tasks: int
    p: float
    critical: float

    def groups(self) -> list[tuple[int, int]]:
        """First and last seat of the largest groups of methods that the test does not tell apart."""
        found: list[tuple[int, int]] = []
        for first in range(len(self.means)):
            last = int(np.flatnonzero(self.means <= self.means[first] + self.critical).max())
            if last > first and (not found or last > found[-1][1]):
                found.append((first, last))
        return found


def ranks(table: "pd.DataFrame") -> Ranks:
    """Of a table of mean regrets, one row per task and one column per method, without gaps."""
    from scipy import stats

    values = table.to_numpy(float)
    values = np.round(values / TIE) * TIE
    own = stats.rankdata(values, axis=1)
    tasks, methods = own.shape
    order = np.argsort(own.mean(axis=0), kind="stable")
    p = 1.0
    if methods > 2 and tasks > 1 and np.ptp(own, axis=1).any():
        p = float(stats.friedmanchisquare(*values.T).pvalue)
    names = [str(table.columns[i]) for i in order]
    return Ranks(names, own.mean(axis=0)[order], tasks, p, critical_difference(methods, tasks))


def critical_difference(methods: int, tasks: int) -> float:
    """Nemenyi's at 5 % (Demsar 2006): q sqrt(k (k + 1) / 6 n), q the studentised range over sqrt(2)."""
    from scipy import stats

    q = stats.studentized_range.ppf(1 - ALPHA, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * tasks)))


def signed_rank(differences: FloatArray, rope: float = ROPE) -> tuple[float, float, float]:
    """The Bayesian signed-rank test (Benavoli et al. 2014): is a difference below, in or above the rope?

    A Dirichlet process with a prior of strength `STRENGTH` on a difference of 0; its posterior weights w of the prior
    and the n tasks give the three sums of w_i w_j over the pairs whose Walsh average lies below, in or above.

    Args:
        differences: (n,) one for each task.
        rope: half of the region around 0.

    Returns:
        The probabilities that each of the three is the largest; ties count for the middle.
    """
    rng = np.random.default_rng(SEED)
    points = np.concatenate([[0.0], differences])
    weights = rng.dirichlet([STRENGTH, *np.ones(len(differences))], DRAWS)
    walsh = (points[:, None] + points) / 2
    below = np.einsum("di,ij,dj->d", weights, (walsh < -rope).astype(float), weights, optimize=True)
    above = np.einsum("di,ij,dj->d", weights, (walsh > rope).astype(float), weights, optimize=True)
    middle = 1 - below - above
    left = (below > middle) & (below > above)
    right = (above > middle) & (above > below)
    return float(left.mean()), float(1 - left.mean() - right.mean()), float(right.mean())


def pairs(table: "pd.DataFrame", reference: str | None = None, families: Sequence[str] | None = None) -> "pd.DataFrame":
    """All pairs of methods over tasks, or all against one.

    Args:
        table: see `ranks`.
        reference: a method; None for all pairs.
        families: of each row of the table; every task is one of its own if None.

    Returns:
        One row per pair: the mean `difference` of the normalised regrets (method - reference, below 0 the method is
        better), whose `low` and `high` hold with 95 % for all pairs at once (Bonferroni's t intervals over tasks);
        Wilcoxon's signed-rank `p`, and `holm_p` for all pairs; the probabilities that the method is `better`, `equal`
        within the rope, or `worse`; the `verdict`: `better`, `equal` or `worse` where that probability is at least
        SURE, else `open`; and in how many `families` the mean difference of their tasks is below 0, `families_better`.
    """
    import pandas as pd

    methods = list(table.columns)
    chosen = (
        itertools.combinations(methods, 2) if reference is None else ((m, reference) for m in methods if m != reference)
    )
    rows, spread = [], []
    for method, other in chosen:
        difference = (table[method] - table[other]).to_numpy(float)
        better, equal, worse = signed_rank(difference)
        spread.append(difference.std(ddof=1) if len(difference) > 1 else 0.0)
        told = {"better": better, "equal": equal, "worse": worse}
        verdict = next((name for name, share in told.items() if share >= SURE), "open")
        keys = {"method": method, "reference": other, "tasks": len(difference), "difference": difference.mean()}
        own = pd.Series(difference).groupby(list(families or range(len(table)))).mean()
        kinds = {"families": len(own), "families_better": int((own < -TIE).sum())}
        rows.append(keys | {"p": _wilcoxon(difference)} | told | {"verdict": verdict} | kinds)
    found = pd.DataFrame(rows, columns=[name for name in PAIRS if name not in ("low", "high", "holm_p")])
    half = reach(np.array(spread), len(table), max(len(rows), 1)) if len(table) > 1 else np.nan
    found["low"], found["high"] = found["difference"] - half, found["difference"] + half
    found["holm_p"] = holm(found["p"].to_numpy(float)) if rows else []
    return found[PAIRS]


PAIRS = [
    "method", "reference", "tasks", "difference", "low", "high", "p", "holm_p", "better", "equal", "worse", "verdict",
    "families", "families_better",
]  # fmt: skip


def _wilcoxon(differences: FloatArray) -> float:
    """Two-sided p of Wilcoxon's signed-rank test over tasks; 1 where nothing differs."""
    from scipy import stats

    rounded = differences[np.abs(differences) > TIE]
    return float(stats.wilcoxon(rounded).pvalue) if len(rounded) else 1.0


def complete(summary: "pd.DataFrame", budget: int, tasks: Sequence[str]) -> "pd.DataFrame":
    """(tasks, methods) mean regrets at a budget, of the methods that have run on all tasks."""
    own = summary[summary["budget"] == budget].pivot(index="task", columns="method", values="regret")
    order = [name for name in summary["method"].unique() if name in own]
    return own.reindex(index=list(tasks), columns=order).dropna(axis=1)
