"""The table to read in several formats: for the terminal, Markdown and LaTeX."""

from rich.table import Table
from rich.text import Text

from siamnas.jobs.summary import DASH
from siamnas.report.write.table import STAR
from siamnas.runtime import terminal

LATEX = {character: "\\" + character for character in "&%_#${}"} | {
    "±": r"$\pm$", DASH: "--", STAR: r"$^*$",
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def to_rich(sheet: Table) -> Table:
    """For the terminal."""
    shown = terminal.table(
        collapse_padding=True,
        title=Text(f"{sheet.benchmark.name}: {title(sheet)}"),
        title_justify="left",
        caption=Text(sheet.remarks),
        caption_justify="left",
    )
    for column in sheet.columns:
        if column == "method":  # long names give way
            shown.add_column(column, overflow="fold", min_width=18)
        else:
            shown.add_column(
                column.replace(" K=", "\nK=").replace("found % ", "found %\n"), justify="right", no_wrap=True
            )
    for i, row in enumerate(sheet.rows):
        last = i + 1 == len(sheet.rows) or sheet.begins(i + 1)
        cells = [Text(word, style="bold" if (i, j) in sheet.best else "") for j, word in enumerate(row)]
        shown.add_row(*cells, end_section=last)
    return shown


def to_markdown(sheet: Table) -> str:
    """A GitHub table."""
    lines = [
        f"**{_markdown(sheet.benchmark.name)}** ({_markdown(title(sheet))})",
        "",
        f"| {' | '.join(sheet.columns)} |",
        "|" + "|".join("---" if c == "method" else "--:" for c in sheet.columns) + "|",
    ]
    for i, row in enumerate(sheet.rows):
        cells = [f"**{word}**" if (i, j) in sheet.best else _markdown(word) for j, word in enumerate(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", _markdown(sheet.remarks)]) + "\n"


def to_latex(sheet: Table) -> str:
    """A table for LaTeX."""
    alignment = "".join("l" if column == "method" else "r" for column in sheet.columns)
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(sheet.benchmark.name)}: {_latex(title(sheet))}. {_latex(sheet.remarks)}}}",
        rf"\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        " & ".join(map(_latex, sheet.columns)) + r" \\",
        r"\midrule",
    ]
    for i, row in enumerate(sheet.rows):
        if sheet.begins(i):
            lines.append(r"\addlinespace")
        cells = [rf"\textbf{{{_latex(word)}}}" if (i, j) in sheet.best else _latex(word) for j, word in enumerate(row)]
        lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def title(sheet: Table) -> str:
    """What the values are, and the best that there can be."""
    return f"{sheet.title}, optimum {sheet.benchmark.metric.text(sheet.benchmark.optimum)}"


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)


def _markdown(text: str) -> str:
    return text.replace("|", r"\|")
