"""The examples run: the plug-ins from the command line, the light network on a few images."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from siamnas.jobs.store import Result
from tests.scripts.running import run, siamnas
from tests.support import results

LENGTH = 4  # operations of a chain


def test_a_space_a_predictor_and_an_acquisition_function(tmp_path: Path) -> None:
    words = ("space=chains", "predictor=neighbours", "acquisition=curious", "acquisition.share=0.5")
    siamnas("run", *words, "search.n=12", "search.k=4", "repeats=2", "logger=none", f"out={tmp_path}")
    (path,) = results(tmp_path)
    result = Result.load(path)
    assert result.meta["report_name"] == "loss" and result.arrays["best"].shape[0] == 2
    assert np.isfinite(result.arrays["best"]).all()


def test_a_search(tmp_path: Path) -> None:
    words = ("space=chains", "search=anneal", "predictor=random")
    siamnas("run", *words, "search.n=10", "repeats=2", "logger=none", f"out={tmp_path}")
    (path,) = results(tmp_path)
    best = Result.load(path).arrays["best"]
    assert best.shape == (2, 10) and (np.diff(best) <= 0).all()  # a loss


@pytest.mark.slow
def test_a_network(tmp_path: Path) -> None:
    siamnas("measure", "what=flops", "space=chains", "network=chains", "archs=3", "images=sample", f"out={tmp_path}")
    (path,) = tmp_path.rglob("table.csv")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["arch", "flops", "params", "seconds", "failed"] and len(rows) == 3
    assert all(row["arch"].count("-") == LENGTH - 1 and float(row["params"]) > 0 for row in rows)


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    """Noise in the folders of CIFAR-10."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 6), ("test", 2)):
        for label in range(10):
            (folder := tmp_path / "cifar" / part / f"class_{label}").mkdir(parents=True)
            for number in range(count):
                pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{number:04}.jpg")
    return tmp_path / "cifar"


@pytest.mark.slow
def test_a_light_network(cifar: Path, tmp_path: Path) -> None:
    sizes = ("--budget", 2, "--train", 40, "--validation", 20, "--test", 20)
    done = run("examples/light_network.py", cifar, *sizes, "--wandb", "disabled", folder=tmp_path)
    out = tmp_path / "light_network"
    with (out / "light_network.csv").open() as file:
        head, *rows = csv.reader(file)
    assert head == ["cells trained", "forest", "random"] and [row[0] for row in rows] == ["1", "2"]
    accuracies = np.array([row[1:] for row in rows], float)
    assert ((accuracies >= 0) & (accuracies <= 1)).all() and accuracies[0, 0] == accuracies[0, 1], "the same first cell"
    saved = torch.load(out / "weights.pt")
    assert f"best: {saved['cell']}: " in done.stdout and all(v.isfinite().all() for v in saved["weights"].values())
    assert re.search(r"of 20 test images; weights: light_network/weights\.pt$", done.stdout)
    assert (out / "light_network.png").stat().st_size > 1000
