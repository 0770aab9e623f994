"""Every comparison of the two READMEs about leaderboards is one of their tables over tasks, with its interval."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.docs.markdown import blocks
from tests.support import ROOT

FOLDERS = [ROOT / "experiments" / name for name in ("referee", "referee_equal", "referee_described", "rivals")]
NUMBER = r"-?\d+\.\d\d"
CLAIM = re.compile(rf'over tasks "([^"]+)" (better|equal|worse|open) "([^"]+)" ({NUMBER}) \[({NUMBER}), ({NUMBER})\]')
VERDICT = re.compile(r"\b(better|worse|ahead|behind)\b")


def said(folder: Path) -> dict[str, list[str]]:
    """Beginning of a paragraph of its README -> what it claims."""
    (claims,) = yaml.safe_load((folder / "claims.yaml").read_text()).values()
    return claims


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_paragraph_says_what_the_table_has(folder: Path):
    pairs = pd.read_csv(folder / "pairs.csv").set_index(["method", "reference"])
    for begin, lines in said(folder).items():
        (block,) = [one for one in blocks((folder / "README.md").read_text()) if begin in one.words]
        for line in lines:
            found = CLAIM.fullmatch(line)
            assert found is not None, line
            row = pairs.loc[(found[1], found[3])]
            numbers = [f"{100 * row[name]:.2f}" for name in ("difference", "low", "high")]
            assert row["verdict"] == found[2] and numbers == list(found.groups())[3:]
            assert all(number in block.words for number in numbers), line


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_words_of_comparison_are_backed(folder: Path):
    for block in blocks((folder / "README.md").read_text()):
        backed = any(begin in block.words for begin in said(folder)) or block.words.startswith("|")
        assert backed or not VERDICT.search(block.words), block.words


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_tables_are_those_of_the_numbers(folder: Path):
    numbers = pd.read_csv(folder / "leaderboard.csv")
    shown = [block.words for block in blocks((folder / "README.md").read_text()) if block.table]
    lines = (folder / "table.md").read_text().splitlines()
    for row in numbers[numbers["budget"] == numbers["budget"].max()].to_dict("records"):
        value = f" {100 * row['regret']:.2f}"
        (line,) = (line for line in lines if line.startswith(f"| {row['method']} | ") and "kinds" not in line)
        assert f"{value} " in line and any(f"{value}{star} " in " ".join(shown) for star in ("", "*"))


def test_the_main_readme_says_the_same():
    (block,) = [
        one for one in blocks((ROOT / "README.md").read_text()) if "random search is worse than the" in one.words
    ]
    lines = said(ROOT / "experiments/referee")["Random search is worse than"]
    told = [CLAIM.fullmatch(line).groups()[3:] for line in lines]  # type: ignore[union-attr]
    assert re.findall(rf"({NUMBER}) (?:points of normalised regret )?\[({NUMBER}), ({NUMBER})\]", block.words) == told
