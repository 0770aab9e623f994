"""Pipes where files are expected: named, and never waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.benchmarks import user_tables
from siamnas.errors import InputError
from siamnas.experiment.fingerprint import fingerprint
from siamnas.images import cifar
from siamnas.jobs import record, states
from siamnas.jobs.store import Result
from siamnas.measure import selection
from siamnas.measure.results_log import ResultsLog
from siamnas.report.read.collect import collect


def pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


READERS: dict[str, Callable[[Path], object]] = {
    "result.npz": lambda path: Result.load(path),
    "the result of a report": lambda path: collect([path]),
    "table.csv": lambda path: user_tables.read([str(path)], np.array(["a"]), []),
    "names.txt": lambda path: selection.chosen(str(path), np.array(["a"]), 0),
    "x.json of a space": lambda path: fingerprint({"path": str(path)}),
    "cifar.tar.gz": lambda path: cifar.cifar10("c", str(path), None, None, None, 0),
}


@pytest.mark.parametrize("kind", READERS)
def test_it_is_named(tmp_path: Path, kind: str, soon):
    path = pipe(tmp_path / kind.split(" ")[0])
    with pytest.raises(InputError, match=str(tmp_path)):
        READERS[kind](path)


@pytest.mark.parametrize(
    "words",
    [
        ("space=json", "space.path={}"),
        ("space=described", "space.path={}/x.yaml"),
        ("space=nb201_c100", "space.data_dir={}"),
        ("space=nb201_c100", "space.measured=[{}]"),
        ("space=nb201_c100", "space.code.kind=file", "space.code.path={}/codes.npy"),
        ("space=table", "space.path={}/table.csv"),
        ("oracle=train", "images=folder", "images.path={}"),
    ],
    ids=lambda words: words[-1],
)
def test_a_command_names_it(siamnas, tmp_path: Path, words: tuple[str, ...], soon):
    for name in ("x.json", "x.yaml", "nb201.npz", "table.csv", "codes.npy", "ant/1.png", "ant/2.png", "bee/1.png"):
        pipe(tmp_path / name)
    pipe(tmp_path / "bee" / "2.png")
    shown = siamnas(
        "predictor=random", "logger=none", f"out={tmp_path}/out", *(word.format(tmp_path) for word in words)
    )
    assert shown.code == 2 and str(tmp_path) in shown.err.replace("\n", "")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_a_job_full_of_pipes_has_a_status(tmp_path: Path, soon):
    job = tmp_path / "default" / "nb201_c100" / "random" / "n=1,01234567"
    for name in ("job.json", "claim.json", "progress.json", "parts/0-1.npz", "result.npz", "run.log"):
        pipe(job / name)
    pipe(tmp_path / "default" / "sweeps" / "0.json")
    (state,) = states.find([tmp_path])[0]
    assert state.state == "failed" and record.read(job) == {}
    ResultsLog(job / "parts").refresh()
    (job / "result.npz").unlink()
    assert states.find([tmp_path])[0][0].state in ("running", "interrupted")
