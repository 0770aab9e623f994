"""The code of the README, and the commands of docs/own.md, run as they are printed."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from siamnas.cli import search
from tests.support import ROOT, python

TEXT = (ROOT / "README.md").read_text()
(BLOCK,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
(DOOR,) = re.findall(r"^```python door\n(.*?)^```$", (ROOT / "docs/results.md").read_text(), re.DOTALL | re.MULTILINE)
OWN = (ROOT / "docs/own.md").read_text()
SHELL = re.findall(r"^    siamnas (search .*?)(?:  +#.*)?$", OWN, re.MULTILINE)


def test_the_search_of_ones_own_is_short_and_runs_as_printed(tmp_path: Path) -> None:
    assert len([line for line in BLOCK.splitlines() if line]) < 15
    done = python(tmp_path, ROOT, "-c", BLOCK)
    assert re.fullmatch(r"Best\(index=\d+, name='width=32 .*', value=0\.872\)\n", done.stdout), done.stderr
    lines = (tmp_path / "my_search" / "journal.jsonl").read_text().splitlines()
    assert sum(len(json.loads(line).get("tell", [])) for line in lines) == 30


def test_the_readme_fits_a_screen_or_two() -> None:
    assert len(TEXT.splitlines()) <= 90


@pytest.mark.slow
def test_jobs_and_comparisons_run_as_printed(tmp_path: Path) -> None:
    assert len([line for line in DOOR.splitlines() if line]) <= 10
    done = python(tmp_path, ROOT, "-c", DOOR)
    assert done.stdout.startswith("<Result of forest on nb201_c100: 10 repeats") and not done.stderr, done.stderr
    assert "random search" in done.stdout and "Ridge" in done.stdout and (tmp_path / "report/index.html").exists()
    assert done.stdout.endswith("report/index.html\n")


def test_the_same_from_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cells = tmp_path / "my_cells"
    cells.mkdir()
    for number in range(81):
        operations = ["in", *("abc"[number // 3**i % 3] for i in range(4)), "out"]
        graph = [[int(j == i + 1) for j in range(6)] for i in range(6)]
        cell = {"id": f"arch {number}", "adj_matrix": graph, "operations": operations}
        (cells / f"{number}.json").write_text(json.dumps(cell))

    def shown(words: str) -> Any:
        search.main(shlex.split(words)[1:])
        return json.loads(capsys.readouterr().out)

    start, ask, tell = SHELL
    assert python(tmp_path, ROOT, "-m", "siamnas", *shlex.split(start)).returncode == 0
    asked = [arch["index"] for arch in shown(ask)["asked"]]
    assert len(asked) == 5
    own = {'"24"': f'"{asked[0]}"', '"80"': f'"{asked[1]}"'}
    shown(re.sub('"24"|"80"', lambda match: own[match.group()], tell))
    assert shown("search best my_search") == {"index": asked[0], "architecture": f"arch {asked[0]}", "value": 0.71}
    status = shown("search status my_search")
    assert (status["told"], status["failed"], status["open"]) == (2, [asked[1]], asked[2:])
