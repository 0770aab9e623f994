"""The documentation is what it shows: the blocks are the files, they are short, and the commands run."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests import warm
from tests.support import ROOT, python

TEXT = (ROOT / "docs" / "extend.md").read_text()
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
FILES = [(path, code) for _, path, code in BLOCKS if path]
COMMANDS = [line for kind, _, code in BLOCKS if kind == "sh" for line in code.splitlines()]
TINY = ("search.n=8", "repeats=2", "logger=none")


def test_every_kind_of_extension_has_its_files_and_a_command() -> None:
    kinds = ("predictor", "space", "acquisition", "search", "network")
    configs = [path for path, _ in FILES if path.endswith(".yaml")]
    assert [Path(path).parent.name for path in configs] == list(kinds)
    assert len(FILES) == 2 * len(kinds) + 1 and len(COMMANDS) == len(kinds) - 1  # networks are for scripts
    assert {path for path, _ in FILES if path.endswith(".py")} == {
        str(path.relative_to(ROOT)) for path in (ROOT / "examples").glob("*own*.py")
    }, "every example is shown"


@pytest.mark.parametrize(("path", "code"), FILES, ids=[path for path, _ in FILES])
def test_a_block_is_its_file_and_short(path: str, code: str) -> None:
    assert code == (ROOT / path).read_text()
    assert len(code.splitlines()) < 40


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command: str, tmp_path: Path) -> None:
    program, *words = shlex.split(command)
    assert program == "siamnas"
    ranked = [] if "search=anneal" in words else ["search.k=2"]
    done = run("-m", "siamnas", *words, *TINY, *ranked, f"out={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.rglob("result.npz"))) == 1


def test_a_search_of_ones_own_finds_them_too() -> None:
    (call,) = re.findall(r"^    (siamnas\.Search\(.*\))$", TEXT, re.MULTILINE)
    done = run("-c", f"import own_space, siamnas\nspace = own_space.chains(4)\nprint(len({call}.ask(5)))")
    assert done.stdout == "5\n", done.stderr


def test_a_network_of_ones_own_is_built_and_counted() -> None:
    lines = re.findall(r"^    (from .*|(?:networks?|cost) = .*)$", TEXT, re.MULTILINE)
    assert len(lines) == 4
    shown = "print(space.archs[0], cost.params, cost.multiply_adds)"
    done = run("-c", "\n".join(["import own_space, siamnas", "space = own_space.chains(4)", *lines, shown]))
    # Stem with its bias, four 3x3 convolutions with batch norm, classifier with its bias.
    params, products = 27 * 16 + 16 + 4 * (144 * 16 + 32) + 170, 1024 * (27 * 16 + 4 * 144 * 16) + 160
    assert done.stdout == f"conv3x3-conv3x3-conv3x3-conv3x3 {params} {products}\n", done.stderr


def test_the_classes_fulfil_their_contracts() -> None:
    (command,) = re.findall(r"^    python (-m pytest .*)$", TEXT, re.MULTILINE)
    words = [*shlex.split(command), "-n", "0", "-p", "no:cacheprovider"]
    done = python(ROOT / "examples", ROOT, *words)  # pytest has to import what it rewrites
    assert done.returncode == 0, done.stdout
    assert re.search(r" \d\d passed in ", done.stdout), "each contract has many checks"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Python in the folder of the examples."""
    return warm.run(words, ROOT / "examples")
