"""Where searches are stuck, on as little as it takes, and what is said of it."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from siamnas.referee import methods, tasks
from siamnas.referee.searches import search
from tests.scripts import claimed
from tests.scripts.running import run
from tests.support import ROOT

FOLDER = ROOT / "experiments/stuck"


@pytest.mark.slow
def test_searches_are_judged(tmp_path: Path) -> None:
    arena = tasks.arena(tasks.of("nano_pilot"))
    rows = tmp_path / "rows" / "nano_pilot,1"
    rows.mkdir(parents=True)
    for row in search(methods.of("random"), arena, range(2), 20, 60):
        (rows / f"{row.seed}.json").write_text(json.dumps(asdict(row)))
    words = "--tasks tiny_nb201 --options gp,onehot --seeds 2".split()
    for _ in range(2):  # the second time nothing is left to do
        run("experiments/stuck/run.py", *words, "--out", tmp_path, folder=tmp_path)
    run("experiments/stuck/run.py", *words, "--out", tmp_path, "--rows", tmp_path / "rows", folder=tmp_path)
    found = pd.read_csv(tmp_path / "stuck.csv").set_index(["option", "first", "task"])
    assert len(found) == 3 and (tmp_path / "pairs.csv").exists()
    assert (found["seen"] <= found["regret"]).all() and (found["agreement"] == 1).all()
    own = found.loc[("gp", 0, "nano_pilot")]
    assert own["optimum"] < 1 and own["behind"] > 0 and own["regret"] == own["seen"] > 0
    assert 0 <= own["rank"] < 180


def test_what_is_said_of_options_is_in_their_table() -> None:
    assert not claimed.wrong(FOLDER)


def test_the_table_of_tasks_is_that_of_the_searches() -> None:
    found = pd.read_csv(FOLDER / "stuck.csv")
    own = found[found["first"] == 0].set_index("task")
    lines = [line.strip("| \n").split(" | ") for line in (FOLDER / "README.md").read_text().splitlines()]
    rows = {cells[0]: cells[1:] for cells in lines if cells[0] in own.index}
    assert set(rows) == set(own.index)
    for task, cells in rows.items():
        row = own.loc[task]
        shown = [f"{row[name]:.2f}" for name in ("optimum", "stuck")] + [f"{row['behind']:.4f}"]
        shown += [f"{row[name]:.3f}" for name in ("regret", "seen", "floor")] + [f"{row['agreement']:.2f}"]
        shown += ["\N{EN DASH}"] * 2 if pd.isna(row["off"]) else [f"{row['off']:.1f}", f"{row['rank']:.0f}"]
        assert cells == shown, task


def test_the_table_of_options_is_that_of_the_pairs() -> None:
    pairs = pd.read_csv(FOLDER / "pairs.csv").set_index(["measure", "method"])
    lines = [line.strip("| \n").split(" | ") for line in (FOLDER / "README.md").read_text().splitlines()]
    rows = {cells[0]: cells[2:] for cells in lines if len(cells) == 5}
    options = [method for measure, method in pairs.index if measure == "behind"]
    for option in options:
        seats = ("regret", option), ("regret", f"{option}, posterior"), ("behind", option)
        assert rows[option] == [claimed.told(pairs.loc[seat]) for seat in seats]
    assert rows["gp"][1] == claimed.told(pairs.loc[("regret", "gp, posterior")]) and len(options) == 6
