"""Rivals as processes of the referee, on as little as it takes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from siamnas.referee import methods, tasks
from siamnas.referee.run import Leaderboard
from tests.support import ROOT

RIVALS = ROOT / "experiments/rivals"


@pytest.mark.parametrize("task", ["nano_pilot", "gpt_s"])
def test_a_rival_speaks_with_the_referee(tmp_path: Path, task: str) -> None:
    command = " ".join(methods.served(str(RIVALS / "optuna_tpe/rival.py"), sys.executable))
    method = methods.of(f"TPE:=process: {command}")
    (cell,) = Leaderboard([method], [tasks.of(task)], range(2), 14, tmp_path).run()
    one, other = cell.rows(range(2))
    for row in (one, other):
        assert row.status == "done" and len(set(row.evaluated)) == 14
    assert one.evaluated != other.evaluated


@pytest.mark.slow
def test_what_does_not_install_is_a_row_that_says_so(tmp_path: Path) -> None:
    words = (tmp_path / "environments", "smac_forest", "--", "--tasks", "nano_pilot", "--seeds", "1", "--budget", "5")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, RIVALS / "run.py", *words, "--out", tmp_path / "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=os.environ | offline)
    assert "crashed: does not install: ERROR: No matching distribution found for smac==2.4.1" in done.stderr
