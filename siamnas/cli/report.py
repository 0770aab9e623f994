"""Tables, figures and one HTML page from result files.

Run as: siamnas report DIR...
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from siamnas.errors import InputError
from siamnas.jobs.summary import plural
from siamnas.report.read import catalogue
from siamnas.runtime import terminal

if TYPE_CHECKING:
    from rich.table import Table

    from siamnas.report.read.collect import Collection

DIGITS = "%.8g"  # of the numbers in CSV files


def report(
    places: list[Path],
    out: Path,
    ns: list[int],
    ks: list[int],
    overlay: bool = True,
    reference: str | None = None,
    at: Sequence[int] = catalogue.BUDGETS,
) -> None:
    """Write everything into `out` and print the main tables.

    Args:
        places: folders with results, or result files.
        out: made if it does not exist.
        ns: values of N for the figures with N fixed; empty for a good choice.
        ks: values of K; empty for those of the paper.
        overlay: lay the paper's curves over ours where that is fair.
        reference: the method that all others are tested against; None for the paper's.
        at: numbers of evaluations at which all methods are compared.

    Raises:
        InputError: there is no readable result, none with one of the `ns` or `ks`, no such reference, or `out` cannot
            be written.
    """
    from siamnas.report.compare.paired import choose_references
    from siamnas.report.read.collect import collect

    found = collect(places, ks)
    references = choose_references(found, reference)
    if missing := set(ns) - set(found.runs["n"]):
        raise InputError(f"--n: there are no results with N = {', '.join(map(str, sorted(missing)))}")
    try:
        tables, figures = write(found, references, at, out, _title(places), ns, overlay)
    except OSError as error:
        raise InputError(f"--out: cannot write to {out}: {error.strerror}") from error
    for note in found.notes:
        terminal.err.print(f"warning: {note}", markup=False, highlight=False)
    for table in tables:
        terminal.out.print(table, "")
    made = f"{plural(figures, 'figure')} (SVG, PNG), table.csv, table.md, table.tex, curves.csv, paired.csv"
    terminal.out.print(f"report: {out / 'index.html'}, with {made}", markup=False, highlight=False)


def write(
    found: "Collection",
    references: dict[str, str],
    at: Sequence[int],
    out: Path,
    title: str,
    ns: list[int],
    overlay: bool,
) -> tuple[list["Table"], int]:
    """Write all files of a report.

    Args:
        found: the results.
        references: benchmark -> the method that all others are tested against.
        at: as for `report`.
        out: made if it does not exist.
        title: of the page.
        ns: as for `report`.
        overlay: as for `report`.

    Returns:
        The main table of each benchmark for the terminal, and the number of figures.
    """
    import pandas as pd

    from siamnas.report.compare import paired, pareto, regret
    from siamnas.report.draw.figures import draw
    from siamnas.report.write import long_table, page
    from siamnas.report.write.formats import to_latex, to_markdown, to_rich
    from siamnas.report.write.pareto_table import pareto_tables
    from siamnas.report.write.regret_table import regret_table
    from siamnas.report.write.table import main_table

    out.mkdir(parents=True, exist_ok=True)
    equal, fronts = regret.compare(found.by_benchmark, at), pareto.compare(found.by_benchmark, at)
    table, budgets = long_table.summarise(found), regret.summarise(equal)
    tests = paired.compare(found, references)
    at_budgets, of_fronts = (
        paired.at_budgets(found, equal, references),
        paired.of_fronts(found, fronts, references),
    )
    tidy = {"table": table, "curves": found.curves, "paired": pd.concat([tests, of_fronts]) if fronts else tests}
    tidy |= pareto.tidy(fronts)
    tidy |= {"budgets": budgets, "regret": equal.curves, "budgets_paired": at_budgets} if len(budgets) else {}
    for name, frame in tidy.items():
        frame.to_csv(out / f"{name}.csv", index=False, float_format=DIGITS)
    figures = list(draw(found, equal, fronts, references, ns, overlay))
    for figure in figures:
        figure.save(out)
    by_front = pareto_tables(found, fronts, of_fronts)
    by_regret = {b.name: regret_table(budgets, at_budgets, b) for b in found.benchmarks if len(budgets)}
    both = [*by_front.values(), *(shown for shown in by_regret.values() if shown)]
    main = [main_table(table, tests, benchmark) for benchmark in found.benchmarks]
    short = [main_table(table, tests, b, long_table.main_ns(table, b), brief=True) for b in found.benchmarks]
    (out / "table.md").write_text("\n".join(map(to_markdown, both + main)), encoding="utf-8")
    (out / "table.tex").write_text("\n".join(map(to_latex, both + short)), encoding="utf-8")
    content = page.page(title, found, table, tests, figures, by_regret, at_budgets, by_front)
    (out / "index.html").write_text(content, encoding="utf-8")
    brief = [regret_table(budgets, at_budgets, b, brief=True) for b in found.benchmarks if by_regret.get(b.name)]
    return [to_rich(shown) for shown in (*short, *brief, *by_front.values()) if shown], len(figures)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas report`."""
    parser = argparse.ArgumentParser(
        "siamnas report", description="Tables, figures and one HTML page from the result files below some folders."
    )
    parser.add_argument("dir", nargs="+", type=Path, help="outputs, a folder below it, or a result file")
    parser.add_argument("--out", type=Path, help="folder that gets everything (default: DIR/report of the first DIR)")
    parser.add_argument("--n", type=_counts, default=[], help="N of the figures with N fixed, such as 30,100")
    parser.add_argument("--k", type=_counts, default=[], help="K of tables and figures, such as 10,20,30")
    parser.add_argument("--no-paper", action="store_true", help="leave the paper's own curves out of the figures")
    parser.add_argument(
        "--reference", metavar="NAME", help="the method that all others are tested against (default: the paper's)"
    )
    parser.add_argument(
        "--at", type=_counts, default=catalogue.BUDGETS, help="evaluations at which all are compared, such as 20,60"
    )
    options = parser.parse_args(arguments)
    first: Path = options.dir[0]
    out = options.out or (first if first.is_dir() else first.parent) / "report"
    try:
        report(options.dir, out, options.n, options.k, not options.no_paper, options.reference, options.at)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)


def _counts(text: str) -> list[int]:
    """Positive whole numbers with commas between them, each once, sorted."""
    values = sorted({int(word) for word in text.split(",")})
    if values[0] < 1:
        raise ValueError
    return values


def _title(places: list[Path]) -> str:
    names = [place.resolve().parent.name if place.is_file() else place.resolve().name for place in places]
    return f"Architecture search: {', '.join(names)}"
