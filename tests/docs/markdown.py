"""A Markdown document in pieces, as a reader sees them, and what is said of each elsewhere."""

import re
from dataclasses import dataclass
from typing import Any

CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")  # code, and the address of a link


@dataclass(frozen=True)
class Block:
    """A paragraph, a list item, a heading, a row of a table, or printed output.

    Attributes:
        line: where it begins, from 1.
        text: as it is written.
        output: whether it is a fenced block without a language.
        table: the line where its table begins; 0 for what is no row of a table.
        said: what it rests on, see `tests.docs.said`.
    """

    line: int
    text: str
    output: bool = False
    table: int = 0
    said: tuple[Any, ...] = ()

    @property
    def words(self) -> str:
        """What a reader sees, as one line, without code."""
        return " ".join(CODE.sub(" ", self.text).split())

    @property
    def cells(self) -> list[str]:
        """Those of a row."""
        return [cell.strip().replace("**", "") for cell in self.text.strip().strip("|").split("|")]


def blocks(text: str) -> list[Block]:
    """A Markdown document in blocks, without its code."""
    found: list[Block] = []
    begun: list[str] = []
    fence: str | None = None

    def end(line: int, output: bool = False) -> None:
        start, content = line - len(begun), "\n".join(begun)
        begun.clear()
        row = content.startswith("|") and not output
        above = found[-1] if found else Block(0, "")
        in_table = row and above.table and above.line + above.text.count("\n") + 1 == start
        block = Block(start, content, output, (above.table if in_table else start) if row else 0)
        if content:
            found.append(block)

    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.startswith("```"):
            end(number, output=fence == "")
            fence = line[3:].strip() if fence is None else None
        elif fence is not None:
            begun += [line] if fence == "" else []
        elif not line.strip() or (line.startswith("    ") and not begun):
            end(number)
        else:
            numbered = begun and re.match(
                r"\s*\d+\. ", begun[0]
            )  # else only 1. begins a list, not a line with a number
            if re.match(r"[|#]|\s*(-|\d+\.) " if numbered else r"[|#]|\s*(-|1\.) ", line):
                end(number)
            begun.append(line)
    return found
