"""Make the figures of the README: `python tools/figures.py docs/figures`; that of the page needs Chromium."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

import siamnas
from siamnas.runtime import drawing

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 96
COMMANDS = (
    ("predictor=random", "space=nb201_img16", "repeats=20", "logger=none"),
    ("predictor=forest", "space=nb201_img16", "repeats=20", "logger=none"),
    ("predictor=gp", "space=nb201_img16", "repeats=20", "logger=none"),
    ("report", "outputs", "--at", "30,60"),
)
FONT = re.compile(r"@font-face \{\{.*?\}\}", re.DOTALL)  # fonts of another server
PAGE = ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--window-size=1280,1780", "--virtual-time-budget=4000")


def main(out: Path) -> None:
    """Run the commands in an empty folder, and write what they show.

    Args:
        out: folder of the figures.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            shown = run(Path(folder), words)
            if words[0] == "predictor=gp":
                terminal(f"$ siamnas {' '.join(words)}\n{shown}", out / "terminal.svg")
        if chromium := shutil.which("chromium"):
            page = Path(folder, "outputs/report/index.html").as_uri()
            shot = f"--screenshot={out.resolve() / 'page.png'}"
            subprocess.run([chromium, *PAGE, shot, page], check=True, capture_output=True)
    cell(out / "cell.svg")


def run(folder: Path, words: tuple[str, ...]) -> str:
    """What a command prints to a terminal with colours."""
    surroundings = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "siamnas", *words]
    return subprocess.run(command, cwd=folder, env=surroundings, check=True, capture_output=True, text=True).stdout


def terminal(text: str, file: Path) -> None:
    """A text with escape codes as a figure."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(text.rstrip()))
    made = console.export_svg(title="siamnas", code_format=FONT.sub("", CONSOLE_SVG_FORMAT), unique_id="siamnas")
    file.write_text(made, encoding="utf-8")


def cell(file: Path) -> None:
    """The best cell of NAS-Bench-201 on ImageNet16-120, as a search of 30 evaluations finds it."""
    matplotlib.use("Agg")
    best = siamnas.run("nb201_img16", "gp", repeats=1, out=tempfile.mkdtemp(), overrides=["search.n=30"]).best
    search = siamnas.Search("nb201_img16", budget=2)
    arch = search.catalog.architecture(int(best["index"].iloc[0]))
    figure = arch.plot().get_figure(root=True)
    assert figure is not None
    file.write_text(drawing.render(figure)[0], encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
