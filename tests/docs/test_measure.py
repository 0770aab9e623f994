"""The code in docs/measure.md runs as it is printed."""

import re
from pathlib import Path

import pytest

from tests.support import ROOT

BLOCKS = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "measure.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_a_script_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(block, names)
    if "for images, targets in" in block:
        assert names["images"].shape[1:] == (3, 32, 32) and names["targets"].shape[1:] == (10,)
