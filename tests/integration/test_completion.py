"""Completion in a shell, as docs/install.md has it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DRIVE = """
eval "$(siamnas --shell-completion install=bash)"
COMP_LINE="$1"; COMP_WORDS=($1); COMP_CWORD=1; COMP_POINT=${#1}
hydra_bash_completion
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("siamnas predictor=gp", {"predictor=gp", "predictor=gp_2026"}),
        ("siamnas acquisi", {"acquisition=", "acquisition."}),
    ],
)
def test_bash_completes_groups_and_options(line: str, offered: set[str]):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", DRIVE, "bash", line],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(done.stdout.split()) == offered, done.stderr
