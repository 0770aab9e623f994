"""Each fault in docs/faults.md has a test that exists."""

import re

import pytest

from tests.support import ROOT

TESTS = re.findall(r"^\|.*\| `(tests/[\w/]+\.py)::(\w+)` \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE)


def test_every_row_names_one():
    rows = [line for line in (ROOT / "docs" / "faults.md").read_text().splitlines() if line.count("|") == 5]
    assert len(TESTS) == len(rows) - 2 >= 30, "all but the head of the table"


@pytest.mark.parametrize(("path", "name"), TESTS, ids=[name for _, name in TESTS])
def test_it_exists(path: str, name: str):
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
