"""Tables, figures and one HTML page from result files.

Run as: siamnas report DIR...   (or: python -m siamnas.report DIR...)
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
    from siamnas.report.compare.reference import choose
    from siamnas.report.read.collect import collect

    found = collect(places, ks, at)
    references = choose(found, reference)
    if missing := set(ns) - set(found.runs["n"]):
        raise InputError(f"--n: there are no results with N = {', '.join(map(str, sorted(missing)))}")
    try:
        sheets, figures = write(found, references, out, _title(places), ns, overlay)
    except OSError as error:
        raise InputError(f"--out: cannot write to {out}: {error.strerror}") from error
    for note in found.notes:
        terminal.err.print(f"warning: {note}", markup=False, highlight=False)
    for sheet in sheets:
        terminal.out.print(sheet, "")
    made = f"{plural(figures, 'figure')} (SVG, PNG), table.csv, table.md, table.tex, curves.csv, paired.csv"
    terminal.out.print(f"report: {out / 'index.html'}, with {made}", markup=False, highlight=False)


def write(
    found: "Collection", references: dict[str, str], out: Path, title: str, ns: list[int], overlay: bool
) -> tuple[list["Table"], int]:
    """Write all files of a report.

    Args:
        found: the results.
        references: benchmark -> the method that all others are tested against.
        out: made if it does not exist.
        title: of the page.
        ns: as for `report`.
        overlay: as for `report`.

    Returns:
        The main table of each benchmark for the terminal, and the number of figures.
    """
    import pandas as pd

    from siamnas.report.compare import paired, pareto, regret
    from siamnas.report.draw import figures
    from siamnas.report.write import formats, long_table, page, pareto_table
    from siamnas.report.write.regret_table import regret_table
    from siamnas.report.write.table import sheet

    out.mkdir(parents=True, exist_ok=True)
    table, tests = long_table.summarise(found), paired.compare(found, references)
    equal, at_budgets = regret.summarise(found.equal), paired.at_budgets(found, references)
    figures = list(figures.draw(found, references, ns, overlay))
    on_fronts = paired.of_fronts(found, references)
    shares = pareto_table.sheets(found, on_fronts)
    frames = {"table": table, "curves": found.curves, "paired": pd.concat([tests, on_fronts]) if shares else tests}
    frames |= pareto.frames(found.fronts)
    frames |= {"budgets": equal, "regret": found.equal.curves, "budgets_paired": at_budgets} if len(equal) else {}
    for name, frame in frames.items():
        frame.to_csv(out / f"{name}.csv", index=False, float_format=DIGITS)
    ranks = {b.name: regret_table(equal, at_budgets, b) for b in found.benchmarks if len(equal)}
    standing = [*shares.values(), *(shown for shown in ranks.values() if shown)]
    sheets = [sheet(table, tests, benchmark) for benchmark in found.benchmarks]
    main = [sheet(table, tests, b, long_table.main_ns(table, b), brief=True) for b in found.benchmarks]
    (out / "table.md").write_text("\n".join(map(formats.to_markdown, standing + sheets)), encoding="utf-8")
    (out / "table.tex").write_text("\n".join(map(formats.to_latex, standing + main)), encoding="utf-8")
    for figure in figures:
        figure.save(out)
    (out / "index.html").write_text(
        page.page(title, found, table, tests, figures, ranks, at_budgets, shares), encoding="utf-8"
    )
    brief = [regret_table(equal, at_budgets, b, brief=True) for b in found.benchmarks if ranks.get(b.name)]
    return [formats.to_rich(sheet) for sheet in (*main, *brief, *shares.values()) if sheet], len(figures)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas report` and of `python -m siamnas.report`."""
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


if __name__ == "__main__":
    main()
