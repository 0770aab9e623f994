"""Training flushes denormal numbers to zero; whoever uses siamnas as a library keeps the arithmetic that they had."""

import subprocess
import sys

import pytest
import torch

from siamnas.training.lightning import flushed_denormals
from tests.support import ROOT

TINY = 1e-39  # below the smallest normal number of float32


def flushes() -> bool:
    return (torch.tensor(TINY) * 1).item() == 0


def test_only_within():
    before = flushes()
    with flushed_denormals():
        assert flushes()
    assert flushes() == before


@pytest.mark.slow  # `test_surroundings.py` does the same in one process
def test_a_search_leaves_the_processor_as_it_was():
    code = """
import siamnas, numpy
search = siamnas.Search("nb201_c100", "gcn", 8, overrides=["trainer=fast"])
while archs := search.ask(8):
    search.tell(archs, [float(arch) for arch in archs])
assert search.done and numpy.float64(5e-324) * 1.0 > 0, "denormal numbers are flushed"
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=100)
