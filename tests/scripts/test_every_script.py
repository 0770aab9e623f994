"""Every script of the repository is run by a test of this folder, as a process or by one that is."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from tests.support import ROOT

FOLDERS = ("experiments", "examples", "tools")
EXTEND = (ROOT / "docs" / "extend.md").read_text()
TESTED = {f"examples/{name}" for name in re.findall(r"^    python -m pytest (\S+)$", EXTEND, re.MULTILINE)}
"""Run by `tests/docs/test_extend.py`."""
SITE = "tools/site/"  # run by MkDocs, which `.ci/run --full` does
RIVALS = "experiments/rivals/"
"""Need packages that do not install together; `test_rivals.py` runs the one whose package the extras have."""


def test_every_script_is_run() -> None:
    scripts = set(committed())
    assert len(scripts) > 15 and not scripts - ran(scripts)


def test_one_that_no_test_runs_is_found() -> None:
    new = {"experiments/speed/new.py", "examples/own_logger.py"}
    scripts = {*committed(), *new}
    assert scripts - ran(scripts) == new


def committed() -> list[str]:
    """The scripts, and those that are not committed yet."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *FOLDERS)
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [
        path
        for path in found
        if path.endswith(".py") and (ROOT / path).exists() and not path.startswith((RIVALS, SITE))
    ]


def ran(scripts: Iterable[str]) -> set[str]:
    """Those that are the first argument of `run`, that a word of `siamnas` chooses, or that these import."""
    found: set[str] = set()
    words: set[str] = set()
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        tree = ast.parse(path.read_text())
        if path.name != Path(__file__).name:
            found |= {call.args[0].value for call in calls(tree, "run") if isinstance(call.args[0], ast.Constant)}
            words |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and is_choice(node.value)}
    left = [*found, *(f"examples/{name}.py" for name in chosen(words)), *TESTED]
    done: set[str] = set()
    while left:
        if (script := left.pop()) in scripts and script not in done and (ROOT / script).exists():
            done.add(script)
            left += [str(Path(script).with_name(f"{name}.py")) for name in imported(ROOT / script)]
    return done


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and node.args:
            yield node


def is_choice(value: object) -> bool:
    """Whether a constant is a word such as `space=chains`."""
    return isinstance(value, str) and re.fullmatch(r"\w+=\w+", value) is not None


def chosen(words: Iterable[str]) -> set[str]:
    """Modules of the targets of the configs that words choose."""
    paths = (ROOT / "examples" / "conf" / Path(*word.split("=")).with_suffix(".yaml") for word in words)
    return {yaml.safe_load(path.read_text())["_target_"].split(".")[0] for path in paths if path.exists()}


def imported(path: Path) -> set[str]:
    """Names of the modules that a file imports as wholes or parts of."""
    tree = ast.parse(path.read_text())
    wholes = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return wholes | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
