"""The table to read in several formats: for the terminal, Markdown and LaTeX."""

from rich.table import Table
from rich.text import Text

from siamnas.jobs import summary
from siamnas.jobs.summary import DASH
from siamnas.report.write.table import STAR, ReportTable
from siamnas.runtime import terminal

LATEX = {character: "\\" + character for character in "&%_#${}"} | {
    "±": r"$\pm$", DASH: "--", STAR: r"$^*$",
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def to_rich(table: ReportTable, width: int) -> Table:
    """For a terminal of so many characters."""
    columns = []
    for j, title_ in enumerate(table.columns):
        cells = [Text(row[j], style="bold" if (i, j) in table.best else "") for i, row in enumerate(table.rows)]
        method = title_ == "method"
        lines = title_.replace(" K=", "\nK=").replace("found % ", "found %\n")
        folds, leaves = summary.MIN_NAME * method, terminal.rank(title_, table.leave)
        columns.append(terminal.Column(lines, cells, leaves, folds, left=method))
    ends = [i for i in range(len(table.rows)) if i + 1 == len(table.rows) or table.begins(i + 1)]
    return terminal.fitted(columns, width, f"{table.benchmark.name}: {title(table)}", table.remarks, ends)


def to_markdown(table: ReportTable) -> str:
    """A GitHub table."""
    lines = [
        f"**{_markdown(table.benchmark.name)}** ({_markdown(title(table))})",
        "",
        f"| {' | '.join(table.columns)} |",
        "|" + "|".join("---" if c == "method" else "--:" for c in table.columns) + "|",
    ]
    for i, row in enumerate(table.rows):
        cells = [f"**{word}**" if (i, j) in table.best else _markdown(word) for j, word in enumerate(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", _markdown(table.remarks)]) + "\n"


def to_latex(table: ReportTable) -> str:
    """A table for LaTeX."""
    alignment = "".join("l" if column == "method" else "r" for column in table.columns)
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(table.benchmark.name)}: {_latex(title(table))}. {_latex(table.remarks)}}}",
        rf"\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        " & ".join(map(_latex, table.columns)) + r" \\",
        r"\midrule",
    ]
    for i, row in enumerate(table.rows):
        if table.begins(i):
            lines.append(r"\addlinespace")
        cells = [rf"\textbf{{{_latex(word)}}}" if (i, j) in table.best else _latex(word) for j, word in enumerate(row)]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def title(table: ReportTable) -> str:
    """What the values are, and the best that there can be where it is known."""
    benchmark = table.benchmark
    return table.title + (f", optimum {benchmark.metric.text(benchmark.optimum)}" if benchmark.has_optimum else "")


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)


def _markdown(text: str) -> str:
    return text.replace("|", r"\|")
