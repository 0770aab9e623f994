"""Networks that are trained by jobs of a real Slurm: a measurement that its workers share, and a search that trains."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.jobs.store import Result
from tests.support import Outcome, results

pytestmark = pytest.mark.slurm
SLURM = ("cluster=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=2", "logger=none")
TRAINED = ("what=train_reduced", "what.phases=[{epochs: 1, lr: 1e-3}]", "images.train=40", "images.test=20")
NETWORK = ("network=nb201_reduced", "network.width=2")


def test_the_workers_of_a_measurement_are_jobs(slurm: dict[str, str], process: Callable[..., Outcome], tmp_path: Path):
    words = ("measure", "-m", "worker=0,1", "workers=1", "archs=4", *TRAINED, *NETWORK, *SLURM)
    shown = process(*words, **slurm)
    assert shown.code == 0, shown.err
    assert re.search("2 jobs: (2 done|1 done, 1 running)", shown.out), "one may end while the other is at the last"
    (path,) = tmp_path.rglob("table.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["arch"] for row in rows}) == len(rows) == 4 and not any(row["failed"] for row in rows)
    lines = [line for rows in tmp_path.rglob("rows/*.jsonl") for line in rows.read_text().splitlines()]
    assert len(lines) == 4, "nothing is trained twice"


def test_a_search_trains_in_its_job(slurm: dict[str, str], process: Callable[..., Outcome], tmp_path: Path):
    words = ("oracle=train", "oracle.workers=1", "predictor=random", "search.n=2", "search.k=1", "repeats=1")
    shown = process("-m", *words, *TRAINED, *NETWORK, *SLURM, **slurm)
    assert shown.code == 0 and "1 job: 1 done" in shown.out, shown.err
    (path,) = results(tmp_path)
    assert np.isfinite(Result.load(path).arrays["best"]).all()
