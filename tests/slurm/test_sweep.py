"""`cluster=slurm` on a real Slurm."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import Outcome

pytestmark = pytest.mark.slurm
SWEEP = (
    "cluster=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=1", "predictor=random", "search.n=20,30",
    "seed=0,10", "repeats=2", "logger=none", "name=sweep",
)  # fmt: skip


def results(folder: Path) -> set[Path]:
    return set(folder.rglob("result.npz"))


def test_all_jobs_of_a_sweep_arrive_and_are_not_done_again(
    slurm: dict[str, str], process: Callable[..., Outcome], tmp_path: Path
):
    first = process(*SWEEP, **slurm)
    assert first.code == 0, first.err
    assert len(done := results(tmp_path)) == 4
    times = {path: path.stat().st_mtime_ns for path in done}
    assert process(*SWEEP, **slurm).code == 0
    assert {path: path.stat().st_mtime_ns for path in results(tmp_path)} == times
