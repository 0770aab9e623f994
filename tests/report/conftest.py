"""A real sweep to report."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two methods that need no training, two values of N, six repeats."""
    root = tmp_path_factory.mktemp("swept")
    sweep = ("-m", "predictor=random,column", "search.n=20,30", "search.depth=60", "repeats=6", "logger=none")
    command = [sys.executable, "-m", "siamnas.run", *sweep, f"out={root}", "name=sweep"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return root / "sweep"


@pytest.fixture
def sweep(swept: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(swept, tmp_path / "sweep")
