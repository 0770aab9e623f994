"""Weights & Biases: the values of a command as they come, and that it can't spoil one."""

from collections.abc import Callable
from pathlib import Path

from tests.loggers.test_logging import items, offline_run, records
from tests.measure.conftest import table


def test_the_values_are_one_run(start: Callable, tmp_path: Path):
    process = start("what=response", "archs=3", "workers=2", "logger=wandb")
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == 0 and "offline run; to upload it: wandb sync" in shown, shown
    found = list(records(offline_run(tmp_path / "outputs" / "default")))
    (run,) = [record.run for record in found if record.WhichOneof("record_type") == "run"]
    assert run.display_name == "response of nb201_c100" and run.run_group == "default"
    assert set(run.tags) == {"response", "nb201_c100", "nb201_reduced", "noise"}
    history = [items(record.history.item) for record in found if record.WhichOneof("record_type") == "history"]
    rows = table(tmp_path)
    assert {row["arch"]: str(row["mean"]) for row in history} == {arch: row["mean"] for arch, row in rows.items()}
    (code,) = [record.exit.exit_code for record in found if record.WhichOneof("record_type") == "exit"]
    assert code == 0

    again = start("what=response", "archs=3", "workers=2", "logger=wandb")
    assert "Weights & Biases" not in again.communicate(timeout=300)[0], "nothing new is no run"


def test_a_broken_installation_costs_one_warning(start: Callable, tmp_path: Path):
    (tmp_path / "wandb.py").write_text("raise ImportError('broken')")
    process = start("what=response", "archs=3", "workers=1", "logger=wandb")
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == 0, shown
    assert shown.count("Weights & Biases: no longer logged: ImportError: broken") == 1
    assert len(table(tmp_path)) == 3
