"""Numbers and pasted tables in a document against the files they come from, see `comments`."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from tests.docs import comments
from tests.docs.claims import HALF
from tests.docs.markdown import Block, blocks

NUMBER = re.compile(r"(?<![\w.])\d{0,3}\.\d\d(?!\d|\.\d)")  # with two decimals


def wrong_tables(text: str, root: Path) -> Iterator[str]:
    """The cells of a document's tables of methods that are not those of the table they are from."""
    for line, group in itertools.groupby(blocks(text), lambda block: block.table):
        header, *rows = group
        if not line or "method" not in header.cells:
            continue
        said = [comment for block in rows for comment in block.comments]
        sources = [source for comment in said if (source := comments.ROWS.fullmatch(comment))]
        if len(sources) != 1 or not (root / sources[0]["file"]).exists():
            yield f"line {line}: a table of methods without one comment that says which file its rows are from"
            continue
        (source,) = sources
        there = _rows(root / source["file"], comments.about(source))
        for block in rows[1:]:  # behind the line below the header
            row = {"N": source["number"], **dict(zip(header.cells, block.cells, strict=False))}
            own = [other for other in there if (other["N"], other["method"]) == (row["N"], row["method"])]
            if len(own) != 1:
                yield f"line {block.line}: {source['file']} has {len(own)} rows N = {row['N']}, {row['method']}"
                continue
            for column in own[0].keys() & row.keys():
                if own[0][column] != row[column]:
                    yield f"line {block.line}: {column} is {row[column]}, in {source['file']} {own[0][column]}"


def unknown_numbers(text: str, root: Path, known: pd.Series, allowed: dict[str, str]) -> Iterator[str]:
    """The numbers with two decimals that are not where a document says, or in no file at all.

    Args:
        text: of the document.
        root: of the repository.
        known: all numbers that there are, for what says nothing.
        allowed: regular expression -> why what it matches needs no file.
    """
    for block in blocks(text):
        words = block.words
        for pattern in allowed:
            words = re.sub(pattern, " ", words)
        said = _said(block, root)
        for number in NUMBER.findall(words):
            if not (((known if said is None else said) - float(number)).abs() <= HALF).any():
                where = "no file" if said is None else "nothing that its comments name"
                yield f"line {block.line}: {number} is in {where}: {block.words}"


def _said(block: Block, root: Path) -> pd.Series | None:
    """The numbers of what the comments of a block name; None where they name nothing."""
    tables = []
    for comment in block.comments:
        found = comments.CLAIM.fullmatch(comment) or comments.SEE.fullmatch(comment)
        if found and (file := found.groupdict().get("file")):
            tables.append(pd.read_csv(root / file) if (root / file).exists() else pd.DataFrame())
        elif found:
            named = comments.methods(found)
            for table in comments.read(found, root):
                here = comments.rows(found, table)
                tables.append(here[here["method"].isin(named)])
            tables.append(pd.DataFrame())  # of a folder without files: nothing, which is not anything
    return comments.numbers(tables) if tables else None


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
