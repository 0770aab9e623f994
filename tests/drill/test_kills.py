"""Killed forty times at any moment, everything goes on, ends as if undisturbed, and does nothing twice."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import siamnas
from siamnas.jobs.lease import LEASE
from siamnas.jobs.store import PARTS, RESULT, Result
from siamnas.search.journal import FILE
from tests.drill.kills import command, killed, whole
from tests.drill.results import arrays, results, same
from tests.measure.conftest import SMALL, named
from tests.search.ask_tell import finish, graphs

pytestmark = pytest.mark.slow

TRAINED = command(
    "predictor=siams", "trainer=debug", "trainer.epochs=2", "trainer.chunk=1", "space=tiny_nb201", "repeats=6",
    "space.constraints=[flops<=15]", "search.n=8", "search.k=5", "logger=none",
)  # fmt: skip
SWEEP = command("-m", "predictor=random,column", "search.n=10,20", "repeats=2", "logger=none", "trainer.chunk=1")
MEASURED = command("measure", *SMALL, "what=response", "archs=12", "workers=1")


def test_a_job(tmp_path: Path):
    seconds = whole(TRAINED, tmp_path / "plain")
    for folder in killed(TRAINED, tmp_path / "killed", seconds, 1, repeats_on_disk):
        same(arrays(folder), arrays(tmp_path / "plain"))
        assert not list(folder.rglob(LEASE)) and not list(folder.rglob(PARTS))


def repeats_on_disk(folder: Path) -> dict[Any, Any]:
    """Repeat -> the bytes of what was found; in its part, or in the result that has taken its place."""
    files = [*folder.rglob(f"{PARTS}/[0-9]*.npz"), *folder.rglob(RESULT)]
    found: dict[int, Any] = {}
    for path in files:
        own = Result.load(path).arrays
        found |= {int(i): own["best"][row].tobytes() for row, i in enumerate(own["seed"])}
    return found


def test_a_sweep(tmp_path: Path):
    seconds = whole(SWEEP, tmp_path / "plain")
    for folder in killed(SWEEP, tmp_path / "killed", seconds, 2, results):
        same(arrays(folder), arrays(tmp_path / "plain"))
        assert len(results(folder)) == 4 and not list(folder.rglob(LEASE))


def test_a_search_of_ones_own(tmp_path: Path):
    space = graphs()

    def run() -> None:
        with siamnas.Search(space, "forest", 40, journal="journal") as search:
            finish(search)

    def lines(folder: Path) -> dict[int, bytes]:
        path = folder / "journal" / FILE
        content = path.read_bytes() if path.exists() else b""
        return dict(enumerate(content.splitlines(keepends=True)[: content.count(b"\n")]))

    def told(folder: Path) -> dict[int, float | None]:
        entries = [json.loads(line) for line in lines(folder).values()]
        tells = [dict(zip(e["tell"], e["values"], strict=True)) for e in entries if "tell" in e]
        found = {arch: value for tell in tells for arch, value in tell.items()}
        assert len(found) == sum(map(len, tells)), "nothing is told twice"
        return found

    seconds = whole(run, tmp_path / "plain")
    for folder in killed(run, tmp_path / "killed", seconds, 3, lines):
        assert told(folder) == told(tmp_path / "plain")


def test_a_measurement(tmp_path: Path):
    def rows(folder: Path) -> dict[str, bytes]:
        found = [line for path in folder.rglob("rows/*.jsonl") for line in path.read_bytes().splitlines(keepends=True)]
        return {json.loads(line)["arch"]: line for line in found if line.endswith(b"\n")}

    def table(folder: Path) -> list[dict[str, str]]:
        (path,) = folder.rglob("table.csv")
        with path.open(newline="") as file:
            return [{key: cell for key, cell in row.items() if key != "seconds"} for row in csv.DictReader(file)]

    seconds = whole(MEASURED, tmp_path / "plain")
    for folder in killed(MEASURED, tmp_path / "killed", seconds, 4, rows):
        assert table(folder) == table(tmp_path / "plain")
        assert len(named(folder)) == len(set(named(folder))) == 12
