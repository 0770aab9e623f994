"""A real sweep to report."""

import io
import itertools
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from siamnas import runner
from siamnas.cli import report
from siamnas.config.compose import compose
from siamnas.experiment import configuration
from tests.support import Outcome


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two methods that need no training, two values of N, six repeats."""
    root = tmp_path_factory.mktemp("swept")
    usual = ("search.depth=60", "repeats=6", "logger=none", f"out={root}", "name=sweep")
    for predictor, n in itertools.product(("random", "column"), (20, 30)):
        runner.run(configuration.load(*compose([f"predictor={predictor}", f"search.n={n}", *usual])))
    return root / "sweep"


@pytest.fixture(scope="session")
def reported(swept: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The folder of its report, to look at, and what the command showed."""
    out, err = io.StringIO(), io.StringIO()
    folder = tmp_path_factory.mktemp("reported")
    with redirect_stdout(out), redirect_stderr(err):
        report.main([str(swept), "--out", str(folder)])
    return folder, Outcome(0, out.getvalue(), err.getvalue())


@pytest.fixture
def sweep(swept: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(swept, tmp_path / "sweep")


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are composed, but their files are blank: most of the time of a report goes into drawing them."""
    from matplotlib.figure import Figure

    def savefig(figure: Figure, file: io.StringIO | io.BytesIO, **_: object) -> None:
        if isinstance(file, io.StringIO):
            file.write("<svg></svg>")

    monkeypatch.setattr(Figure, "savefig", savefig)
