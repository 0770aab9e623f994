"""Which cells of sweeps are done, running, failed, interrupted or missing, and the commands that finish them.

Run as: siamnas status DIR...   (or: python -m siamnas.status DIR...)
"""

import argparse
import shlex
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.table import Table

from siamnas import terminal
from siamnas.errors import InputError
from siamnas.jobs import claim, summary, sweeps
from siamnas.jobs.store import PARTS, RESULT
from siamnas.jobs.sweeps import Sweep

STATES = ("done", "running", "failed", "interrupted", "missing")
COLOURS = {"done": "green", "running": "cyan", "failed": "red", "interrupted": "yellow", "missing": "yellow"}
RUN = "python -m siamnas.run"


@dataclass(frozen=True)
class Cell:
    """One job that was started or asked for.

    Attributes:
        state: one of `STATES`.
        root: the folder that it shares with the other jobs of its name.
        name: path of its folder below `root`, or what tells it from the others of its sweep.
        overrides: the words that make it; None where nothing tells.
        detail: what there is to say about its state.
    """

    state: str
    root: Path
    name: str
    overrides: tuple[str, ...] | None
    detail: str = ""

    @property
    def key(self) -> frozenset[str]:
        """Equal for two commands of one root that make the same job in other words."""
        return _key(self.overrides or ())

    @property
    def command(self) -> str:
        """What computes this cell alone."""
        words = [*_without_place(self.overrides or ()), *_place(self.root)]
        if any(word.startswith("experiment=") for word in words):
            words.append("hydra.mode=RUN")  # an experiment may be a sweep by itself
        return f"{RUN} {shlex.join(words)}"


def find(folders: list[Path]) -> tuple[list[Cell], list[Sweep]]:
    """All cells and sweeps below some folders; a cell of several sweeps is there once.

    Raises:
        InputError: a folder does not exist, or there is nothing in any of them.
    """
    cells: dict[Path, Cell] = {}
    asked: list[Sweep] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder")
        for name in (RESULT, claim.RECORD):
            cells |= {path.parent.absolute(): look(path.parent.absolute()) for path in folder.rglob(name)}
        asked += [sweep for sweep in sweeps.read(folder.absolute()) if sweep not in asked]
    found = list(cells.values())
    for sweep in asked:
        found += _missing(sweep, [cell for cell in found if cell.root == sweep.root])
    if not found:
        raise InputError(f"{', '.join(map(str, folders))}: no job has been started there")
    return found, asked


def look(folder: Path) -> Cell:
    """The state of the job whose folder this is."""
    root = folder.parents[min(2, len(folder.parents) - 1)]  # <root>/<space>/<predictor>/<n=..>
    record = claim.read_record(folder)
    name = str(folder.relative_to(root))
    overrides = tuple(record["overrides"]) if "overrides" in record else None
    if (result := folder / RESULT).exists():
        if zipfile.is_zipfile(result):
            return Cell("done", root, name, overrides)
        return Cell("failed", root, name, overrides, f"{RESULT} is damaged; delete it to have it computed again")
    parts = _repeats_on_disk(folder)
    whole = record.get("config", {}).get("repeats")
    saved = f"{parts} of {summary.plural(whole, 'repeat')} on disk" if parts else ""
    path = folder / claim.CLAIM
    if claim.is_held(path):
        return Cell("running", root, name, overrides, _join(claim.read_holder(path), saved))
    if record.get("state") == "failed":
        return Cell("failed", root, name, overrides, _join(record.get("error"), saved))
    return Cell("interrupted", root, name, overrides, saved or "nothing on disk yet")


def table(cells: Iterable[Cell]) -> Table:
    """One row per cell."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown.add_column("state", no_wrap=True)
    shown.add_column("cell", overflow="fold")
    shown.add_column("", overflow="fold")
    for cell in cells:
        shown.add_row(f"[{COLOURS[cell.state]}]{cell.state}[/]", cell.name, cell.detail.replace("[", "\\["))
    return shown


def sweep_command(sweep: Sweep) -> str:
    """What started a sweep, for the same folder."""
    return f"{RUN} -m {shlex.join([*_without_place(sweep.words), *_place(sweep.root)])}"


def show(cells: list[Cell], asked: list[Sweep], everything: bool) -> None:
    """Print the counts, the cells that are not done, and what finishes them."""
    counts = Counter(cell.state for cell in cells)
    said = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    terminal.out.print(f"{summary.plural(len(cells), 'cell')}: {said}", highlight=False)
    cells = sorted(cells, key=lambda cell: (STATES.index(cell.state), str(cell.root), cell.name))
    if rows := [cell for cell in cells if everything or cell.state != "done"]:
        terminal.out.print("", table(rows))
    if not (lines := commands(cells)):
        return
    keys = {(cell.root, cell.key) for cell in unfinished(cells)}
    whole = [s for s in asked if any((s.root, _key(cell)) in keys for cell in s.cells)]
    if whole:
        _print("\nThe same sweep computes what is missing:", *map(sweep_command, whole))
    _print("\nOne by one:" if whole else "\nTo finish:", *lines)


def unfinished(cells: Iterable[Cell]) -> list[Cell]:
    """The cells that nobody is computing."""
    return [cell for cell in cells if cell.state not in ("done", "running")]


def commands(cells: Iterable[Cell]) -> list[str]:
    """One command per unfinished cell, ready to paste."""
    return [cell.command for cell in unfinished(cells) if cell.overrides is not None]


def main(arguments: list[str] | None = None) -> None:
    """Entry point of `siamnas status` and of `python -m siamnas.status`."""
    parser = argparse.ArgumentParser(
        "siamnas status", description="Which cells are done, running, failed, interrupted or missing."
    )
    parser.add_argument("dir", nargs="+", type=Path, help="outputs, or a folder below it")
    parser.add_argument("--all", action="store_true", help="list the cells that are done, too")
    parser.add_argument("--commands", action="store_true", help="print only what finishes the others, a line for each")
    options = parser.parse_args(arguments)
    try:
        cells, asked = find(options.dir)
    except InputError as error:
        terminal.complain(str(error))
        sys.exit(2)
    if options.commands:
        _print(*commands(cells))
    else:
        show(cells, asked, options.all)


def _missing(sweep: Sweep, there: list[Cell]) -> list[Cell]:
    """The cells of a sweep that were never started; `there` are the cells of its root that were."""
    keys = {cell.key for cell in there if cell.overrides is not None}
    open_cells = [cell for cell in sweep.cells if _key(cell) not in keys]
    asked = {_key(cell) for cell in sweep.cells}
    # A cell may have been computed with other words; composing tells, but is slow.
    others = {cell.name for cell in there if cell.overrides is None or cell.key not in asked}
    common = set.intersection(*map(set, sweep.cells)) if len(sweep.cells) > 1 else set()
    missing = []
    for overrides in open_cells:
        name = " ".join(word for word in overrides if word not in common)
        place = ""
        if others:
            try:
                place = _compose(overrides)
            except InputError as error:
                missing.append(Cell("failed", sweep.root, name, overrides, str(error)))
                continue
        if place not in others:
            missing.append(Cell("missing", sweep.root, name, overrides))
    return missing


def _compose(overrides: tuple[str, ...]) -> str:
    """The path of a job's folder below its root."""
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException

    from siamnas import cli, config

    words = [word for word in overrides if not word.startswith("cluster=")]  # may need a plugin, changes no numbers
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(cli.CONF_DIR), version_base="1.3"):
            cfg = compose("config", words, return_hydra_config=True)
    except HydraException as error:
        raise InputError(str(error).partition("\n")[0]) from error
    choices = dict(cfg.hydra.runtime.choices)
    del cfg.hydra
    return config.load(cfg, choices).cell


def _repeats_on_disk(folder: Path) -> int:
    """Repeats in the parts that a job has saved."""
    spans = [path.stem.split("-") for path in (folder / PARTS).glob("*-*.npz")]
    return sum(int(last) - int(first) + 1 for first, last in spans)


def _without_place(words: Iterable[str]) -> list[str]:
    return [word for word in words if word.lstrip("+").partition("=")[0] not in ("out", "name")]


def _key(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_without_place(words))


def _place(root: Path) -> list[str]:
    """The overrides that lead to a root, relative where it lies below the current folder."""
    out = root.parent
    if out.is_relative_to(Path.cwd()):
        out = out.relative_to(Path.cwd())
    return [f"out={out}", f"name={root.name}"]


def _join(*parts: object) -> str:
    return "; ".join(str(part) for part in parts if part)


def _print(*lines: str) -> None:
    for line in lines:
        terminal.out.print(line, markup=False, highlight=False)


if __name__ == "__main__":
    main()
