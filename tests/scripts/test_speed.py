"""The speed measurements: the floor is that of the network, and the table says what was measured."""

import argparse
import csv
import math
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from siamnas.nn.networks import SiameseNetwork
from siamnas.seeding import streams
from siamnas.spaces import nb201
from siamnas.spaces.listed import Space
from siamnas.training.batches import GraphInputs
from siamnas.training.data import TrainingSetDataset
from siamnas.training.module import AccuracyModule
from siamnas.training.training_set import TrainingSet
from tests.scripts.running import run
from tests.support import ROOT


@pytest.fixture
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "experiments" / "speed")
    return import_module(request.param)


@pytest.mark.parametrize("module", ["steps"], indirect=True)
def test_the_floor_is_made_of_all_matrix_products_of_a_step(module: ModuleType) -> None:
    repeats, cells, nodes, types, channels, length = 2, 4, 10, 9, 6, 3
    rng = np.random.default_rng(0)
    graphs = nb201.node_types(rng.integers(5, size=(20, 6), dtype=np.uint8))
    names = np.arange(20).astype(str)
    space = Space(name="tiny", node_types=nb201.NODE_TYPES, types=graphs, adjacency=nb201.adjacency(), archs=names)
    data = TrainingSetDataset(GraphInputs(space, torch.device("cpu")), range(repeats), cells, mixup=0.0)
    data.fill(
        TrainingSet(rng.integers(20, size=(repeats, 8)), rng.random((repeats, 8, length))), rng.random((repeats, 8))
    )
    net = SiameseNetwork(streams(range(repeats), "init"), types, nodes, channels, True, "channels", length, True, True)
    loop, products = module.Training(AccuracyModule(net, 1e-3), data).loop(), module.Products()
    with products:
        loop(1)

    # Outputs, inputs and columns of every product, and whether its input has a gradient.
    group, columns = (2 * channels, channels, nodes * cells, True), nodes * cells
    layers = [
        (2 * channels, types, columns, False),  # first
        (3 * 2 * channels, channels, columns, True),  # q, k and v of the NSAM
        (channels * nodes, length, cells, False),  # the code
        *[group] * 6,  # second, third, the NSAM's last; the EFM's key, query and value, last
        *[(1, nodes, cells, True)] * 2,  # coarse and fine accuracy
    ]
    expected: Counter[tuple[tuple[int, ...], ...]] = Counter()
    for outputs, inputs, n, differentiated in layers:
        expected[(repeats, outputs, inputs), (repeats, inputs, n)] += 1
        expected[(repeats, outputs, n), (repeats, n, inputs)] += 1
        expected[(repeats, inputs, outputs), (repeats, outputs, n)] += differentiated
    assert Counter((tuple(a.shape), tuple(b.shape)) for a, b in products.operands) == +expected
    each = [2 * repeats * outputs * inputs * n * (2 + last) for outputs, inputs, n, last in layers]
    assert products.operations == sum(each)


@pytest.mark.parametrize("module", ["table"], indirect=True)
def test_the_table_has_a_line_per_setting_and_a_column_per_quantity(module: ModuleType, tmp_path: Path) -> None:
    rows = [
        module.Row(module.STEPS, {"R": 1}, module.RATE, [210.0, 190.0, 200.0]),
        module.Row(module.STEPS, {"R": 1}, module.FLOOR_RATE, [1500.0]),
        module.Row(module.STEPS, {"R": 25}, module.RATE, [30.04]),
        module.Row(module.JOBS, {"trainer": "paper", "N": 30, "repeats": 100}, module.SECONDS, [91.04]),
    ]
    module.write(rows, "A machine.", tmp_path)
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert "A machine." in lines
    assert f"| R | {module.RATE} | {module.FLOOR_RATE} |" in lines
    assert "| 1 | 200 (190 to 210) | 1500 |" in lines
    assert "| 25 | 30.0 |  |" in lines
    assert "| paper | 30 | 100 | 91.0 |" in lines
    with (tmp_path / "table.csv").open() as file:
        written = list(csv.DictReader(file))
    assert [row["median"] for row in written] == ["200", "1500", "30.04", "91.04"]
    assert written[0]["setting"] == "R 1" and written[0]["samples"] == "3"
    module.picture(rows, tmp_path)
    assert {path.name for path in tmp_path.glob("speed.*")} == {"speed.png", "speed.svg"}


@pytest.mark.parametrize("module", ["jobs"], indirect=True)
def test_jobs_are_given_by_trainer_and_n(module: ModuleType) -> None:
    assert module.parse("paper:30,100") == [module.Job("paper", 30), module.Job("paper", 100)]
    for wrong in ("papper:30", "paper", "paper:x"):
        with pytest.raises(argparse.ArgumentTypeError):
            module.parse(wrong)


IN_PROCESS = {
    "Training step": {"steps / s", "matrix products alone, steps / s", "step / products, time"},
    "Training step computed otherwise": {"steps / s", "time / C kernels"},
    "Lightning, R = 2": {"bare loop, ms / step", "Lightning, ms / step", "set-up, s"},
    "Ranking the space": {"seconds", "µs per architecture and network"},
}
PARTS = {
    "in the process": (("steps", "alternatives", "lightning", "ranking"), (1, 2), IN_PROCESS),
    "start-up": (("start-up",), (1,), {"Start-up": {"seconds"}}),
    "whole jobs": (("jobs",), (1,), {"Whole job": {"seconds", "peak memory of the process, MB"}}),
}


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_the_speed_is_measured(part: str, tmp_path: Path) -> None:
    names, repeats, expected = PARTS[part]
    small = ("--space", "nano_pilot", "--samples", 1, "--seconds", 0.001, "--repeats", *repeats, "--chunk", 2)
    words = ("--parts", *names, *small, "--jobs", "debug:12", "--no-compile", "--out", "speed")
    done = run("experiments/speed/measure.py", *words, folder=tmp_path)
    with (tmp_path / "speed" / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (ROOT / "experiments" / "speed" / "table.csv").open() as file:
        assert list(rows[0]) == next(csv.reader(file))
    quantities = {title: {row["quantity"] for row in rows if row["part"] == title} for title in expected}
    assert {row["part"] for row in rows} == set(expected)
    assert all(quantities[title] >= expected[title] for title in expected)
    assert all(math.isfinite(float(row["median"])) and float(row["lowest"]) <= float(row["highest"]) for row in rows)
    assert all(float(row["median"]) > 0 for row in rows if row["quantity"] in {"steps / s", "seconds"})
    settings = [row["setting"] for row in rows if row["quantity"] == "steps / s"]
    if part == "in the process":
        assert settings == ["R 1", "R 2", "R 2, with C kernels", "R 2, with plain PyTorch"]
    assert len(done.stdout.splitlines()) == 1 + len(rows), "the machine, and each row"
    markdown = (tmp_path / "speed" / "table.md").read_text()
    assert all(f"## {title}" in markdown for title in expected)
    assert {path.name for path in (tmp_path / "speed").glob("speed.*")} == {"speed.png", "speed.svg"}


@pytest.mark.slow
def test_where_the_time_of_a_step_goes(tmp_path: Path) -> None:
    run("experiments/speed/where.py", "--samples", 2, "--out", "new.csv", folder=tmp_path)
    new, committed = (
        list(csv.DictReader(path.read_text().splitlines()))
        for path in (tmp_path / "new.csv", ROOT / "experiments/speed/where.csv")
    )
    assert [row["step"] for row in new] == [row["step"] for row in committed]
    assert new[-1]["Tflop"] == committed[-1]["Tflop"], "which is counted"
    assert all(0 < float(row["products %"]) + float(row["kernels or dropout %"]) < 100 for row in new[:-1])
