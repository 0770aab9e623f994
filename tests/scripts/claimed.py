"""What the README of an experiment says of its pairs over tasks, which its claims.yaml names line by line.

    experiments/NAME/README.md:
      The beginning of a sentence:
        - n=20 measure=tau "forest" worse "gp" .25 [.15, .35]

Before the names stand columns of pairs.csv and their values, behind them the verdict, the difference and its interval.
"""

import re
from pathlib import Path

import pandas as pd
import yaml

from tests.docs.markdown import blocks

NUMBER = r"-?\d*\.\d+"
CLAIM = re.compile(
    rf'(?P<keys>(?:\w+=\w+ )*)"(?P<method>[^"]+)" (?P<verdict>better|equal|worse|open) "(?P<reference>[^"]+)" '
    rf"(?P<numbers>{NUMBER} \[{NUMBER}, {NUMBER}\])"
)
VERDICT = re.compile(r"\b(better|worse|equal|ahead|behind)\b")


def wrong(folder: Path) -> list[str]:
    """The claims that do not hold, and the paragraphs that compare without one."""
    pairs, found = pd.read_csv(folder / "pairs.csv"), []
    claims = dict(yaml.safe_load((folder / "claims.yaml").read_text())[f"experiments/{folder.name}/README.md"])
    every = blocks((folder / "README.md").read_text())
    for begin, lines in claims.items():
        owners = [block for block in every if begin in block.words]
        found += [f"{begin!r} is in {len(owners)} places"] * (len(owners) != 1)
        found += [line for line in lines for block in owners if not _holds(line, pairs, block.words)]
    backed = [block for block in every if block.table or any(begin in block.words for begin in claims)]
    return found + [f"no claim: {one.words}" for one in every if one not in backed and VERDICT.search(one.words)]


def _holds(line: str, pairs: pd.DataFrame, words: str) -> bool:
    """Whether a line is that of the table, and a paragraph has its numbers; `no claim` stands for another sense."""
    if line == "no claim":
        return True
    claim = CLAIM.fullmatch(line)
    assert claim is not None, f"no known form: {line}"
    keys = dict(part.split("=") for part in claim["keys"].split()) | {
        name: claim[name] for name in ("method", "reference", "verdict")
    }
    for name, value in keys.items():
        pairs = pairs[pairs[name].astype(str) == value]
    return len(pairs) == 1 and told(pairs.iloc[0]) == claim["numbers"] and claim["numbers"] in words


def told(row: pd.Series) -> str:
    """A difference and its interval as the texts have them."""
    difference, low, high = (f"{row[name]:.3f}".replace("0.", ".") for name in ("difference", "low", "high"))
    return f"{difference} [{low}, {high}]"
