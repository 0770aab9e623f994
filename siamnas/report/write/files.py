"""All files of a report: tables, figures and one HTML page."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table as RichTable

from siamnas.report.draw.figures import draw
from siamnas.report.write import long_table, page
from siamnas.report.write.numbers import Numbers
from siamnas.report.write.pareto_table import pareto_tables
from siamnas.report.write.regret_table import regret_table
from siamnas.report.write.table import main_table
from siamnas.runtime import drawing, files, terminal
from siamnas.runtime.table import Table


def write(
    numbers: Numbers,
    out: Path,
    title: str,
    ns: Sequence[int] = (),
    overlay: bool = False,
    narrow: bool = False,
) -> tuple[list[RichTable], int]:
    """Write all files of a report.

    Args:
        numbers: of the report.
        out: made if it does not exist.
        title: of the page.
        ns: as for `siamnas.cli.report.report`.
        overlay: as for `siamnas.cli.report.report`.
        narrow: as for `siamnas.cli.report.report`.

    Returns:
        The main table of each benchmark for the terminal, and the number of figures.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name, frame in numbers.tidy().items():
        files.write(out / f"{name}.csv", Table.of_frame(frame).csv())
    found, table, tests = numbers.found, numbers.table, numbers.tests
    drawn = draw(found, numbers.equal, numbers.fronts, numbers.references, ns, overlay, numbers.predicted)
    with drawing.narrow(narrow):
        figures = list(drawn)
    for figure in figures:
        figure.save(out)
    fronts = pareto_tables(found, numbers.fronts, numbers.of_fronts)
    full, brief = (
        {
            b.name: made
            for b in found.benchmarks
            if (made := regret_table(numbers.budgets, numbers.at_budgets, b, short))
        }
        for short in (False, True)
    )
    main = [main_table(table, tests, benchmark) for benchmark in found.benchmarks]
    short = [main_table(table, tests, b, long_table.main_ns(table, b)).brief() for b in found.benchmarks]
    both = [*fronts.values(), *full.values()]
    files.write(out / "table.md", "\n".join(own.markdown() for own in both + main))
    files.write(out / "table.tex", "\n".join(own.latex() for own in both + short))
    files.write(out / "index.html", page.page(title, numbers, figures, full, fronts))
    return [own.rich(terminal.out.width) for own in (*short, *brief.values(), *fronts.values())], len(figures)


def title_of(places: Sequence[Path]) -> str:
    """Of a page about some folders, or result files."""
    names = [place.resolve().parent.name if place.is_file() else place.resolve().name for place in places]
    return f"Architecture search: {', '.join(names)}"
