"""Files that lie in the folder where a command is started: none of them runs unless a config names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import QUICK, ROOT

TRAP = "from pathlib import Path\nPath({folder!r}, {name!r} + '.ran').touch()\nraise ImportError('a trap')\n"
SHADOWS = (
    *("pandas", "torch", "yaml", "typing", "logging", "numpy", "omegaconf", "wandb", "random", "tempfile"),
    *("lightgbm", "gpytorch", "hydra_plugins/trap"),
)
OWN = "from siamnas.predictors.random import Random\n\nclass Mine(Random):\n    pass\n"
STARTS = {
    "siamnas": [str(Path(sys.executable).with_name("siamnas"))],
    "-m siamnas.run": [sys.executable, "-m", "siamnas.run"],
}


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A folder full of modules that should not run, and one that a config may name."""
    for name in SHADOWS:
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(TRAP.format(folder=str(tmp_path), name=path.stem))
    (tmp_path / "own_predictor.py").write_text(OWN)
    return tmp_path


def called(folder: Path, start: list[str], *words: str, path: str = str(ROOT)) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([*start, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def ran(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.ran"))


@pytest.mark.parametrize("start", STARTS)
def test_a_job_runs_nothing_but_the_class_that_it_names(trapped: Path, start: str):
    shown = called(trapped, STARTS[start], *QUICK, "predictor._target_=own_predictor.Mine")
    assert shown.returncode == 0, shown.stderr
    assert ran(trapped) == []
    assert f"own_predictor is imported from the current folder, {trapped}" in shown.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("--help",), f"{ROOT}:"),  # an empty part is the current folder
        (("status", "."), f".:{ROOT}"),
        (("search", "status", "."), str(ROOT)),
    ],
)
def test_other_commands_run_nothing(trapped: Path, words: tuple[str, ...], path: str):
    shown = called(trapped, STARTS["siamnas"], *words, path=path)
    assert shown.returncode in (0, 2) and "a trap" not in shown.stderr
    assert ran(trapped) == []


def test_what_is_installed_comes_first(trapped: Path):
    """A class of the current folder does not take the place of one that is installed, whatever a config names."""
    (trapped / "siamnas").mkdir()
    (trapped / "siamnas" / "__init__.py").write_text(TRAP.format(folder=str(trapped), name="siamnas"))
    shown = called(trapped, STARTS["siamnas"], *QUICK, "predictor._target_=torch.Mine")
    assert shown.returncode == 2 and "torch.Mine" in shown.stderr
    assert ran(trapped) == []


def test_a_program_that_imports_siamnas_keeps_its_path(tmp_path: Path):
    code = "import sys; before = list(sys.path); import siamnas, siamnas.cli.main; assert sys.path == before"
    assert called(tmp_path, [sys.executable, "-c", code]).returncode == 0


def test_a_path_that_the_user_has_named(trapped: Path):
    """PYTHONPATH comes first, as everywhere in Python, and what it breaks is loud; `python -I` takes nothing of it."""
    (trapped / "empty").mkdir()
    shown = called(trapped / "empty", STARTS["siamnas"], "--help", path=f"{trapped}:{ROOT}")
    assert shown.returncode and "a trap" in shown.stderr and ran(trapped)
    for path in trapped.glob("*.ran"):
        path.unlink()
    isolated = [sys.executable, "-I", "-c", f"import sys; sys.path.append({str(ROOT)!r}); import siamnas.cli.main"]
    assert called(trapped / "empty", isolated, path=str(trapped)).returncode == 0 and ran(trapped) == []


LAUNCHED = """
import os, sys
os.environ["SIAMNAS_SWEEP"] = str(os.getpid())
import submitit

def job():
    import siamnas, pandas, yaml
    return [place for place in sys.path if place in ("", os.getcwd())]

executor = submitit.LocalExecutor("jobs", python=sys.executable)
print("found", executor.submit(job).result())
"""


@pytest.mark.slow
def test_a_job_that_a_launcher_starts(trapped: Path):
    """Submitit starts it by `python -m`, in the current folder; what it imports before siamnas is its own affair."""
    for name in ("typing", "logging", "random", "tempfile", "numpy"):
        (trapped / f"{name}.py").unlink()
    shown = called(trapped, [sys.executable, "-P", "-c", LAUNCHED])
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.endswith("found []\n") and ran(trapped) == []
