"""More than the memory that there is: a sentence with what was asked for and what is allowed, never a traceback."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from siamnas.errors import PartlyFailed
from siamnas.runtime import memory
from tests.support import ROOT, results

GREEDY = """
import numpy as np
from siamnas.predictors.random import Random

class Greedy(Random):
    def score(self, *given):
        return np.zeros(10**15)
"""
LIMIT = 8 << 30  # bytes of a process; torch and its libraries are in them


def limited(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """A command line of a process that may not take more."""
    return subprocess.run(
        [sys.executable, "-m", "siamnas", *words], cwd=folder, input=given, text=True, capture_output=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)), env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (MemoryError(), ""),
        (MemoryError("Unable to allocate 7.28 TiB for an array"), "Unable to allocate 7.28 TiB for an array"),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"), "Tried to allocate 20.00 GiB"),
        (RuntimeError("can't allocate memory: you tried to allocate 4 bytes"), "you tried to allocate 4 bytes"),
        (RuntimeError("can't start new thread"), "new thread"),
        (OSError(12, "Cannot allocate memory"), "Cannot allocate memory"),
        (ImportError("x.so: failed to map segment from shared object"), "x.so"),
    ],
    ids=repr,
)
def test_what_says_that_there_is_none(error: Exception, asked: str):
    with (
        pytest.raises(PartlyFailed, match=r"^not enough memory.*GiB; what is finished stays$") as said,
        memory.explained(),
    ):
        raise error
    assert asked in str(said.value)


@pytest.mark.parametrize("error", [RuntimeError("no"), OSError(13, "Permission denied"), ImportError("no x")], ids=repr)
def test_what_says_something_else(error: Exception):
    with pytest.raises(type(error)), memory.explained():
        raise error


def test_a_journal_that_does_not_fit(tmp_path: Path):
    """One that somebody has made long, without a byte on the disk."""
    journal = tmp_path / "j"
    assert limited(tmp_path, "search", "start", "j", "--space", "nb_macro", "--budget", "5").returncode == 0
    with (journal / "journal.jsonl").open("r+b") as file:
        file.truncate(LIMIT)
    done = limited(tmp_path, "search", "status", "j")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"not enough memory for {LIMIT:,} bytes" in " ".join(done.stderr.split())


def test_a_job_that_asks_for_more(tmp_path: Path):
    """The job before it stays."""
    (tmp_path / "greedy.py").write_text(GREEDY)
    words = ("space=nb_macro", "predictor=random", "repeats=2", "logger=none")
    assert limited(tmp_path, *words).returncode == 0
    done = limited(tmp_path, *words, "predictor._target_=greedy.Greedy", "trainer.threads=1")
    said = " ".join(done.stderr.split())
    assert done.returncode == 1 and "Traceback" not in said
    assert "error: not enough memory (Unable to allocate" in said and "ulimit -v allows 8.0 GiB" in said
    assert len(results(tmp_path)) == 1
