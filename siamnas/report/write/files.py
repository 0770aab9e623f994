"""All files of a report: tables, figures and one HTML page."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from siamnas.report.compare import paired, pareto, regret
from siamnas.report.draw.figures import draw
from siamnas.report.read.collect import Collection
from siamnas.report.write import long_table, page
from siamnas.report.write.formats import to_latex, to_markdown, to_rich
from siamnas.report.write.pareto_table import pareto_tables
from siamnas.report.write.regret_table import regret_table
from siamnas.report.write.table import main_table
from siamnas.runtime import terminal

DIGITS = "%.8g"  # of the numbers in CSV files


def write(
    found: Collection,
    references: dict[str, str],
    at: Sequence[int],
    out: Path,
    title: str,
    ns: list[int],
    overlay: bool,
) -> tuple[list[Table], int]:
    """Write all files of a report.

    Args:
        found: the results.
        references: benchmark -> the method that all others are tested against.
        at: as for `siamnas.cli.report.report`.
        out: made if it does not exist.
        title: of the page.
        ns: as for `siamnas.cli.report.report`.
        overlay: as for `siamnas.cli.report.report`.

    Returns:
        The main table of each benchmark for the terminal, and the number of figures.
    """
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
    content = page.page(title, found, table, tests, figures, by_regret, at_budgets, by_front, at)
    (out / "index.html").write_text(content, encoding="utf-8")
    brief = [regret_table(budgets, at_budgets, b, brief=True) for b in found.benchmarks if by_regret.get(b.name)]
    return [to_rich(shown, terminal.out.width) for shown in (*short, *brief, *by_front.values()) if shown], len(figures)


def title_of(places: Sequence[Path]) -> str:
    """Of a page about some folders, or result files."""
    names = [place.resolve().parent.name if place.is_file() else place.resolve().name for place in places]
    return f"Architecture search: {', '.join(names)}"
