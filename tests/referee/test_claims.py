"""Every comparison of experiments/referee/README.md is one of its table over tasks, with its interval."""

import re

import pandas as pd
import pytest
import yaml

from tests.docs.markdown import blocks
from tests.support import ROOT

FOLDER = ROOT / "experiments/referee"
NUMBER = r"-?\d+\.\d\d"
CLAIM = re.compile(rf'over tasks "([^"]+)" (better|equal|worse|open) "([^"]+)" ({NUMBER}) \[({NUMBER}), ({NUMBER})\]')
SAID = yaml.safe_load((FOLDER / "claims.yaml").read_text())["experiments/referee/README.md"]
TEXT = (FOLDER / "README.md").read_text()


@pytest.mark.parametrize("begin", SAID)
def test_a_paragraph_says_what_the_table_has(begin: str):
    (block,) = [one for one in blocks(TEXT) if begin in one.words]
    pairs = pd.read_csv(FOLDER / "pairs.csv").set_index(["method", "reference"])
    for line in SAID[begin]:
        found = CLAIM.fullmatch(line)
        assert found is not None, line
        row = pairs.loc[(found[1], found[3])]
        numbers = [f"{100 * row[name]:.2f}" for name in ("difference", "low", "high")]
        assert row["verdict"] == found[2] and numbers == list(found.groups())[3:]
        assert all(number.lstrip("-") in block.words for number in numbers), line


def test_words_of_comparison_are_backed():
    verdicts = re.compile(r"\b(better|worse|ahead|behind)\b")
    for block in blocks(TEXT):
        backed = any(begin in block.words for begin in SAID) or block.words.startswith("|")
        assert backed or not verdicts.search(block.words), block.words


def test_the_table_is_that_of_the_numbers():
    table, numbers = (FOLDER / "table.md").read_text(), pd.read_csv(FOLDER / "leaderboard.csv")
    last = numbers[numbers["budget"] == numbers["budget"].max()]
    assert len(last) > 20
    for row in last.to_dict("records"):
        (line,) = (
            line for line in table.splitlines() if line.startswith(f"| {row['method']} | ") and "kinds" not in line
        )
        assert f" {100 * row['regret']:.2f} " in line
