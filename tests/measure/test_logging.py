"""Weights & Biases: the values of a command as they come, and that it can't spoil one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loggers.wandb_file import exit_codes, history, of_kind, offline_runs
from tests.measure.conftest import table
from tests.support import ROOT


@pytest.mark.slow
def test_the_values_are_one_run(start: Callable, tmp_path: Path):
    process = start("what=response", "archs=3", "workers=2", "logger=wandb")
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == 0 and "offline run; to upload it: wandb sync" in shown, shown
    (path,) = offline_runs(tmp_path / "outputs" / "default")
    (run,) = of_kind(path, "run")
    assert run.display_name == "response of nb201_c100" and run.run_group == "default"
    assert set(run.tags) == {"response", "nb201_c100", "nb201_reduced", "noise"}
    told = {row["arch"]: str(row["mean"]) for row in history(path)}
    assert told == {arch: row["mean"] for arch, row in table(tmp_path).items()}
    assert exit_codes(path) == [0]

    again = start("what=response", "archs=3", "workers=2", "logger=wandb")
    assert "Weights & Biases" not in again.communicate(timeout=300)[0], "nothing new is no run"


def test_a_broken_installation_costs_one_warning(start: Callable, tmp_path: Path):
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/wandb.py").write_text("raise ImportError('broken')")
    places = os.pathsep.join(map(str, (tmp_path / "installed", ROOT, ROOT / "tests")))
    process = start("what=response", "archs=3", "workers=1", "logger=wandb", PYTHONPATH=places)
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == 0, shown
    assert shown.count("Weights & Biases: not logged: ImportError: broken") == 1
    assert len(table(tmp_path)) == 3
