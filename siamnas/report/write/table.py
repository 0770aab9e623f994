"""The table to read of one benchmark: a row per N and method, the best in bold, a star where a test tells apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.summary import DASH
from siamnas.report.compare import paired
from siamnas.report.compare.protocols import MAIN, best_text
from siamnas.report.read.collect import Benchmark

if TYPE_CHECKING:
    import pandas as pd

STAR = "*"
LONG = ("Spearman", "codes", "GPU-days", "seconds")  # columns that a terminal has no room for


@dataclass(frozen=True)
class ReportTable:
    """A table to read.

    Attributes:
        benchmark: that it is about.
        reference: the method that all are compared with; None where there is no difference to show.
        columns: their titles; where the first is N, rows of the same N stand together.
        rows: the text of all cells.
        best: (row, column) of the best values.
        title: what the values are.
        remarks: sentences that a reader of the columns needs.
        leave: titles in the order in which their columns leave a narrow terminal; the others never do.
    """

    benchmark: Benchmark
    reference: str | None
    columns: list[str]
    rows: list[list[str]]
    best: set[tuple[int, int]]
    title: str
    remarks: str
    leave: Sequence[str] = ()

    def begins(self, row: int) -> bool:
        """Whether a row is the first one of another N."""
        return self.columns[0] == "N" and row > 0 and self.rows[row][0] != self.rows[row - 1][0]


def main_table(
    table: "pd.DataFrame", tests: "pd.DataFrame", benchmark: Benchmark, ns: Iterable[int] = (), brief: bool = False
) -> ReportTable:
    """The table to read of one benchmark.

    Args:
        table: of `long_table.summarise`.
        tests: of `paired.compare`.
        benchmark: one of the report.
        ns: only these values of N; empty for all.
        brief: leave out columns that a terminal has no room for.
    """
    own = table[table["benchmark"] == benchmark.name].sort_values("n", kind="stable")
    own = own[own["n"].isin(list(ns))] if ns else own
    ks = [k for k in benchmark.ks if k in set(own["k"])] or list(benchmark.ks)
    tests = tests[(tests["benchmark"] == benchmark.name) & (tests["protocol"] == MAIN.name) & (tests["k"] == ks[-1])]
    reference = str(tests["reference"].iloc[0]) if len(tests) else None
    groups = {(int(n), str(method)): group for (n, method), group in own.groupby(["n", "method"], sort=False)}
    rows = []
    for (n, method), group in groups.items():
        difference = tests[(tests["n"] == n) & (tests["method"] == method)]
        row = _row(group.set_index("k"), ks, benchmark.metric)
        if reference is not None:
            row[f"difference K={ks[-1]}"] = (
                "reference" if method == reference else _difference(difference, group, benchmark.metric)
            )
        rows.append({"N": str(n), "method": method} | row)
    titles = [title for title in _titles(ks) if title in rows[0] and not (brief and _is_long(title, ks))]
    seats = {name: i for i, name in enumerate(groups)}
    best = set()
    for (n, k), rivals in own.groupby(["n", "k"], sort=False):
        for column, title in (("best", f"K={k}"), ("topk", f"top-K only K={k}")):
            has = rivals[rivals[column].notna()]
            if len(has) > 1 and title in titles:
                winner = has.loc[benchmark.metric.best(has[column]), "method"]
                best.add((seats[n, winner], titles.index(title)))
    cells = [[row[title] for title in titles] for row in rows]
    remarks, last = _remarks(reference), f"K={ks[-1]}"
    leave = [title for title in reversed(titles) if title not in ("N", "method", last, f"difference {last}", "repeats")]
    leave = [*leave, "repeats", f"difference {last}"]
    return ReportTable(benchmark, reference, titles, cells, best, best_text(benchmark.metric), remarks, leave)


def _remarks(reference: str | None) -> str:
    """The sentences that a reader of the columns needs."""
    told = "Mean ± standard deviation over the repeats; top-K only: of the top K of the ranking alone."
    if reference is None:
        return told
    return f"{told} Difference: of the means, to {reference}; {STAR} where the corrected p is at most .05."


def number(value: float, digits: int) -> str:
    """A number with a fixed number of digits; a dash where there is none."""
    return DASH if value != value else f"{value:.{digits}f}"


def _titles(ks: list[int]) -> list[str]:
    """All columns, in their order."""
    last = f"K={ks[-1]}"
    return [
        *("N", "method", *(f"K={k}" for k in ks), f"difference {last}", f"regret {last}"),
        *(f"top-K only K={k}" for k in ks),
        _below_title(ks),
        *("Spearman", "codes", f"GPU-days {last}", "seconds", "repeats"),
    ]


def _is_long(title: str, ks: list[int]) -> bool:
    """Whether a column gives way on a terminal."""
    return title.startswith(LONG) or title in [f"top-K only K={k}" for k in ks[:-1]]


def _below_title(ks: list[int]) -> str:
    return f"below median % K={'/'.join(map(str, ks))}"


def _row(at: "pd.DataFrame", ks: list[int], metric: Metric) -> dict[str, str]:
    """The cells of one method at one N; `at` has a row per K that its curves reach."""
    last, reached = at.iloc[-1], ks[-1] in at.index
    cells = {}
    for k in ks:
        for column, title in (("best", f"K={k}"), ("topk", f"top-K only K={k}")):
            shown = k in at.index and at.loc[k, column] == at.loc[k, column]
            cells[title] = metric.spread(*at.loc[k, [column, f"{column}_std", "repeats"]]) if shown else DASH
    return cells | {
        f"regret K={ks[-1]}": _regret(last, metric) if reached else DASH,
        _below_title(ks): " / ".join(number(100 * at["below_median"].get(k, float("nan")), 0) for k in ks),
        "Spearman": number(last["spearman"], 3),
        "codes": number(last["codes"], 1),
        f"GPU-days K={ks[-1]}": number(last["gpu_days"], 2) if reached else DASH,
        "seconds": number(last["seconds"], 0),
        "repeats": str(last["repeats"]),
    }


def _regret(at: "pd.Series", metric: Metric) -> str:
    """A dash where the optimum is not known."""
    return DASH if at["regret"] != at["regret"] else metric.text(at["regret"], like=at["best"])


def _difference(tests: "pd.DataFrame", group: "pd.DataFrame", metric: Metric) -> str:
    """The difference to the reference, with a star where it is more than chance."""
    if tests.empty:
        return DASH
    test = tests.iloc[0]
    star = STAR * (test["verdict"] != paired.LEVEL)
    return metric.text(test["difference"], like=group["best"].iloc[-1], sign="+") + star
