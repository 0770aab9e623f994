"""A leaderboard: a rival that lies, and rows that somebody has changed, are named; no search is another one's."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from siamnas.cli import leaderboard
from siamnas.errors import InputError
from siamnas.referee import methods, searches, tasks
from siamnas.referee.searches import Row
from siamnas.referee.store import Cell

HONEST = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "space" in message:
        continue
    number = 0 if "start" in message else number + 1
    if ASKS:
        print(json.dumps({"ask": number}), flush=True)
"""
LIES = {
    "asks once more at the end": (HONEST.replace("ASKS", "True"), "answers no question"),
    "answers before it is asked": (
        "for n in range(9): print('{\"ask\": %d}' % n, flush=True)\nimport time; time.sleep(9)", "answers no question"),
    "nested too deeply": ("input(); input(); print('[' * 100_000, flush=True)", "is no object with 'ask'"),
    "a line without an end": ("import sys; input(); input()\nwhile True: sys.stdout.write('x' * 100_000)",
                              "is no object with 'ask'"),
    "two answers in one": ("input(); input(); print('{\"ask\": 1, \"ask\": 2}', flush=True)", "is no object"),
    "an integer of thousands of digits": ("input(); input(); print('{\"ask\": ' + '9' * 5000 + '}')", "is no object"),
    "not UTF-8": (
        "import os; input(); input(); os.write(1, b'{\"ask\": \"\\xff\\xe9\"}\\n'); input()", "is no architecture"),
    "one of another type": ("input(); input(); print('{\"ask\": true}', flush=True); input()", "is no architecture"),
    "one from the end": ("input(); input(); print('{\"ask\": -1}', flush=True); input()", "is no architecture"),
    "dies without a word": ("import os; os.kill(os.getpid(), 9)", "crashed: it has ended with status -9"),
    "says a lot when it dies": ("import sys; sys.exit('y' * 5_000_000 + ' no luck')", "no luck"),
}  # fmt: skip


def searched(folder: Path, source: str, seeds: int = 1) -> list[Row]:
    """Searches of three evaluations by a process."""
    (folder / "rival.py").write_text(source)
    method = methods.of(f"process: {sys.executable} -S {folder / 'rival.py'}")
    return list(searches.search(method, tasks.arena(tasks.of("nano_pilot")), range(seeds), 3, 30.0))


@pytest.mark.parametrize("kind", LIES)
def test_a_rival_that_lies(tmp_path: Path, kind: str):
    source, said = LIES[kind]
    (row,) = searched(tmp_path, source)
    assert said in row.status and len(row.status) < 600


def test_an_honest_one_is_believed(tmp_path: Path):
    rows = searched(tmp_path, HONEST.replace("ASKS", "'start' in message or message['tell']['left']"), 2)
    assert [row.status for row in rows] == ["done", "done"] and rows[0].evaluated == rows[1].evaluated


CHANGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another seed": lambda row: row.update(seed=7),
    "no list": lambda row: row.update(best=None),
    "a text as a value": lambda row: row.update(best=["0.9"] * 3),
    "too short": lambda row: row.update(best=[0.1]),
    "no number": lambda row: row.update(best=[float("nan")] * 3),
    "an integer without bound": lambda row: row.update(best=[-(10**400), 0.2, 0.2]),
    "beyond the optimum": lambda row: row.update(best=[0.1, 0.2, 2.0]),
    "one twice": lambda row: row.update(evaluated=["a", "a", "b"]),
    "seconds below zero": lambda row: row.update(seconds=-1.0),
    "a key more": lambda row: row.update(note="x"),
    "a key less": lambda row: row.pop("status"),
}


@pytest.mark.parametrize("kind", [*CHANGED, "no JSON", "a list", "a pipe"])
def test_a_row_that_was_changed(tmp_path: Path, kind: str, soon: None):
    cell = Cell.of(methods.of("random"), tasks.of("nano_pilot"), 3, tmp_path)
    row = Row(0, "done", ["a", "b", "c"], [0.1, 0.2, 0.1], [0.1, 0.2, 0.2], 1.0)
    cell.save(row)
    assert list(cell.rows(range(1))) == [row]
    path, told = cell.path(0), asdict(row)
    if kind == "a pipe":
        path.unlink()
        os.mkfifo(path)
    elif kind in CHANGED:
        CHANGED[kind](told)
        path.write_text(json.dumps(told))
    else:
        path.write_text("[1]" if kind == "a list" else "{")
    with pytest.raises(InputError, match=r"0\.json: is no search of this leaderboard .*; delete it"):
        list(cell.rows(range(1)))


@pytest.mark.parametrize(
    "words",
    [
        ["--method", "process: python 'mine.py"],
        ["--method", "predictor='gp"],
        ["--first", "-5"],
        ["--first", "9" * 30],
        ["--seeds", "٣"],
        ["--timeout", "nan"],
        ["--timeout", "-1"],
        ["--timeout", "inf"],
    ],
    ids=" ".join,
)
def test_words_that_can_be_none(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        leaderboard.main(["--method", "random", "--tasks", "nano_pilot", "--out", str(tmp_path / "out"), *words])
    said = capsys.readouterr().err
    assert words[0] in said and "_count" not in said and not (tmp_path / "out").exists()


def test_one_seed_and_one_task_have_no_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """It was printed as ± 0.00, as if it were known to the last digit."""
    words = ["--method", "random", "--method", "local", "--tasks", "nano_pilot", "--seeds", "1", "--budget", "12"]
    leaderboard.main([*words, "--out", str(tmp_path)])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("random", "local"))]
    assert len(rows) == 2 and not any("±" in row for row in rows)
    table = pd.read_csv(tmp_path / "leaderboard.csv")
    assert table[["regret_low", "regret_high"]].isna().all(axis=None)
    assert pd.read_csv(tmp_path / "pairs.csv")[["low", "high"]].isna().all(axis=None)
