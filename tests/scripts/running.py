"""Run a script as a user does, in a process of its own."""

import subprocess
from pathlib import Path

from tests import warm
from tests.support import ROOT

EXAMPLES = ROOT / "examples"


def run(script: str, *words: object, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder.

    Args:
        script: its path in the repository.
        words: its arguments.
        folder: of the process.
        code: that it must end with.
    """
    return _python(ROOT / script, *words, folder=folder, code=code)


def siamnas(*words: object) -> subprocess.CompletedProcess[str]:
    """Run `siamnas` with the configs of the examples."""
    return _python("-m", "siamnas", *words, "hydra.searchpath=[file://conf]", folder=EXAMPLES, code=0)


def _python(*words: object, folder: Path, code: int) -> subprocess.CompletedProcess[str]:
    done = warm.run(words, folder)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done
