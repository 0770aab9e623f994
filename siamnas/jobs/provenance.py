"""Where a result comes from: versions, commit, machine; and what of it another version has computed."""

import functools
import hashlib
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import siamnas
from siamnas.config.translate import TARGET
from siamnas.experiment.identity import parts

OURS = Path(siamnas.__file__).parent
INSTALLED = tuple(map(sysconfig.get_paths().__getitem__, ("stdlib", "platstdlib", "purelib", "platlib")))
COMMIT = 8  # digits of a commit that are shown
PACKAGES = ("torch", "pytorch-lightning", "numpy", "scipy", "hydra-core", "wandb")


def origin() -> dict[str, Any]:
    """All that follows, under the names that it has in a result."""
    return {"versions": versions(), "commit": commit(), "machine": machine()}


@functools.cache
def versions() -> dict[str, str]:
    """Versions of what the numbers depend on, without importing it."""
    found = {"siamnas": siamnas.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


@functools.cache
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


def author(origin: Mapping[str, Any]) -> str:
    """The version of siamnas that has computed something, and its commit where that is known.

    Args:
        origin: holds what `origin` returns; anything where an earlier version has written less.
    """
    versions, commit = origin.get("versions"), origin.get("commit")
    version = versions.get("siamnas") if isinstance(versions, Mapping) else None
    known = f" ({commit[:COMMIT]}{'+' * ('+' in commit)})" if isinstance(commit, str) else ""
    return f"siamnas {str(version)[:40]}{known}" if version else "an earlier siamnas"


def own_code(config: Mapping[str, Any]) -> dict[str, str]:
    """Name of each class of a configuration that is neither ours nor installed -> the sha256 of the file it is in.

    Nothing is imported for that: the configuration may be of anybody.
    """
    found = {}
    for _, fields in parts(config):
        name = str(fields[TARGET])
        module, _, attribute = name.rpartition(".")
        made = getattr(sys.modules.get(module), attribute, None)
        file = Path(getattr(sys.modules.get(getattr(made, "__module__", "")), "__file__", None) or ".")
        if file.is_file() and not any(file.is_relative_to(place) for place in (str(OURS), *INSTALLED)):
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def of_parts(codes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """`own_code` of all parts of a result; a class whose code differs among them has no digest that could be right."""
    first = dict(codes[0])
    return first if all(code == first for code in codes) else {name: "" for code in codes for name in code}


def shares(parts: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, int]:
    """Author -> number of repeats, for the parts of a result: (repeats, origin) each."""
    found: dict[str, int] = {}
    for repeats, meta in parts:
        found[author(meta)] = found.get(author(meta), 0) + repeats
    return found


def taken_over(meta: Mapping[str, Any]) -> str:
    """What of a result was computed by other code than now, in a sentence; empty for nothing.

    Args:
        meta: of the result.
    """
    return "; ".join(filter(None, (_of_another_version(meta), _of_other_code(meta))))


def _of_other_code(meta: Mapping[str, Any]) -> str:
    """The classes of the user whose files have changed since a result was begun."""
    then, config = meta.get("own_code"), meta.get("config")
    if not isinstance(then, Mapping) or not isinstance(config, Mapping) or not then:
        return ""
    now = own_code(config)
    changed = sorted(str(name) for name in then if name in now and then[name] != now[name])
    if not changed:
        return ""
    return f"its code has changed since: {', '.join(changed)}; raise its results_version to compute it again"


def _of_another_version(meta: Mapping[str, Any]) -> str:
    """What of a result was computed by another version of siamnas than this one."""
    by, repeats = meta.get("computed_by"), meta.get("config", {}).get("repeats")
    by = by if isinstance(by, Mapping) else {author(meta): repeats}
    this = author({"versions": versions(), "commit": commit()})
    others = {who: count for who, count in by.items() if who != this}
    if not others:
        return ""
    stated = meta.get("results_versions")
    known = stated.items() if isinstance(stated, Mapping) else ()
    of = ", ".join(f"{part} {version}" for part, version in known)
    said = ", ".join(f"{count} of {repeats} repeats by {who}" for who, count in others.items())
    return f"taken over: {said} (results versions: {of or 'all 1'})"


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
