"""The experiment on MnasNet and once-for-all, and the tool that fits their surrogates."""

import re
from pathlib import Path

import pytest

from siamnas.benchmarks import shipped
from tests.scripts.running import run
from tests.support import ROOT

REAL = ROOT.parent / "shared" / "data"  # the archives, where there are any
FILES = ("accel_nasbench.npz", "gpt_perplexity.npz", "mnasnet_boosted.npz", "ofa_boosted.npz")


@pytest.mark.slow
def test_real_spaces(tmp_path: Path) -> None:
    words = ("--seeds", "0:1", "--spaces", "mnasnet", "--methods", "largest by macs,climb")
    shown = [run("experiments/real_spaces/run.py", *words, folder=tmp_path).stdout for _ in range(2)]
    assert shown[0] == shown[1], "what is done is not done again"
    assert re.search(r"mnasnet, best known [\d.]+, climb: [\d.]+ \(0.000\) @1; 1 runs", shown[0])


@pytest.mark.slow
def test_surrogates(tmp_path: Path) -> None:
    if not REAL.is_dir():
        pytest.skip("the archives are not here")
    shown = run("tools/build_surrogates.py", REAL, "--out", tmp_path, folder=tmp_path).stdout
    assert "mnasnet: 5,125 networks, cross-validated tau 0.91" in shown
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (shipped.DATA / name).read_bytes()
