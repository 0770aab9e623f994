"""The light installation: ask and tell, described spaces, tables and journals work; what lacks a package says so."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from siamnas.runtime.packages import LEFT_OUT, Missing, missing
from tests.support import ROOT

PINNED = "requirements-light.txt"
LARGEST = 400  # MB of an environment
SEARCHES = """
import sys
import siamnas

{readme}
best = search.best()
search.close()
for table in ("t.csv", "t.jsonl", "t.npz"):
    assert len(siamnas.Search(table, budget=4).ask()) == 1
    space = siamnas.Space.of_table(table, columns=["flops"])
    with siamnas.Search(space, budget=4, journal=table + "_search") as search:
        while archs := search.ask():
            search.tell(archs, [arch.columns["flops"] for arch in archs])
again = siamnas.Search.open("my_search")
assert again.done and again.best() == best
left_out = {left_out!r}
assert not (found := [name for name in left_out if name in sys.modules]), found
"""
REFUSED = """
import siamnas

def said(act):
    try:
        act()
    except (siamnas.InputError, ImportError) as error:
        print(error)

said(lambda: siamnas.Search("nb201_c10", predictor="forest"))
said(lambda: siamnas.Search("nb201_c10", predictor="siams"))
said(lambda: siamnas.Search.open("my_search").history())
said(lambda: siamnas.Search.open("my_search").predict("0"))
said(lambda: siamnas.Search.open("my_search").plot())
said(lambda: siamnas.Search.open("my_search").best().plot())
siamnas.run(predictor="gp", repeats=1)
said(lambda: siamnas.results("outputs"))
"""


def readme() -> str:
    """The example of the README."""
    (example,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    return example


def tables(folder: Path) -> None:
    """One small table in three formats, as `siamnas.Space` reads them."""
    import json

    import numpy as np

    inner = ["conv", "pool", "conv conv", "conv pool", "pool conv", "pool pool"]
    names = [f"in {operations} out" for operations in inner]
    edges = ["0-1 1-2", "0-1 1-2", *["0-1 1-2 2-3"] * 4]
    flops = [2.0, 1.0, 4.0, 3.0, 3.5, 1.5]
    rows = list(zip(names, edges, flops, strict=True))
    (folder / "t.csv").write_text("operations,edges,flops\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    keys = ("operations", "edges", "flops")
    (folder / "t.jsonl").write_text("".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows))
    np.savez(folder / "t.npz", operations=np.array(names), edges=np.array(edges), flops=np.array(flops))


@pytest.mark.slow
def test_a_wheel_and_the_pinned_set_are_enough(tmp_path: Path):
    """As docs/install.md says, in an environment that has nothing else."""
    home, empty = tmp_path / "venv", tmp_path / "empty"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, timeout=300)
    (wheel,) = tmp_path.glob("siamnas-*.whl")
    subprocess.run([*pip, "install", "--no-deps", str(wheel)], check=True, timeout=300)
    subprocess.run([*pip, "install", "--no-deps", "-r", str(ROOT / PINNED)], check=True, timeout=600)
    assert sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) < LARGEST * 2**20
    (shipped,) = home.rglob(f"siamnas/{PINNED}")
    assert shipped.read_text() == (ROOT / PINNED).read_text()
    empty.mkdir()
    tables(empty)

    def run(*words: str, status: int = 0) -> str:
        done = subprocess.run(
            [str(home / "bin" / words[0]), *words[1:]], capture_output=True, text=True, cwd=empty, timeout=300
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    run("python", "-c", SEARCHES.format(readme=readme(), left_out=list(LEFT_OUT)))
    assert re.findall("needs (\\w+), which a light installation leaves out", run("python", "-c", REFUSED)) == [
        "sklearn", "torch", "pandas", "pandas", "matplotlib", "matplotlib", "pandas"
    ]  # fmt: skip
    run("siamnas", "search", "start", "shell", "--space", "nb201_c10", "--budget", "3")
    assert "arch" in run("siamnas", "search", "ask", "shell")
    assert "done before:" in run("siamnas", "predictor=gp", "repeats=1")
    assert "needs torch" in run("siamnas", "repeats=1", status=2)
    assert "needs pandas" in run("siamnas", "report", "outputs", status=2)


def test_what_is_left_out_is_not_imported(tmp_path: Path):
    tables(tmp_path)
    script = SEARCHES.format(readme=readme(), left_out=list(LEFT_OUT))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_pinned_set_is_that_of_the_constraints():
    """The light set and the tested one agree, and nothing that is left out is in it."""

    def pins(file: str) -> dict[str, str]:
        lines = (ROOT / file).read_text().splitlines()
        return dict(line.split("==") for line in lines if line and not line.startswith("#"))

    light, tested = pins(PINNED), pins("constraints.txt")
    assert {name: light[name] for name in light.keys() & tested.keys()} == {
        name: tested[name] for name in light.keys() & tested.keys()
    }
    assert not {word for words in LEFT_OUT.values() for word in words.split()} & light.keys()


@pytest.mark.parametrize(("name", "wanted"), [("pandas.core", "pip install pandas"), ("PIL", "pip install pillow")])
def test_a_missing_package_is_named_with_its_command(name: str, wanted: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, name.partition(".")[0], raising=False)  # as where it is not installed
    assert wanted in str(missing(ModuleNotFoundError("no", name=name)))


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("no", name="mine"), ImportError("no", name="pandas"), ValueError()]
)
def test_other_errors_stay_what_they_are(error: Exception):
    assert missing(error) is None and not isinstance(error, Missing)
