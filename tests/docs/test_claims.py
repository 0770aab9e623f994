"""No claim in the documents that its own CSV contradicts: the check on made-up documents, then on the real ones."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.docs import claims, said, values
from tests.docs.markdown import Block, blocks
from tests.docs.said import Said
from tests.support import ROOT

TESTS = pd.DataFrame(
    [
        ("NAS, A", "main", 30, 10, "forest", "siams", 0.0042, 0.01, "ahead"),
        ("NAS, A", "main", 30, 30, "forest", "siams", 0.0001, 0.91, "not distinguishable"),
        ("NAS, A", "main", 60, 30, "forest", "siams", -0.0012, 0.04, "behind"),
        ("NAS, A", "main", 90, 30, "forest", "siams", -0.0034, 0.001, "behind"),
        ("NAS, A", "topk", 60, 30, "forest", "siams", 0.0003, 0.5, "not distinguishable"),
        ("NAS, A", "front", 60, 0, "forest", "siams", 0.0042, 0.01, "ahead"),
        ("NAS, B", "main", 60, 30, "forest", "siams", 0.0051, 0.001, "ahead"),
    ],
    columns=["benchmark", "protocol", "n", "k", "method", "reference", "difference", "holm_p", "verdict"],
)
TABLE = """**NAS, A** (best accuracy)

| N | method | K=10 | difference K=10 | seconds |
|--:|---|--:|--:|--:|
| 30 | forest | **73.21 ± 0.62** | +0.42* | 7 |
| 30 | siams | 72.79 ± 0.70 | reference | 174 |

Mean.
**NAS, B** (best accuracy)

| N | method | K=10 | difference K=10 | seconds |
|--:|---|--:|--:|--:|
| 30 | forest | 50.00 ± 0.10 | -0.10 | 8 |
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two folders of results: one benchmark, and two."""
    for name, tests in {"one": TESTS[TESTS["benchmark"] == "NAS, A"], "two": TESTS}.items():
        folder = tmp_path / "experiments" / name
        folder.mkdir(parents=True)
        tests.to_csv(folder / "paired.csv", index=False)
        (folder / "table.md").write_text(TABLE)
    budgets = TESTS[["benchmark", "method", "reference", "difference", "holm_p", "verdict"]].assign(budget=TESTS["n"])
    budgets[TESTS["benchmark"] == "NAS, B"].to_csv(tmp_path / "experiments/two/budgets_paired.csv", index=False)
    table = pd.DataFrame({"benchmark": "NAS, A", "method": ["forest", "siams"], "n": [30, 60], "k": [10, 30]})
    table.assign(best=[0.7321, 0.7456], seconds=[7.126, 9]).to_csv(tmp_path / "experiments/one/table.csv", index=False)
    return tmp_path


NOTE = re.compile(r"<!--\s*(?:(\S+): )?(.*?)-->", re.DOTALL)


def noted(text: str) -> list[Block]:
    """Blocks with what is said of them: in these examples, for short, what stands in comments behind them."""
    found: list[Block] = []
    for block in blocks(text):
        said = tuple(Said(folder, " ".join(line.split())) for folder, line in NOTE.findall(block.text))
        bare = replace(block, text=NOTE.sub("", block.text), said=said)
        if bare.text.strip(" |\n"):
            found.append(bare)
        else:
            found[-1] = replace(found[-1], said=found[-1].said + said)
    return found


def wrong(text: str, root: Path) -> list[str]:
    return list(claims.wrong_claims(noted(text), root))


@pytest.mark.parametrize(
    "claim",
    [
        'one: n=60 k=30 main "siams" ahead "forest"',
        'one: n=60 k=30 "siams" ahead "forest" +0.12',
        'one: n=60 k=30 "forest" behind "siams" -0.12',
        'one: n=60-90 k=30 "siams" ahead "forest"',
        'one: n=60,90 k=30 "siams" ahead "forest"',
        'one: n=30 k=10 "forest" ahead "siams"',
        'one: n=30 k=30 "siams" not distinguishable "forest" -0.01',
        'one: n=60 k=30 topk "siams" not distinguishable "forest"',
        'one: n=60 k=0 front "forest" ahead "siams" +0.42',
        'two: n=60 k=30 on="B" "forest" ahead "siams"',
        'two: n=60 k=30 main on="NAS, A" "forest" behind "siams"',
        'two: budget=60 on="B" "forest" ahead "siams" +0.51',
    ],
)
def test_true_claims(root: Path, claim: str):
    verdict = next(verdict for verdict in said.VERDICTS if verdict in claim)
    assert wrong(f"It is {verdict} here.\n<!-- experiments/{claim} -->", root) == []


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ('one: n=60 k=30 "forest" ahead "siams"', "it is behind (p = 0.04)"),
        ('one: n=30 k=30 "forest" ahead "siams"', "it is not distinguishable (p = 0.91)"),
        ('one: n=30 k=30 "siams" behind "forest"', "it is not distinguishable"),
        ('one: n=60 k=30 "siams" not distinguishable "forest"', "it is ahead"),
        ('one: n=30-90 k=30 "siams" ahead "forest"', "at N = 30, K = 30 it is not distinguishable"),
        ('one: n=60 k=30 topk "siams" ahead "forest"', "it is not distinguishable (p = 0.5)"),
        ('one: n=60 k=30 "siams" ahead "forest" +0.21', "the difference is +0.12"),
        ('one: n=60 k=30 "siams" ahead "forest" -0.12', "the difference is +0.12"),
        ('one: n=70 k=30 "siams" ahead "forest"', "no such test of forest: n=70"),
        ('one: n=60-200 k=30 "siams" ahead "forest"', "no such test of forest: n=200"),
        ('one: n=30 k=10,20 "forest" ahead "siams"', "no such test of siams: k=20"),
        ('one: n=60 k=30 "siams" ahead "gcn"', "no such test"),
        ('two: n=60 k=30 "siams" ahead "forest"', "several benchmarks"),
        ('two: budget=60 on="B" "siams" ahead "forest"', "at 60 evaluations it is behind"),
        ('two: budget=70 on="B" "siams" ahead "forest"', "no such test of forest: budget=70"),
        ('one: budget=60 "siams" ahead "forest"', "paired.csv beside it"),
        ('none: n=60 k=30 "siams" ahead "forest"', "paired.csv beside it"),
        ('one: n=60 "siams" ahead "forest"', "of no known form"),
        ('one: n=60 k=30 "siams" leads "forest"', "of no known form"),
    ],
)
def test_wrong_claims(root: Path, claim: str, why: str):
    found = wrong(f"First.\n\nAhead, behind, not distinguishable.\n<!-- experiments/{claim} -->", root)
    assert any(why in line and line.startswith("line 3") for line in found)


def test_everything_that_can_be_claimed_holds(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    for name in ("one", "two"):
        lines = list(claims.possible(Path("experiments", name)))
        assert len(lines) == len(pd.read_csv(f"experiments/{name}/paired.csv"))
        (Path("experiments", name) / "claims.yaml").write_text(
            "\n".join(["README.md:", "  Ahead and:", *(f"  {line}" for line in lines)])
        )
        Path("README.md").write_text("Ahead and behind.")
        found = said.document(root, "README.md")
        assert len(found[0].said) == len(lines) and not list(claims.wrong_claims(found, root))
        (Path("experiments", name) / "claims.yaml").unlink()


def test_what_is_said_of_no_place_is_noticed(root: Path):
    (root / "experiments/one/claims.yaml").write_text("README.md:\n  It is:\n    - no claim\n")
    for text in ("Nothing.", "It is.\n\nIt is."):
        (root / "README.md").write_text(text)
        with pytest.raises(ValueError, match="'It is' is in [02] places of README.md"):
            said.document(root, "README.md")


AHEAD = '<!-- experiments/one: n=60 k=30 "siams" ahead "forest" -->'


@pytest.mark.parametrize(
    "text",
    [
        f"From 60 on\nit is ahead. {AHEAD}",
        f"From 60 on\nit is ahead.\n{AHEAD}",
        f"From 60 on it is ahead.\n\n{AHEAD}",
        f"- It is ahead.\n  {AHEAD}\n- Other.",
        f"1. Other.\n2. It is ahead. {AHEAD}",
        f"It is ahead from\n60. So it was.\n{AHEAD}",
        f"# BTS is ahead\n\n{AHEAD}",
        f"| a | b |\n|---|---|\n| -0.12* | behind {AHEAD} |",
        "Two steps ahead of time. <!-- no claim -->",
        "Print `ahead`.",
        "    ahead of the forest",
        "```python\nahead = 1\n```",
        "An aheadness.",
    ],
)
def test_words_with_a_claim(root: Path, text: str):
    assert wrong(text, root) == []


@pytest.mark.parametrize(
    "text",
    [
        "It is ahead.",
        f"It is ahead.\n\nOther. {AHEAD}",
        f"- It is ahead.\n- Other. {AHEAD}",
        f"1. It is ahead.\n2. Other. {AHEAD}",
        f"| a | b |\n|---|---|\n| -0.12 | behind |\n| 1 | {AHEAD} |",
        f"| a | b |\n|---|---|\n| -0.12* | -0.31* {AHEAD} |",
        f"**It is Behind at 30.**\nThe\nrest.\n\n# Next\n{AHEAD}",
        f"They are not distinguishable. {AHEAD}",
        'Ahead. <!-- experiments/one: n=30 k=30 "siams" not distinguishable "forest" -->',
        "It is ahead. <!-- experiment/one: ... -->",
    ],
)
def test_words_without_a_claim(root: Path, text: str):
    assert wrong(text, root)


ROWS = "| N | method | K=10 | difference K=10 | the paper |\n| --- | --- | --- | --- | --- |\n{}\n\n<!-- {} -->"


@pytest.mark.parametrize(
    ("row", "source", "why"),
    [
        ("| 30 | forest | 73.21 ± 0.62 | +0.42* | 72 |", 'experiments/one: rows of table.md on="A"', None),
        ("| 30 | siams | **72.79 ± 0.70** | reference | - |", 'experiments/one: rows of table.md on="NAS, A"', None),
        ("| 30 | forest | 50.00 ± 0.10 | -0.10 | |", 'experiments/one: rows of table.md on="B"', None),
        ("| 30 | forest | 73.12 ± 0.62 | +0.42* | |", 'experiments/one: rows of table.md on="A"', "K=10 is 73.12"),
        (
            "| 30 | forest | 73.21 ± 0.62 | +0.42 | |",
            'experiments/one: rows of table.md on="A"',
            "difference K=10 is +0.42",
        ),
        ("| 60 | forest | 73.21 ± 0.62 | +0.42* | |", 'experiments/one: rows of table.md on="A"', "has 0 rows"),
        ("| 30 | forest | 73.21 ± 0.62 | +0.42* | |", "experiments/one: rows of table.md", "has 2 rows"),
        ("| 30 | forest | 73.21 ± 0.62 | +0.42* | |", "experiments/no: rows of table.md", "which file"),
        ("| 30 | forest | 73.21 ± 0.62 | +0.42* | |", "no claim", "which file"),
    ],
)
def test_pasted_rows(root: Path, row: str, source: str, why: str | None):
    text = f"Text.\n\n{ROWS.format(row, source)}\n\nMore."
    found = list(values.wrong_tables(noted(text), root))
    assert (why is None and not found) or (why and why in found[0])
    assert why or not wrong(text, root), "the stars are those of the file"


def test_a_table_at_one_n(root: Path):
    text = '| method | seconds |\n|---|--:|\n| forest | {} |\n<!-- experiments/one: rows of table.md on="A" n=30 -->'
    assert not list(values.wrong_tables(noted(text.format(7)), root))
    assert "seconds is 9" in next(values.wrong_tables(noted(text.format(9)), root))
    assert not list(values.wrong_tables(noted("| a | b |\n|---|---|\n| 1 | 2 |"), root)), "no methods, no source"


@pytest.fixture
def unknown(root: Path) -> Callable[[str], list[str]]:
    known = said.numbers([pd.read_csv(file) for file in root.rglob("*.csv")])
    return lambda text: list(values.unknown_numbers(noted(text), root, known, {r"Python 3\.\d\d": "a version"}))


@pytest.mark.parametrize(
    "text",
    [
        "73.21 and 7.13 seconds",
        "+0.42, -0.12, \N{MINUS SIGN}.34 and p = .04",
        "`99.99`, [text](99.99) and 2210.00546, 1.5, 0.0001 and 1.22.3",
        "```python\n99.99\n```",
        "    99.99",
        "Python 3.11",
        '74.56, 0.12, p = .04 <!-- experiments/one: n=60 k=30 "siams" ahead "forest" -->',
        '73.21 <!-- experiments/one: see n=30 k=10 "forest" -->',
        '73.21, 74.56 <!-- experiments/one: see n=30-60 k=10-30 "forest", "siams" -->',
        "7.13 <!-- experiments/one: see table.csv -->",
    ],
)
def test_numbers_of_the_files(unknown: Callable[[str], list[str]], text: str):
    assert unknown(f"{text}\n\nThe end.") == []


@pytest.mark.parametrize(
    "text",
    [
        "73.22",
        "**73.12**",
        "- 7.14 s",
        "| 0.43* |",
        "by .35 points",
        "```\n99.99\n```",
        "3.11",
        '73.21 <!-- experiments/one: n=60 k=30 "siams" ahead "forest" -->',
        '73.21 <!-- experiments/one: see n=60 k=30 "forest" -->',
        '73.21 <!-- experiments/one: see n=30 k=10 "siams" -->',
        "0.42 <!-- experiments/one: see table.csv -->",
        "0.42 <!-- experiments/none: see table.csv -->",
        '0.42 <!-- experiments/none: see n=30 k=10 "forest" -->',
    ],
)
def test_numbers_from_elsewhere(unknown: Callable[[str], list[str]], text: str):
    (found,) = unknown(f"First.\n\n{text}\n\nThe end.")
    assert found.startswith(("line 3: ", "line 4: "))


DOCUMENTS = ("README.md", "experiments/README.md")
FILES = [*sorted((ROOT / "experiments").rglob("*.csv")), ROOT / "siamnas/benchmarks/data/paper_curves.csv"]
ALLOWED = {  # numbers that need no file, and why
    r"Python 3\.\d\d(-3\.\d\d)?": "a version",
    r"random search is worse than the default search by [^;]*": "over tasks, see tests/referee/test_claims.py",
    r"74\.28": "the optimum of CIFAR-100 by single training runs, which no result has",
}


def none(found: Iterator[str]) -> None:
    """Fail with everything that was found, a line each."""
    if wrong := list(found):
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_claim_is_contradicted(document: str):
    none(claims.wrong_claims(said.document(ROOT, document), ROOT))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_table_of_methods_is_that_of_its_file(document: str):
    none(values.wrong_tables(said.document(ROOT, document), ROOT))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_number_is_in_a_file(document: str):
    known = said.numbers([pd.read_csv(file) for file in FILES])
    none(values.unknown_numbers(said.document(ROOT, document), ROOT, known, ALLOWED))
