"""Verdicts in a document against paired.csv, see `said`; run as a program it prints what can be claimed."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tests.docs import said
from tests.docs.markdown import Block
from tests.docs.said import VERDICTS

OPPOSITE = {"ahead": "behind", "behind": "ahead", VERDICTS[2]: VERDICTS[2]}
STAR = re.compile(r"\d\*(?!\*)")  # in a table: what a test can tell apart
HALF = 0.005 + 1e-6  # of the last digit


def wrong_claims(found: list[Block], root: Path) -> Iterator[str]:
    """The claims of a document that do not hold, and the words and stars that no claim stands behind."""
    heads = {block.line: "method" in block.cells for block in found if block.table}  # their stars are those of a file
    for block in found:
        verdicts = []
        for line in block.said:
            if claim := said.CLAIM.fullmatch(line.text):
                verdicts += [claim["verdict"]] * len(said.named(claim["others"])) * max(len(said.named(claim["on"])), 1)
                yield from (f"line {block.line}: {line}: {wrong}" for wrong in _wrong(claim, root / line.folder))
            elif not line.known:
                yield f"line {block.line}: a claim of no known form: {line}"
        if any(line.text == said.NO_CLAIM for line in block.said) or block.output:
            continue
        sides = [verdict for verdict in verdicts if verdict != VERDICTS[2]]
        if block.table and not heads[block.table] and len(STAR.findall(block.words)) > len(sides):
            yield f"line {block.line}: more stars than claims: {block.words}"
        if re.search(r"\b(ahead|behind)\b", block.words, re.IGNORECASE) and not sides:
            yield f"line {block.line}: ahead or behind, without a claim that says so: {block.words}"
        if re.search(VERDICTS[2], block.words, re.IGNORECASE) and VERDICTS[2] not in verdicts:
            yield f"line {block.line}: not distinguishable, without a claim that says so: {block.words}"


def possible(folder: Path) -> Iterator[str]:
    """Everything that can be claimed from a folder's paired.csv, as lines of its claims.yaml."""
    tests = pd.read_csv(folder / "paired.csv")
    several = tests["benchmark"].nunique() > 1
    for row in tests.itertuples():
        on = f' on="{row.benchmark}"' if several else ""
        yield (
            f"- n={row.n} k={row.k} {row.protocol}{on} "
            f'"{row.method}" {row.verdict} "{row.reference}" {100 * row.difference:+.2f}'
        )


def _wrong(claim: re.Match[str], folder: Path) -> Iterator[str]:
    """What is wrong with a claim."""
    file = folder / f"{said.FILES['budget' if claim['budget'] else 'n'][1]}.csv"
    if not file.exists():
        yield f"there is no {file.name} beside it"
        return
    tests = pd.read_csv(file)
    if not claim["budget"]:
        tests = tests[tests["protocol"] == (claim["protocol"] or "main")]
    for on in said.named(claim["on"]) or [None]:
        for other in said.named(claim["others"]):
            yield from _not_told(claim, other, said.rows(claim, on, tests))


def _not_told(claim: re.Match[str], other: str, tests: pd.DataFrame) -> Iterator[str]:
    """What is wrong with a claim about one other method, by the tests of one benchmark."""
    pair = [claim["method"], other]
    told = tests[tests["method"].isin(pair) & tests["reference"].isin(pair)]
    if lacking := list(said.missing(claim, told)):
        yield f"there is no such test of {other}: {', '.join(lacking)}"
    elif told["benchmark"].nunique() > 1:
        yield 'the file has several benchmarks: say which, on="..."'
    for row in told.itertuples():
        turned = row.method != claim["method"]
        verdict = OPPOSITE[row.verdict] if turned else row.verdict
        if verdict != claim["verdict"]:
            yield f"at {_at(row)} it is {verdict} (p = {row.holm_p:.2g})"
        difference = 100 * row.difference * (-1 if turned else 1)
        if claim["difference"] and abs(float(claim["difference"]) - difference) > HALF:
            yield f"at {_at(row)} the difference is {difference:+.2f}"


def _at(row: Any) -> str:
    """Where a test was made."""
    return f"{row.budget} evaluations" if hasattr(row, "budget") else f"N = {row.n}, K = {row.k}"


if __name__ == "__main__":
    print(*possible(Path(sys.argv[1])), sep="\n")
