"""The code of the README, and the commands of docs/own.md, run as they are printed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.support import ROOT, python

TEXT = (ROOT / "README.md").read_text()
(BLOCK,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
(DOOR,) = re.findall(r"^```python door\n(.*?)^```$", (ROOT / "docs/results.md").read_text(), re.DOTALL | re.MULTILINE)
OWN = (ROOT / "docs/own.md").read_text()
OWN_BLOCKS = re.findall(r"^```(python|sh)\n(.*?)^```$", OWN, re.DOTALL | re.MULTILINE)
TRAIN = """
import json, sys
asked = json.load(open(sys.argv[1]))["asked"]
print(json.dumps([{"index": row["index"], "value": 0.1 * i or None} for i, row in enumerate(asked)]))
"""


def test_the_search_of_ones_own_is_short_and_runs_as_printed(tmp_path: Path) -> None:
    assert len([line for line in BLOCK.splitlines() if line]) < 15
    done = warm.run(["-c", BLOCK], tmp_path)
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


def test_ask_and_tell_run_as_printed(tmp_path: Path) -> None:
    """All blocks of docs/own.md, one after the other, in a folder that holds the user's cells and training."""
    (tmp_path / "my_cells").mkdir()
    for number in range(81):
        operations = ["in", *(["conv", "pool", "skip"][number // 3**i % 3] for i in range(4)), "out"]
        graph = [[int(j == i + 1) for j in range(6)] for i in range(6)]
        cell = {"id": f"cell_{number}", "adj_matrix": graph, "operations": operations}
        (tmp_path / "my_cells" / f"{number}.json").write_text(json.dumps(cell))
    (tmp_path / "train").write_text(f"#!{sys.executable}\n{TRAIN}")
    (tmp_path / "train").chmod(0o755)
    done = warm.run(["-c", "\n".join(code for kind, code in OWN_BLOCKS if kind == "python")], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cell_0 0.5\n") and "spread" in done.stdout and "<Architecture" in done.stdout
    (shell,) = (code for kind, code in OWN_BLOCKS if kind == "sh")
    siamnas = f'siamnas() {{ {sys.executable} -m siamnas "$@"; }}'
    command, paths = ["bash", "-ec", f"{siamnas}\n{shell}"], {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results) == 3 and '"told": 4' in ran.stdout and '"value": 0.25' in ran.stdout
    history = (tmp_path / "history.csv").read_text().splitlines()
    assert history[0].startswith("architecture,index,value,seconds,worker,why") and len(history) > 43
