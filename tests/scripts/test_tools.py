"""The shipped files are what the tools make of the archives that they were made from, or of ones made of them."""

import hashlib
import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from siamnas.benchmarks import shipped
from siamnas.images import sample
from siamnas.spaces.nano import pilot
from siamnas.spaces.nb201 import ZERO_COST
from tests.scripts import archives
from tests.scripts.running import run
from tests.support import ROOT

TABLES = ("nas_bench_graph.npz", "nb201.npz", "nb_macro.npz")
REAL = ROOT.parent / "shared" / "data"  # the archives, where there are any


@pytest.fixture
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of the folder tools."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    yield importlib.import_module(request.param)


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """A folder that is not kept: the archives have a hundred megabytes."""
    (folder := tmp_path / "archives").mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["build_tables"], indirect=True)
def test_tables(tool: ModuleType, large: Path, tmp_path: Path) -> None:
    archives.tables(tool, large)
    check_tables(large, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["build_tables"], indirect=True)
def test_tables_of_the_archives(tool: ModuleType, large: Path, tmp_path: Path) -> None:
    if not REAL.is_dir():
        archives.tables(tool, large)
    check_tables(REAL if REAL.is_dir() else large, tmp_path / "out")


def check_tables(folder: Path, out: Path) -> None:
    done = run("tools/build_tables.py", folder, "--out", out, folder=out.parent)
    for name in TABLES:
        check_table(out, name)
    assert (out / "paper_curves.csv").read_bytes() == (shipped.DATA / "paper_curves.csv").read_bytes()
    assert [line.split()[-1] for line in done.stdout.splitlines()] == [*TABLES, "paper_curves.csv"]


def check_table(out: Path, name: str) -> None:
    """A table is the shipped one, and its sum stands in the list."""
    made, expected = np.load(out / name), shipped.load(name)
    assert list(made) == list(expected)
    for array in expected:
        assert made[array].dtype == expected[array].dtype
        if made[array].dtype.kind == "f":  # the twelfth epoch's seconds are a share of rounded ones
            np.testing.assert_allclose(made[array], expected[array], rtol=1e-6, atol=0, err_msg=array)
        else:
            np.testing.assert_array_equal(made[array], expected[array], err_msg=array)
    line = f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}"
    assert line in (out / "SHA256SUMS").read_text().splitlines()


def test_tables_of_a_source_that_disagrees(tmp_path: Path) -> None:
    shutil.copy(shipped.DATA / "paper_curves.csv", tmp_path / "paper_fig6_fig7.csv")
    head = archives.text(
        {"nats_index": [1], "arch_str": ["|"], **{f"op_{i}_{j}": ["none"] for j in range(1, 4) for i in range(j)}}
    )
    (tmp_path / archives.FILES[0]).write_bytes(archives.xz(head))
    done = run("tools/build_tables.py", tmp_path, "--out", tmp_path / "out", folder=tmp_path, code=1)
    assert "the sources disagree with the data card: the csv is in index order" in done.stderr
    assert not (tmp_path / "out").exists()


def test_zero_cost(tmp_path: Path) -> None:
    archs = run("tools/build_zero_cost.py", "archs", folder=tmp_path).stdout.splitlines()
    assert len(archs) == len(set(archs)) == 6_040
    operations = shipped.load("nb201.npz")["operations"].tolist()
    table = dict(shipped.load(ZERO_COST))
    names = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    numbers = {
        "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|".format(*(names[i] for i in row)): n for n, row in enumerate(operations)
    }
    first = [numbers[arch] for arch in archs]
    columns = {name: table[name][first] for name in ("synflow", "synflow_code")}
    folder = archives.measured(tmp_path / "measured", archs, columns, table["synflow_seconds"][first])
    run("tools/build_zero_cost.py", "table", folder, "--out", tmp_path / "out", folder=tmp_path)
    check_table(tmp_path / "out", ZERO_COST)


def test_nano_pilot(tmp_path: Path) -> None:
    table = dict(shipped.load(pilot.FILE))
    archs, twice = table["archs"].tolist(), np.isfinite(table["test_4_run1"])
    seconds = table["train_seconds_4"]
    runs = [
        archives.measured(tmp_path / "run_0", archs, {"accuracy": table["test_4_run0"] / 100}, seconds),
        archives.measured(
            tmp_path / "run_1",
            table["archs"][twice].tolist(),
            {"accuracy": table["test_4_run1"][twice] / 100},
            seconds[twice],
        ),
    ]
    losses = {f"loss_{i}": table[name] for i, name in enumerate(pilot.CODE, start=1)}
    codes = archives.measured(tmp_path / "codes", archs, losses, table[pilot.CODE_SECONDS])
    run("tools/build_nano_pilot.py", *runs, codes, "--out", tmp_path / "out", folder=tmp_path)
    check_table(tmp_path / "out", pilot.FILE)


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["build_images"], indirect=True)
def test_images(tool: ModuleType, large: Path, tmp_path: Path) -> None:
    archives.images(large / "cifar10.tar", sample.CLASSES, tool.TOTAL)
    done = run("tools/build_images.py", large / "cifar10.tar", "--out", tmp_path / "out", folder=tmp_path, code=1)
    assert done.stderr == "not the one that siamnas/images/sample.py expects\n"
    content = (tmp_path / "out" / sample.FILE.name).read_bytes()
    assert done.stdout == f"{len(content):,} bytes  {hashlib.sha256(content).hexdigest()}  {sample.FILE.name}\n"
    with Image.open(tmp_path / "out" / sample.FILE.name) as image:
        assert image.size == (32 * sum(sample.PER_CLASS.values()), 32 * len(sample.CLASSES))


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["build_images"], indirect=True)
def test_images_of_the_archive(tool: ModuleType, large: Path, tmp_path: Path) -> None:
    archive, code = REAL / "cifar10_jpg.tar.xz", 0
    if not archive.exists():
        archive, code = large / "cifar10.tar", 1
        archives.images(archive, sample.CLASSES, tool.TOTAL)
    run("tools/build_images.py", archive, "--out", tmp_path / "out", folder=tmp_path, code=code)
    same = (tmp_path / "out" / sample.FILE.name).read_bytes() == sample.FILE.read_bytes()
    assert same == (code == 0)
