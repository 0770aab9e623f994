"""What README.md and experiments/README.md rest on: a file `claims.yaml` beside each table, which a test reads.

It holds, for each document, the beginning of a sentence and the claims that its paragraph, item or row makes:

    experiments/README.md:
      A random forest is the baseline:
        - n=70-200 k=30 "random forest" behind "Siams + NSAM + BTS"

A claim about two methods holds if the folder's paired.csv has that verdict, in this or in the other direction, at
every N and K that is named: `30`, `30,60`, or `70-200` with all that the file has in between. Before the first method
may stand `topk` or `front` (the protocol; else it is `main`) and `on="CIFAR-10"` (part of the name of the benchmark,
where a file has several; `on="CIFAR-10", "CIFAR-100"` is a claim for each, as are several methods after the verdict);
at the end the difference of the two, in points: `+0.28`. `budget=30` in the place of N and K is about equal numbers
of evaluations, by budgets_paired.csv. In a table that is no table of methods every star needs a claim.

    python -m tests.docs.claims experiments/figure6    prints all that can be claimed from a file, ready to paste.

The numbers of a paragraph, an item or a row with claims are those of the methods, N and K that the claims name. What
else they come from, and where those without a claim come from, can be said, too; without any they may be in any file:

    - see n=30 k=10-30 "BRP-NAS", "random forest"
    - see table.csv

A table with a column `method` says where its rows are from; every cell under a heading that both have is the same:

    - rows of table.md on="CIFAR-10" n=100

(`on` where the file has several benchmarks, `n` where the table has no column N.)

A sentence that uses the words in another sense has `no claim`, in experiments/claims.yaml.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import yaml

from tests.docs.markdown import Block, blocks

VERDICTS = ("ahead", "behind", "not distinguishable")
NAMES = r'"[^"]+"(?:, "[^"]+")*'
ON = rf"(?: on=(?P<on>{NAMES}))?"
AT = r"(?:n=(?P<n>[\d,-]+) k=(?P<k>[\d,-]+)(?: (?P<protocol>main|topk|front))?|budget=(?P<budget>[\d,-]+))"
CLAIM = re.compile(
    rf'{AT}{ON} "(?P<method>[^"]+)" (?P<verdict>{"|".join(VERDICTS)}) (?P<others>{NAMES})'
    r"(?: (?P<difference>[+-]\d+\.\d+))?"
)
SEE = re.compile(rf"see (?:(?P<file>\S+\.csv)|{AT}{ON} (?P<methods>{NAMES}))")
ROWS = re.compile(rf"rows of (?P<file>\S+\.md){ON}(?: n=(?P<number>\d+))?")
NO_CLAIM = "no claim"
FILES = {"n": ("table", "paired"), "budget": ("budgets", "budgets_paired")}


@dataclass(frozen=True)
class Said:
    """One line of a claims.yaml.

    Attributes:
        folder: of the file, from the root.
        text: the line.
    """

    folder: str
    text: str

    def __str__(self) -> str:
        return f"{self.folder}: {self.text}"

    @property
    def known(self) -> bool:
        """Whether it has one of the forms."""
        return self.text == NO_CLAIM or any(form.fullmatch(self.text) for form in (CLAIM, SEE, ROWS))


def document(root: Path, name: str) -> list[Block]:
    """The blocks of a document with what is said of each.

    Raises:
        ValueError: a beginning is that of no block, or of several.
    """
    found = blocks((root / name).read_text(encoding="utf-8"))
    for file in sorted((root / "experiments").rglob("claims.yaml")):
        folder = file.parent.relative_to(root).as_posix()
        for begin, lines in yaml.safe_load(file.read_text(encoding="utf-8")).get(name, {}).items():
            owners = [i for i, block in enumerate(found) if begin in block.words.replace("**", "")]
            if len(owners) != 1:
                raise ValueError(f"{folder}/claims.yaml: {begin!r} is in {len(owners)} places of {name}")
            block = found[owners[0]]
            found[owners[0]] = replace(block, said=(*block.said, *(Said(folder, line) for line in lines)))
    return found


def named(text: str | None) -> list[str]:
    """The names in quotes."""
    return re.findall(r'"([^"]+)"', text or "")


def rows(found: re.Match[str], on: str | None, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a folder's CSV at a benchmark, and the N and K, or budgets, that a line names."""
    here = table["benchmark"].map(about(on))
    for axis, values in axes(found).items():
        here &= table[axis].map(_within(values))
    return table[here]


def axes(found: re.Match[str]) -> dict[str, str]:
    """The columns by which a line says what it is about, and their values."""
    return {axis: found[axis] for axis in ("n", "k", "budget") if found[axis]}


def about(on: str | None) -> Callable[[str], bool]:
    """Whether a benchmark is the one that is named: all of its name, or what stands between its commas."""
    return lambda name: on is None or on in (name, *name.split(", "))


def missing(found: re.Match[str], table: pd.DataFrame) -> Iterator[str]:
    """The N and K, or budgets, that a line names, ends of ranges too, and a table lacks."""
    for axis, values in axes(found).items():
        for value in re.findall(r"\d+", values):
            if int(value) not in set(table[axis]):
                yield f"{axis}={value}"


def numbers(tables: list[pd.DataFrame]) -> pd.Series:
    """All numbers of some tables as they may be printed: without their sign, and shares in percent too."""
    values = [table.select_dtypes("number").stack() for table in tables]
    every = pd.concat([*values, pd.Series(dtype=float)], ignore_index=True).abs()
    return pd.concat([every, 100 * every], ignore_index=True).drop_duplicates()


def read(found: re.Match[str], folder: Path) -> list[pd.DataFrame]:
    """What a line is about: the table.csv and the paired.csv of its folder, or those of equal budgets."""
    files = [folder / f"{name}.csv" for name in FILES["budget" if found["budget"] else "n"]]
    return [pd.read_csv(file) for file in files if file.exists()]


def _within(values: str) -> Callable[[int], bool]:
    """Whether a number is among `30`, `30,60` or `70-200`."""
    ends = [[int(end) for end in part.split("-")] for part in values.split(",")]
    return lambda value: any(own[0] <= value <= own[-1] for own in ends)
