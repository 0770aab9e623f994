"""An installed wheel is enough: what the README and docs/start.md show works in an empty folder, without a checkout."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT, python


@pytest.mark.slow
def test_a_wheel_is_enough(tmp_path: Path):
    wheels, site, empty = tmp_path / "wheels", tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run(build, check=True, timeout=300)
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)

    def run(*words: str) -> str:
        done = python(empty, site, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("-c", "import siamnas; print(siamnas.__file__)").startswith(str(site))
    assert (site / "siamnas/py.typed").exists()
    (example,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert run("-c", example).startswith("Best(index=")
    quick = ("predictor=random", "repeats=2", "logger=none")
    assert "2 repeats" in run("-m", "siamnas", *quick)
    assert "experiment" in run("-m", "siamnas", "--help")
    (result,) = empty.rglob("result.npz")
    assert "agree bit for bit" in run("-m", "siamnas", "rerun", str(result))
    assert "1 done" in run("-m", "siamnas", "status", "outputs")
    assert "report: outputs/report/index.html" in run("-m", "siamnas", "report", "outputs")
    assert "measured:" in run(
        "-m", "siamnas", "measure", "what=flops", "space=nano", "archs=3", "network=nano", *quick[2:]
    )
