"""The figures of the README show what its commands print."""

from pathlib import Path

import pytest

from tests.scripts.running import run


@pytest.mark.slow
def test_the_terminal_and_the_cell(tmp_path: Path) -> None:
    run("tools/figures.py", tmp_path, folder=tmp_path)
    terminal, cell = ((tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("terminal", "cell"))
    assert "nb201_img16" in terminal and "result:" in terminal and "@font-face" not in terminal
    assert "nor_conv_3x3" in cell and "output" in cell
