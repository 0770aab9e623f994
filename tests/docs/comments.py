"""The comments by which README.md and experiments/README.md say what they rest on; on the page they cannot be seen.

A claim about two methods is followed by the test it rests on:

    From N = 70 on it is ahead of the forest.
    <!-- experiments/figure6: n=70-200 k=30 "Siams + NSAM + BTS" ahead "random forest" -->

It holds if experiments/figure6/paired.csv has that verdict, in this or in the other direction, at every N and K that is
named: `30`, `30,60`, or `70-200` with all that the file has in between. Before the first method may stand `published`
or `front` (the reading; else it is `main`) and `on="CIFAR-10"` (part of the name of the benchmark, where a file has
several); at the end the difference of the two, in points: `+0.28`. In a table that is no table of methods every star
needs a claim.

    python -m tests.docs.claims experiments/figure6    prints all that can be claimed from a file, ready to paste.

The numbers of a paragraph, an item or a row with claims are those of the methods, N and K that the claims name. What
else they come from, and where those without a claim come from, can be said, too; without any they may be in any file:

    <!-- see experiments/figure6: n=30 k=10-30 "BRP-NAS", "random forest" -->
    <!-- see experiments/speed/table.csv -->

A table with a column `method` says where its rows are from; every cell under a heading that both have is the same:

    <!-- rows of experiments/ablation/table.md on="CIFAR-10" n=100 -->

(`on` where the file has several benchmarks, `n` where the table has no column N.)

A sentence that uses the words in another sense says <!-- no claim -->.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

VERDICTS = ("ahead", "behind", "not distinguishable")
ON = r'(?: on=(?:"(?P<on>[^"]+)"|(?P<part>\S+)))?'
WHERE = rf"(?P<folder>experiments/\S+): n=(?P<n>[\d,-]+) k=(?P<k>[\d,-]+)(?: (?P<reading>main|published|front))?{ON}"
CLAIM = re.compile(
    rf'{WHERE} "(?P<method>[^"]+)" (?P<verdict>{"|".join(VERDICTS)}) "(?P<other>[^"]+)"'
    r"(?: (?P<difference>[+-]\d+\.\d+))?"
)
SEE = re.compile(rf'see (?:(?P<file>\S+\.csv)|{WHERE} (?P<methods>"[^"]+"(?:, "[^"]+")*))')
ROWS = re.compile(rf"rows of (?P<file>experiments/\S+\.md){ON}(?: n=(?P<number>\d+))?")
NO_CLAIM = "no claim"


def unknown(comment: str) -> bool:
    """Whether a comment is none of these."""
    return comment != NO_CLAIM and not any(known.fullmatch(comment) for known in (CLAIM, SEE, ROWS))


def methods(found: re.Match[str]) -> list[str]:
    """Those that a claim, or a comment that says what to see, names."""
    said = found.groupdict()
    return [said["method"], said["other"]] if said.get("method") else re.findall(r'"([^"]+)"', said["methods"])


def rows(found: re.Match[str], table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a folder's CSV at the benchmark, N and K that a comment names."""
    here = (
        table["benchmark"].map(about(found)) & table["n"].map(_within(found["n"])) & table["k"].map(_within(found["k"]))
    )
    return table[here]


def about(found: re.Match[str]) -> Callable[[str], bool]:
    """Whether a benchmark is the one that a comment names: all of its name, or what stands between its commas."""
    part = found["on"] or found["part"]
    return lambda name: part is None or part in (name, *name.split(", "))


def missing(found: re.Match[str], table: pd.DataFrame) -> Iterator[str]:
    """The N and K that a comment names, ends of ranges too, and a table lacks."""
    for axis in ("n", "k"):
        for value in re.findall(r"\d+", found[axis]):
            if int(value) not in set(table[axis]):
                yield f"{axis}={value}"


def numbers(tables: list[pd.DataFrame]) -> pd.Series:
    """All numbers of some tables as they may be printed: without their sign, and shares in percent too."""
    values = [table.select_dtypes("number").stack() for table in tables]
    every = pd.concat([*values, pd.Series(dtype=float)], ignore_index=True).abs()
    return pd.concat([every, 100 * every], ignore_index=True).drop_duplicates()


def read(folder: Path) -> list[pd.DataFrame]:
    """What a folder's comments are about: its table.csv and its paired.csv."""
    return [pd.read_csv(folder / f"{name}.csv") for name in ("table", "paired") if (folder / f"{name}.csv").exists()]


def _within(values: str) -> Callable[[int], bool]:
    """Whether a number is among `30`, `30,60` or `70-200`."""
    ends = [[int(end) for end in part.split("-")] for part in values.split(",")]
    return lambda value: any(own[0] <= value <= own[-1] for own in ends)
