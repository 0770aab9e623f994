"""Numbers and pasted tables in a document against the files they come from, see `said`."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from tests.docs import said
from tests.docs.claims import HALF
from tests.docs.markdown import Block, blocks

NUMBER = re.compile(r"(?<![\w.])\d{0,3}\.\d\d(?!\d|\.\d)")  # with two decimals


def wrong_tables(found: list[Block], root: Path) -> Iterator[str]:
    """The cells of a document's tables of methods that are not those of the table they are from."""
    for line, group in itertools.groupby(found, lambda block: block.table):
        header, *rows = group
        if not line or "method" not in header.cells:
            continue
        lines = [own for block in (header, *rows) for own in block.said]
        sources = [
            (root / own.folder / source["file"], source) for own in lines if (source := said.ROWS.fullmatch(own.text))
        ]
        if len(sources) != 1 or not sources[0][0].exists():
            yield f"line {line}: a table of methods, and no claims.yaml says which file its rows are from"
            continue
        ((file, source),) = sources
        there = _rows(file, said.about((said.named(source["on"]) or [None])[0]))
        for block in rows[1:]:  # behind the line below the header
            row = {"N": source["number"], **dict(zip(header.cells, block.cells, strict=False))}
            own = [other for other in there if (other["N"], other["method"]) == (row["N"], row["method"])]
            if len(own) != 1:
                yield f"line {block.line}: {file.name} has {len(own)} rows N = {row['N']}, {row['method']}"
                continue
            for column in own[0].keys() & row.keys():
                if own[0][column] != row[column]:
                    yield f"line {block.line}: {column} is {row[column]}, in {file.name} {own[0][column]}"


def unknown_numbers(found: list[Block], root: Path, known: pd.Series, allowed: dict[str, str]) -> Iterator[str]:
    """The numbers with two decimals that are not where a document says, or in no file at all.

    Args:
        found: the blocks of the document.
        root: of the repository.
        known: all numbers that there are, for what says nothing.
        allowed: regular expression -> why what it matches needs no file.
    """
    for block in found:
        words = block.words
        for pattern in allowed:
            words = re.sub(pattern, " ", words)
        own = _own(block, root)
        for number in NUMBER.findall(words):
            if not (((known if own is None else own) - float(number)).abs() <= HALF).any():
                where = "no file" if own is None else "nothing that its claims name"
                yield f"line {block.line}: {number} is in {where}: {block.words}"


def _own(block: Block, root: Path) -> pd.Series | None:
    """The numbers of what the claims of a block name; None where they name nothing."""
    tables = []
    for line in block.said:
        folder = root / line.folder
        found = said.CLAIM.fullmatch(line.text) or said.SEE.fullmatch(line.text)
        if found and (file := found.groupdict().get("file")):
            tables.append(pd.read_csv(folder / file) if (folder / file).exists() else pd.DataFrame())
        elif found:
            tables += _of_methods(found, folder)
    return said.numbers(tables) if tables else None


def _of_methods(found: re.Match[str], folder: Path) -> Iterator[pd.DataFrame]:
    """What the tables of a folder have of the methods that a line names."""
    groups = found.groupdict()
    methods = [*said.named(groups.get("methods")), groups.get("method"), *said.named(groups.get("others"))]
    yield pd.DataFrame()  # of a folder without files: nothing, which is not anything
    for on, table in itertools.product(said.named(found["on"]) or [None], said.read(found, folder)):
        here = said.rows(found, on, table)
        yield here[here["method"].isin(methods)]


def _rows(file: Path, about: Callable[[str], bool]) -> list[dict[str, str]]:
    """The rows of a table.md under the titles of some benchmarks, by their headings."""
    title, heads, rows = "", {}, []
    for block in blocks(file.read_text(encoding="utf-8")):
        if not block.table:
            title = block.words.removeprefix("**").partition("** (")[0]
        elif block.table == block.line:
            heads[block.table] = block.cells
        elif about(title):
            rows.append(dict(zip(heads[block.table], block.cells, strict=True)))
    return rows
