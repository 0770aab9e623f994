"""The figures of the README show what its commands print, and those of the experiments what their tables say."""

from pathlib import Path

import pandas as pd
import pytest

from tests.report.test_look import SVG_TEXT
from tests.scripts.running import run
from tests.support import ROOT


@pytest.mark.slow
def test_the_terminal_and_the_cell(tmp_path: Path) -> None:
    run("tools/figures.py", tmp_path, folder=tmp_path)
    terminal, cell = ((tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("terminal", "cell"))
    assert "nb201_img16" in terminal and "result:" in terminal and "@font-face" not in terminal
    assert "nor_conv_3x3" in cell and "output" in cell


def test_figures_are_drawn_from_the_committed_tables(tmp_path: Path) -> None:
    drawn = {
        "held_out": ("budgets.csv", "cells-regret"),
        "figure7_pilot": ("table.csv", "nano_pilot-evaluated-k=5-10"),
        "pareto": ("fronts.csv", "flops-front"),
    }
    for folder, (name, _) in drawn.items():
        (tmp_path / folder).mkdir()
        copy(f"{folder}/{name}", tmp_path)
    copy("pareto/hypervolume.csv", tmp_path)
    run("experiments/redraw.py", tmp_path, folder=tmp_path)
    for folder, (_, stem) in drawn.items():
        made, kept = ((root / folder / f"{stem}.svg").read_text("utf-8") for root in (tmp_path, ROOT / "experiments"))
        assert SVG_TEXT.findall(made) == SVG_TEXT.findall(kept) != []
        assert (tmp_path / folder / f"{stem}.png").stat().st_size > 10_000
        assert (tmp_path / folder / f"{stem}-80mm.svg").is_file()


def copy(name: str, to: Path) -> None:
    """A table of the experiments, of fronts one benchmark of it."""
    table = pd.read_csv(ROOT / "experiments" / name)
    kept = table["benchmark"].str.endswith("FLOPs") if name.startswith("pareto") else table.index >= 0
    table[kept].to_csv(to / name, index=False)
