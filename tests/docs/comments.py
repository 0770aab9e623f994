"""The comments by which README.md and experiments/README.md say what they rest on; on the page they cannot be seen.

A claim about two methods is followed by the test it rests on:

    From N = 70 on it is ahead of the forest.
    <!-- experiments/figure6: n=70-200 k=30 "Siams + NSAM + BTS" ahead "random forest" -->

It holds if experiments/figure6/paired.csv has that verdict, in this or in the other direction, at every N and K that is
named: `30`, `30,60`, or `70-200` with all that the file has in between. Before the first method may stand `topk`
or `front` (the protocol; else it is `main`) and `on="CIFAR-10"` (part of the name of the benchmark, where a file has
several); at the end the difference of the two, in points: `+0.28`. `budget=30` in the place of N and K is about equal
numbers of evaluations, by budgets_paired.csv. In a table that is no table of methods every star needs a claim.

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
AT = r"(?:n=(?P<n>[\d,-]+) k=(?P<k>[\d,-]+)(?: (?P<protocol>main|topk|front))?|budget=(?P<budget>[\d,-]+))"
WHERE = rf"(?P<folder>experiments/\S+): {AT}{ON}"
CLAIM = re.compile(
    rf'{WHERE} "(?P<method>[^"]+)" (?P<verdict>{"|".join(VERDICTS)}) "(?P<other>[^"]+)"'
    r"(?: (?P<difference>[+-]\d+\.\d+))?"
)
SEE = re.compile(rf'see (?:(?P<file>\S+\.csv)|{WHERE} (?P<methods>"[^"]+"(?:, "[^"]+")*))')
ROWS = re.compile(rf"rows of (?P<file>experiments/\S+\.md){ON}(?: n=(?P<number>\d+))?")
NO_CLAIM = "no claim"
FILES = {"n": ("table", "paired"), "budget": ("budgets", "budgets_paired")}


def unknown(comment: str) -> bool:
    """Whether a comment is none of these."""
    return comment != NO_CLAIM and not any(known.fullmatch(comment) for known in (CLAIM, SEE, ROWS))


def methods(found: re.Match[str]) -> list[str]:
    """Those that a claim, or a comment that says what to see, names."""
    said = found.groupdict()
    return [said["method"], said["other"]] if said.get("method") else re.findall(r'"([^"]+)"', said["methods"])


def rows(found: re.Match[str], table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a folder's CSV at the benchmark, and the N and K, or budgets, that a comment names."""
    here = table["benchmark"].map(about(found))
    for axis, values in axes(found).items():
        here &= table[axis].map(_within(values))
    return table[here]


def axes(found: re.Match[str]) -> dict[str, str]:
    """The columns by which a comment says what it is about, and their values."""
    return {axis: found[axis] for axis in ("n", "k", "budget") if found[axis]}


def about(found: re.Match[str]) -> Callable[[str], bool]:
    """Whether a benchmark is the one that a comment names: all of its name, or what stands between its commas."""
    part = found["on"] or found["part"]
    return lambda name: part is None or part in (name, *name.split(", "))


def missing(found: re.Match[str], table: pd.DataFrame) -> Iterator[str]:
    """The N and K, or budgets, that a comment names, ends of ranges too, and a table lacks."""
    for axis, values in axes(found).items():
        for value in re.findall(r"\d+", values):
            if int(value) not in set(table[axis]):
                yield f"{axis}={value}"


def numbers(tables: list[pd.DataFrame]) -> pd.Series:
    """All numbers of some tables as they may be printed: without their sign, and shares in percent too."""
    values = [table.select_dtypes("number").stack() for table in tables]
    every = pd.concat([*values, pd.Series(dtype=float)], ignore_index=True).abs()
    return pd.concat([every, 100 * every], ignore_index=True).drop_duplicates()


def read(found: re.Match[str], root: Path) -> list[pd.DataFrame]:
    """What a comment is about: the table.csv and the paired.csv of its folder, or those of equal budgets."""
    files = [root / found["folder"] / f"{name}.csv" for name in FILES["budget" if found["budget"] else "n"]]
    return [pd.read_csv(file) for file in files if file.exists()]


def _within(values: str) -> Callable[[int], bool]:
    """Whether a number is among `30`, `30,60` or `70-200`."""
    ends = [[int(end) for end in part.split("-")] for part in values.split(",")]
    return lambda value: any(own[0] <= value <= own[-1] for own in ends)
