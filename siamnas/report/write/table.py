"""The main table of one benchmark: a row per N and method, the best in bold, a star where a test tells apart."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from siamnas.benchmarks.metric import Metric
from siamnas.jobs import proportions
from siamnas.report.compare import paired
from siamnas.report.compare.protocols import MAIN, best_text
from siamnas.report.read.collect import Benchmark
from siamnas.runtime.table import DASH, EXTRA, METHOD, STAR, Column, Table

if TYPE_CHECKING:
    import pandas as pd

TOLD = f"{STAR}: not the same as {{}}, corrected p at most .05."


def main_table(table: "pd.DataFrame", tests: "pd.DataFrame", benchmark: Benchmark, ns: Iterable[int] = ()) -> Table:
    """The main table of one benchmark.

    Args:
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
        benchmark: one of the report.
        ns: only these values of N; empty for all.
    """
    own = table[table["benchmark"] == benchmark.name].sort_values("n", kind="stable")
    own = own[own["n"].isin(list(ns))] if ns else own
    ks = [k for k in benchmark.ks if k in set(own["k"])] or list(benchmark.ks)
    tests = tests[(tests["benchmark"] == benchmark.name) & (tests["protocol"] == MAIN.name) & (tests["k"] == ks[-1])]
    reference = str(tests["reference"].iloc[0]) if len(tests) else None
    told = {(row.n, row.method): row for row in tests.itertuples()}
    groups = {(int(n), str(method)): group for (n, method), group in own.groupby(["n", "method"], sort=False)}
    columns = _columns(ks, reference is not None)
    rows = []
    for (n, method), group in groups.items():
        row = {"n": n, "method": method} | _row(group.set_index("k"), ks, benchmark.metric)
        row["difference"] = "reference" if method == reference else _difference(told.get((n, method)), group, benchmark)
        rows.append([row[key] for key in columns])
    best = _best(own, benchmark.metric, list(groups), list(columns))
    title = titled(benchmark, best_text(benchmark.metric))
    remarks = _remarks(reference, any(ks))
    return Table(list(columns.values()), rows, benchmark.name, title, remarks, best, grouped=True)


def titled(benchmark: Benchmark, text: str) -> str:
    """What values are, and the best that there can be where it is known."""
    best = f"{text}, optimum {benchmark.metric.text(benchmark.optimum)}" if benchmark.has_optimum else text
    return "; ".join(filter(None, [best, benchmark.remark]))


def starred(text: str, verdict: str | None) -> str:
    """A value with a star where a test tells it from that of the reference."""
    return text + STAR * (verdict in (paired.AHEAD, paired.BEHIND))


def _columns(ks: Sequence[int], tested: bool) -> dict[Hashable, Column]:
    """All columns in their order; a search without a final ranking has no K."""
    ranked, last = [k for k in ks if k], ks[-1]
    at = {k: f"K={k}" if k else "after N" for k in ks}
    columns: dict[Hashable, Column] = {"n": Column("N"), "method": METHOD}
    columns |= {("best", k): Column(at[k], leaves=0 if k == last else 3 + i) for i, k in enumerate(ks)}
    columns |= {"difference": Column(f"difference\n{at[last]}", leaves=1)} if tested else {}
    end = "at the end" if 0 in ks and last else at[last]  # of searches with and without a final ranking
    columns["regret"] = Column(f"regret\n{end}", leaves=20)
    for i, k in enumerate(ranked):
        columns["topk", k] = Column(f"top-K only\n{at[k]}", leaves=30 if k == last else EXTRA + i)
    for i, k in enumerate(ranked):
        columns["below", k] = Column(f"below median %\n{at[k]}", leaves=40 if k == last else EXTRA + 10 + i)
    return columns | {
        "spearman": Column("Spearman", text="{:z.3f}".format, leaves=EXTRA + 20),
        "codes": Column("codes", text="{:.1f}".format, leaves=EXTRA + 21),
        "gpu_days": Column(f"GPU-days\n{end}", text="{:.2f}".format, leaves=EXTRA + 22),
        "seconds": Column("seconds", text="{:.0f}".format, leaves=EXTRA + 23),
        "repeats": Column("repeats", leaves=2),
    }


def _row(at: "pd.DataFrame", ks: Sequence[int], metric: Metric) -> dict[Hashable, Any]:
    """The cells of one method at one N; `at` has a row per K that its curves reach."""
    row: dict[Hashable, Any] = {key: at.iloc[-1][key] for key in ("spearman", "codes", "seconds", "repeats")}
    for k in ks:
        own = at.loc[k] if k in at.index else None
        row["best", k], row["topk", k] = (_spread(own, column, metric) for column in ("best", "topk"))
        row["below", k] = DASH if own is None else proportions.text(own["below_median"], own["repeats"])
    own = at.iloc[-1] if at.index[-1] in (0, ks[-1]) else None  # a curve may be shorter
    known = own is not None and own["regret"] == own["regret"]
    row["gpu_days"] = None if own is None else own["gpu_days"]
    row["regret"] = metric.text(own["regret"], like=own["best"]) if own is not None and known else DASH
    return row


def _spread(own: "pd.Series | None", column: str, metric: Metric) -> str:
    """Mean and deviation; a dash where there are none."""
    if own is None or own[column] != own[column]:
        return DASH
    return metric.spread(own[column], own[f"{column}_std"], own["repeats"])


def _difference(test: Any, group: "pd.DataFrame", benchmark: Benchmark) -> str:
    """The difference to the reference, with a star where it is more than chance."""
    if test is None:
        return DASH
    return starred(benchmark.metric.text(test.difference, like=group["best"].iloc[-1], sign="+"), test.verdict)


def _best(
    own: "pd.DataFrame", metric: Metric, rows: Sequence[tuple[int, str]], columns: Sequence[Hashable]
) -> set[tuple[int, int]]:
    """(row, column) of the best of each column at each N."""
    best: set[tuple[int, int]] = set()
    for (n, k), rivals in own.groupby(["n", "k"], sort=False):
        for column in ("best", "topk"):
            has = rivals[rivals[column].notna()]
            if len(has) > 1 and (column, k) in columns:
                winners = has.loc[has[column] == has.loc[metric.best(has[column]), column], "method"]
                best |= {(rows.index((n, winner)), columns.index((column, k))) for winner in winners}
    return best


def _remarks(reference: str | None, ranked: bool) -> str:
    """The sentences that a reader of the columns needs."""
    told = "Mean ± standard deviation over the repeats" + "." * (not ranked)
    if ranked:
        told += "; top-K only: of the top K of the ranking alone; in brackets 95 % intervals of shares (Wilson)."
    if reference is None:
        return told
    return f"{told} Difference: of the means, to {reference}; {STAR} where the corrected p is at most .05."
