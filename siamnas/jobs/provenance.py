"""Where a result comes from: versions, commit, machine."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import siamnas

PACKAGES = ("torch", "pytorch-lightning", "numpy", "scipy", "hydra-core", "wandb")


def origin() -> dict[str, Any]:
    """All that follows, under the names that it has in a result."""
    return {"versions": versions(), "commit": commit(), "machine": machine()}


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on, without importing it."""
    found = {"siamnas": siamnas.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def commit() -> str | None:
    """The commit of the checkout that the package runs from, `+changes` if it is modified; None outside a checkout."""
    root = Path(siamnas.__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def machine() -> dict[str, str | int]:
    """The machine in a few words; `cpu` is its processor's name, empty where the system does not tell."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
    }


def _cpu() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
