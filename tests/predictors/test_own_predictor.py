"""A predictor of the user's own, as the example shows it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from siamnas.cli import status
from tests.support import ROOT, Outcome

EXAMPLES = ROOT / "examples"


def own(*words: str) -> Outcome:
    """As the example says: in its folder, which Python then finds the module in."""
    done = subprocess.run(
        [sys.executable, "-m", "siamnas.run", *words, "logger=none"],
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_a_predictor_of_the_users_own(tmp_path: Path):
    words = ("--config-dir", "conf", "predictor=neighbours", "repeats=2", f"out={tmp_path}")
    shown = own("-m", *words, "search.n=20,30")
    assert shown.code == 0, shown.err
    (folder,) = tmp_path.glob("default/nb201_c100/neighbours/n=30,*")
    (folder / "result.npz").unlink()
    (folder / "job.json").unlink()
    jobs, _ = status.find([tmp_path])
    assert [job.state for job in jobs] == ["done", "missing"]
    (command,) = status.commands(jobs)
    assert str(EXAMPLES / "conf") in command, "the command must find the config again"
    again = own(*shlex.split(command.removeprefix(f"{status.RUN} ")))
    assert again.code == 0, again.err
    assert (folder / "result.npz").exists()

    wrong = own(*words, "predictor.sharpnes=2")
    assert wrong.code == 2
    assert "unknown key predictor.sharpnes (did you mean predictor.sharpness" in wrong.err
