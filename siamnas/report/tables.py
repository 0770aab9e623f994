"""The tables of a report: one long one with every number, and one to read, in several formats."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from siamnas.report.collect import Benchmark, Collection

if TYPE_CHECKING:
    import pandas as pd

DAY = 86_400.0  # seconds
DASH = "–"
LATEX = {"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "±": r"$\pm$", DASH: "--"}


@dataclass(frozen=True)
class Sheet:
    """A table to read: one row per N and method, methods of the same N together.

    Attributes:
        benchmark: that it is about.
        columns: their titles; the first two are N and the method.
        rows: the text of all cells.
        best: (row, column) of the best accuracy of each N and K.
    """

    benchmark: Benchmark
    columns: list[str]
    rows: list[list[str]]
    best: set[tuple[int, int]]


def summarise(found: Collection) -> "pd.DataFrame":
    """Every number: one row per benchmark, method, N and K, accuracies as fractions, means over the repeats.

    `gpu_days` is the training of the queried architectures and the computing of the codes, in the time that the table
    of the benchmark gives; NaN where it gives none. `seconds` is what the computing of all repeats has taken here.
    """
    import pandas as pd

    keys = ["benchmark", "method", "option", "n", "k"]
    repeats = found.repeats.assign(gpu_days=(found.repeats["query_seconds"] + found.repeats["code_seconds"]) / DAY)
    grouped = repeats.groupby(keys, sort=False)
    means = grouped[["best", "spearman", "kendall", "queries", "codes", "gpu_days"]].mean()
    means["best_std"] = grouped["best"].std(ddof=1).fillna(0.0)
    means["best_median"] = grouped["best"].median()
    means["gpu_days"] = means["gpu_days"].where(means["gpu_days"] > 0)
    optima = pd.Series({benchmark.name: benchmark.optimum for benchmark in found.benchmarks}, name="optimum")
    table = means.dropna(subset="best").reset_index().join(optima, on="benchmark")
    table["regret"] = (table["optimum"] - table["best"]).clip(lower=0.0)
    about = found.runs[["benchmark", "method", "n", "trainer", "label", "repeats", "seconds"]]
    table = table.merge(about, on=["benchmark", "method", "n"])
    columns = [*keys, "trainer", "label", "repeats", "best", "best_std", "best_median", "optimum"]
    return table[[*columns, "regret", "spearman", "kendall", "queries", "codes", "gpu_days", "seconds"]]


def sheet(table: "pd.DataFrame", benchmark: Benchmark, ns: Iterable[int] = (), brief: bool = False) -> Sheet:
    """The table to read of one benchmark.

    Args:
        table: of `summarise`.
        benchmark: one of the report.
        ns: only these values of N; empty for all.
        brief: leave out what a terminal has no room for.
    """
    own = table[table["benchmark"] == benchmark.name]
    own = own[own["n"].isin(list(ns))] if ns else own
    ks = [k for k in benchmark.ks if k in set(own["k"])]
    last = own[own["k"] == ks[-1]].sort_values("n", kind="stable")
    at = f" K={ks[-1]}"
    columns = ["N", "method", *(f"K={k}" for k in ks), f"regret{at}", "Spearman", "Kendall", f"queries{at}", "codes"]
    columns += [f"GPU-days{at}", "seconds", "repeats"]
    rows = []
    for row in last.itertuples():
        accuracies = own[(own["method"] == row.method) & (own["n"] == row.n)].set_index("k")
        rows.append(
            [
                str(row.n),
                row.method,
                *(accuracy(accuracies["best"].get(k), accuracies["best_std"].get(k), row.repeats) for k in ks),
                f"{100 * row.regret:.2f}",
                number(row.spearman, 3),
                number(row.kendall, 3),
                number(row.queries, 1),
                number(row.codes, 1),
                number(row.gpu_days, 2),
                number(row.seconds, 0),
                str(row.repeats),
            ]
        )
    best = set()
    for n in last["n"].unique():
        for column, k in enumerate(ks, start=2):
            rivals = own[(own["n"] == n) & (own["k"] == k)]
            if len(rivals) > 1:
                winner = rivals.loc[rivals["best"].idxmax(), "method"]
                best.add((next(i for i, r in enumerate(rows) if r[:2] == [str(n), winner]), column))
    if brief:
        kept = [i for i, column in enumerate(columns) if column not in ("Kendall", "codes", "seconds")]
        columns, rows = [columns[i] for i in kept], [[row[i] for i in kept] for row in rows]
    return Sheet(benchmark, columns, rows, best)


def main_ns(table: "pd.DataFrame", benchmark: Benchmark) -> list[int]:
    """Up to three values of N that stand for all: the ends, and 100 or the middle."""
    ns = sorted(int(n) for n in table[table["benchmark"] == benchmark.name]["n"].unique())
    if len(ns) <= 3:
        return ns
    return [ns[0], 100 if 100 in ns[1:-1] else ns[len(ns) // 2], ns[-1]]


def accuracy(mean: float | None, std: float | None, repeats: int) -> str:
    """Percent with the standard deviation, where there is one."""
    if mean is None or std is None:
        return DASH
    return f"{100 * mean:.2f} ± {100 * std:.2f}" if repeats > 1 else f"{100 * mean:.2f}"


def number(value: float, digits: int) -> str:
    """A number with a fixed number of digits; a dash where there is none."""
    return DASH if value != value else f"{value:.{digits}f}"


def to_rich(sheet: Sheet) -> Table:
    """For the terminal."""
    shown = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        title=f"{sheet.benchmark.name}: best accuracy in %, optimum {100 * sheet.benchmark.optimum:.2f}",
        title_justify="left",
    )
    for column in sheet.columns:
        if column == "method":  # long names give way
            shown.add_column(column, overflow="fold", min_width=18)
        else:
            shown.add_column(column.replace(" K=", "\nK="), justify="right", no_wrap=True)
    for i, row in enumerate(sheet.rows):
        last = i + 1 == len(sheet.rows) or sheet.rows[i + 1][0] != row[0]
        words = [Text(word, style="bold" if (i, j) in sheet.best else "") for j, word in enumerate(row)]
        shown.add_row(*words, end_section=last)
    return shown


def to_markdown(sheet: Sheet) -> str:
    """A GitHub table."""
    lines = [f"**{sheet.benchmark.name}** (best accuracy in %, optimum {100 * sheet.benchmark.optimum:.2f})", ""]
    lines += [
        f"| {' | '.join(sheet.columns)} |",
        "|" + "|".join("---" if c == "method" else "--:" for c in sheet.columns) + "|",
    ]
    for i, row in enumerate(sheet.rows):
        words = [f"**{word}**" if (i, j) in sheet.best else word for j, word in enumerate(row)]
        lines.append(f"| {' | '.join(words)} |")
    return "\n".join(lines) + "\n"


def to_latex(sheet: Sheet) -> str:
    """A table for LaTeX."""
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(sheet.benchmark.name)}: best accuracy in \%, mean $\pm$ standard deviation; "
        rf"optimum {100 * sheet.benchmark.optimum:.2f}.}}",
        rf"\begin{{tabular}}{{rl{'r' * (len(sheet.columns) - 2)}}}",
        r"\toprule",
        " & ".join(map(_latex, sheet.columns)) + r" \\",
        r"\midrule",
    ]
    for i, row in enumerate(sheet.rows):
        if i and sheet.rows[i - 1][0] != row[0]:
            lines.append(r"\addlinespace")
        words = [rf"\textbf{{{_latex(word)}}}" if (i, j) in sheet.best else _latex(word) for j, word in enumerate(row)]
        lines.append(" & ".join(words) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)
