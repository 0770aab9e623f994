"""The drill that users can try: a command that goes on passes it, and one that does not is caught."""

import sys
from pathlib import Path

import pytest

from siamnas.testing import drill

GOES_ON = """
import os, time
for i in range(3):
    if not os.path.exists(str(i)):
        with open(f"{i}.part", "w") as file: file.write(str(i))
        os.replace(f"{i}.part", str(i))
    time.sleep(.02)
"""
FORGETS = """
import os, time
half = os.path.exists("begun")
open("begun", "w").close()
time.sleep(.05)
open("end", "w").write("half" if half else "whole")
"""


def alike(one: Path, other: Path) -> str:
    contents = [
        {path.name: path.read_text() for path in at.iterdir() if not path.name.endswith(".part")} for at in (one, other)
    ]
    return "" if contents[0] == contents[1] else f"{contents[1]} and not {contents[0]}"


def test_what_goes_on_passes_and_what_forgets_is_caught(tmp_path: Path):
    goes_on = list(drill([sys.executable, "-c", GOES_ON], tmp_path / "one", kills=4, compare=alike))
    assert [fault.name for fault in goes_on] == [
        "killed", "stopped and continued", "no space left", "a folder that can't be written"
    ]  # fmt: skip
    assert all(not fault.wrong for fault in goes_on), list(map(str, goes_on))
    assert str(goes_on[0]) == "killed, 4 times: ended as if undisturbed"
    killed = next(drill([sys.executable, "-c", FORGETS], tmp_path / "two", kills=4, compare=alike))
    assert "half" in killed.wrong


def test_a_command_that_fails_undisturbed(tmp_path: Path):
    with pytest.raises(RuntimeError, match="ends with status 3"):
        next(drill([sys.executable, "-c", "raise SystemExit(3)"], tmp_path))


@pytest.mark.slow
def test_a_job(tmp_path: Path):
    job = ["predictor=random", "space=tiny_nb201", "search.n=20", "repeats=3", "trainer.chunk=1", "logger=none"]
    for fault in drill([sys.executable, "-m", "siamnas.run", *job], tmp_path, kills=10):
        assert not fault.wrong, str(fault)
