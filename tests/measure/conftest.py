"""`siamnas measure` with small images and networks, in this process and as one of its own."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import ROOT, Outcome

CONF = Path(__file__).parent / "conf"
SMALL = ("--config-dir", str(CONF), "images=noise", "network=nb201_reduced", "network.width=2", "logger=none")
Table = dict[str, dict[str, str]]


def table(folder: Path) -> Table:
    """The only table below a folder: architecture -> column -> cell."""
    (path,) = folder.rglob("table.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["arch"]: row for row in csv.DictReader(file)}


def lines(folder: Path) -> list[dict]:
    """All rows on disk that are whole."""
    found = [line for path in folder.rglob("rows/*.jsonl") for line in path.read_text().splitlines(keepends=True)]
    return [json.loads(line) for line in found if line.endswith("\n")]


def named(folder: Path) -> list[str]:
    """The architectures of all rows."""
    return [row["arch"] for row in lines(folder)]


@pytest.fixture
def measure(siamnas, tmp_path: Path) -> Callable[..., Outcome]:
    """The command in this process, one worker; results lie below `tmp_path`."""

    def call(*words: str) -> Outcome:
        return siamnas("measure", *SMALL, "workers=1", f"out={tmp_path}", *words)

    return call


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """The command as a process that goes on in the background; ended with the test."""
    started: list[subprocess.Popen] = []

    def begin(*words: str, **environment: str) -> subprocess.Popen:
        flags = [word for word in words if word.startswith("-")]
        command = [sys.executable, "-m", "siamnas", "measure", *flags, *SMALL, *(w for w in words if w not in flags)]
        paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        started.append(
            subprocess.Popen(
                command,
                cwd=tmp_path,
                env={**os.environ, **paths, **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
