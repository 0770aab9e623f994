"""Sweeps: deterministic folders, finished jobs skipped, failing jobs reported while the others finish."""

import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import wraps
from pathlib import Path

import numpy as np
import pytest
from hydra.plugins.sweeper import Sweeper

from siamnas.config import loaders
from siamnas.config.compose import compose
from siamnas.config.hydra_errors import LAUNCHERS, explain
from siamnas.experiment import build, dry_run
from siamnas.jobs.lease import LEASE, is_held, read_owner
from siamnas.jobs.monitor import Ended, SweepMonitor, Watch
from siamnas.jobs.store import Result
from siamnas.search.topk import TopK
from tests.spaces.jsons import chains
from tests.support import ROOT

SWEEP = ("-m", "predictor=random,column", "search.n=10,20", "repeats=2", "logger=none")


def results(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("result.npz")}


def test_finished_jobs_are_skipped(siamnas, tmp_path: Path):
    assert siamnas(*SWEEP, f"out={tmp_path}").code == 0
    first = results(tmp_path)
    assert len(first) == 4
    again = siamnas(*SWEEP, f"out={tmp_path}")
    assert again.code == 0
    assert again.out.count("done before") == 4
    assert results(tmp_path) == first

    more = siamnas(*SWEEP, "search.n=10,30", f"out={tmp_path}")
    assert more.out.count("done before") == 2
    assert len(results(tmp_path)) == 6


def test_every_job_is_told_when_it_ends_and_all_at_the_end(siamnas, tmp_path: Path):
    shown = siamnas(*SWEEP, f"out={tmp_path}")
    for number, name in enumerate(("random search.n=10", "random search.n=20", "column search.n=10"), start=1):
        assert re.search(
            rf"\n\S+ {number} of 4 jobs: predictor={name}: best acc. [\d.]+ ± [\d.]+ %, [\d.]+ s; ", shown.err
        )
    assert re.search(r" 3 of 4 jobs: .*; 1 left, about \d+ s\n", shown.err)
    assert " 4 of 4 jobs: " in shown.err and shown.err.count(" left, about ") == 2
    assert re.search(r" 1 of 4 jobs: .*; 3 left\n", shown.err), "the first says too little of the others"
    assert shown.out.count("best acc. ") == 4 and "N   K" not in shown.out, "one table for all, none for each"
    assert shown.out.endswith("4 jobs: 4 done\n")
    assert not list(tmp_path.rglob("notes"))


def test_of_many_jobs_only_what_is_not_done_is_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monitor = SweepMonitor(tmp_path, 100)
    watch = Watch(monitor, [f"seed={i}" for i in range(100)])
    for i in range(98):
        monitor.post(i, Ended("done", "best acc. 70.00 %", 1.0))
    monitor.post(98, Ended("failed", "ValueError: no [luck]"))
    watch.close()
    assert watch.summary(Ended("missing", "never heard of")) == {"done": 98, "failed": 1, "missing": 1}
    shown = capsys.readouterr().out
    assert "seed=98" in shown and "ValueError: no [luck]" in shown and "seed=99   missing   never heard of" in shown
    assert "seed=97" not in shown and "100 jobs: 98 done, 1 failed, 1 missing" in shown


def test_hydra_does_not_compose_all_jobs_once_more(siamnas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def compose_all(*_: object) -> None:
        pytest.fail("what siamnas has checked is checked again")

    monkeypatch.setattr(Sweeper, "validate_batch_is_legal", compose_all)
    assert siamnas(*SWEEP, f"out={tmp_path}").code == 0


@pytest.mark.parametrize("repeats", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_job_is_composed_checked_and_built_once(siamnas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, repeats):
    """A check builds the search of the first repeat, which is that of a job with one; a chunk of several is another."""
    times: Counter[str] = Counter()

    def count(owner: object, name: str) -> None:
        do = getattr(owner, name)

        @wraps(do)
        def counted(*args: object, **kwargs: object) -> object:
            times[name] += 1
            return do(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)

    count(loaders.ConfigLoaderImpl, "load_sweep_config")
    count(dry_run, "fits")
    count(build, "space_or_benchmark")
    count(TopK, "__init__")
    words = ("predictor=random", f"repeats={repeats}", "search.k=10", "trainer.chunk=2", "logger=none", "name=both")
    assert siamnas("-m", *words, "search.n=10,20", f"out={tmp_path}").code == 0
    chunks = {1: 1, 3: 2}[repeats]
    built = 2 if repeats == 1 else 2 + 2 * chunks
    assert times == {"load_sweep_config": 2, "fits": 2, "space_or_benchmark": 1, "__init__": built}
    assert len(results(tmp_path)) == 2

    times.clear()
    assert siamnas("-m", *words, "search.n=10", "seed=5,6,7", f"out={tmp_path}").code == 0
    assert (times["fits"], times["space_or_benchmark"]) == (1, 1), "seeds make no difference"

    alone = tmp_path / "alone"
    for n in (10, 20):
        assert siamnas(*words, f"search.n={n}", f"out={alone}").code == 0
        for path in alone.rglob(f"n={n},*/result.npz"):
            own, of_sweep = Result.load(path).arrays, Result.load(tmp_path / path.relative_to(alone)).arrays
            assert all(np.array_equal(own[name], of_sweep[name], equal_nan=True) for name in own)


def test_a_space_that_changes_during_a_sweep_is_read_again(make_job, tmp_path: Path):
    """Its result would lie in the folder of the new one, and hold the numbers of the old."""
    folder = chains(tmp_path / "mine", gt_accuracy=lambda i: 40 + i)
    words = ("space=json", f"space.path={folder}", "predictor=random", "search.n=2", "search.k=2", "repeats=1")
    checks, cfg = dry_run.Checks(), compose([*words, "logger=none"])
    checks.check(*cfg, [])
    before = checks.ready(make_job(*words)).benchmark
    assert checks.ready(make_job(*words, "seed=3")).benchmark is before
    chains(tmp_path / "mine", gt_accuracy=lambda i: 20 + i)
    after = checks.ready(make_job(*words)).benchmark
    assert after.measured.optimum == before.measured.optimum - 20


def test_what_travels_to_the_jobs_does_not_change_while_others_end(tmp_path: Path):
    """It is pickled in one thread while another one looks at what has ended: a change in between ends the sweep."""
    monitor = SweepMonitor(tmp_path, 2)
    before = pickle.dumps(monitor)
    watch = Watch(monitor, ["first", "second"])
    monitor.post(0, Ended("done"))
    watch.close()
    assert watch.ended == {0: Ended("done")} and pickle.dumps(monitor) == before


def test_a_job_that_outlives_its_sweep(tmp_path: Path):
    monitor = SweepMonitor(tmp_path, 1)
    monitor.remove()
    monitor.post(0, Ended("done"))
    assert not list(tmp_path.iterdir())


def test_folders_do_not_depend_on_the_launch(siamnas, tmp_path: Path):
    assert siamnas(*SWEEP, f"out={tmp_path / 'a'}").code == 0
    assert siamnas("predictor=column", "search.n=20", "repeats=2", "logger=none", f"out={tmp_path / 'b'}").code == 0
    assert set(results(tmp_path / "b")) < set(results(tmp_path / "a"))


def test_a_failing_job(process, tmp_path: Path):
    sweep = (
        "-m",
        "predictor=random",
        "predictor._target_=plugins.Failing",
        "search.n=10,20,30",
        "repeats=2",
        "logger=none",
    )
    shown = process(*sweep, FAIL_AT="20")
    assert shown.code == 1
    assert "failed: RuntimeError: a deliberate failure; 1 left" in shown.err
    assert "3 jobs: 2 done, 1 failed" in shown.out
    said, command = shown.err.splitlines()[-2:]
    assert said == "error: 1 of 3 jobs failed; the same command goes on with what is missing:"
    assert command == f"  siamnas {' '.join(sweep)}"
    done = results(tmp_path)
    assert len(done) == 2
    (failed,) = [log for log in tmp_path.rglob("run.log") if "Traceback" in log.read_text()]
    assert "n=20" in failed.parent.name

    again = process(*sweep)
    assert again.code == 0
    assert again.out.count("done before") == 2
    assert len(results(tmp_path)) == 3


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (("search.n=10,20000,20",), ("search.n=20000: must be at most 15614",)),
        (("search.n=30,abc",), ("search.n=abc: must be an integer of at least 1",)),
        (("search.n=30,0,-1",), ("search.n=0: must be", "search.n=-1: must be")),
        (("seed=0,1", "+predictor.zz=1"), ("unknown key predictor.zz",)),
        (("seed=0,x",), ("seed=x: must be an integer of at least 0",)),
        (("space=json", "space.path=/nowhere,/elsewhere"), ("/nowhere:", "/elsewhere:")),
        (("logger=wandb", "logger.project=ours,a/b"), ("logger.project=a/b: must be",)),
    ],
)
def test_one_bad_value_and_nothing_is_computed(siamnas, tmp_path: Path, words, messages):
    shown = siamnas("-m", "predictor=random", "repeats=2", "logger=none", f"out={tmp_path / 'out'}", *words)
    assert shown.code == 2
    for message in messages:
        assert shown.err.count(message) == 1
    assert "nothing of the sweep was computed" in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "out").exists(), "not even the record of the sweep"


def test_an_unknown_option_stops_the_sweep_before_it_begins(siamnas, tmp_path: Path):
    shown = siamnas("-m", "predictor=random,colum", "repeats=2", "logger=none", f"out={tmp_path / 'out'}")
    assert shown.code == 2
    assert "no option predictor=colum" in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_joblib(process, tmp_path: Path):
    sweep = ("cluster=joblib", "hydra.launcher.n_jobs=2", "predictor=random", "predictor._target_=plugins.Failing")
    shown = process(*sweep, "search.n=10,20,30", "repeats=2", "logger=none", FAIL_AT="20")
    assert shown.code == 1
    assert "a deliberate failure" in shown.err and "3 jobs: 2 done, 1 failed" in shown.out
    assert "1 of 3 jobs failed" in shown.err and " 3 of 3 jobs: " in shown.err
    assert len(results(tmp_path)) == 2


@pytest.mark.slow
def test_a_worker_that_is_killed(tmp_path: Path):
    words = ("cluster=joblib", "hydra.launcher.n_jobs=2", "predictor=random", "predictor._target_=plugins.Waiting")
    command = [sys.executable, "-m", "siamnas.run", *words, "search.n=20", "seed=0,2", "repeats=2", "logger=none"]
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ | paths, stderr=subprocess.PIPE, text=True) as sweep:
        deadline = time.monotonic() + 120
        while len(leases := list(tmp_path.rglob(LEASE))) < 2 or not (tmp_path / "fitting").exists():
            assert sweep.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(read_owner(leases[0]).pid, signal.SIGKILL)  # as the system does without memory
        said = sweep.communicate(timeout=60)[1]
    assert sweep.returncode == 1
    assert "error: the sweep was cut off: TerminatedWorkerError" in said and "Traceback" not in said
    assert "error: 2 of 2 jobs failed; the same command goes on with what is missing:" in said


@pytest.mark.slow
def test_the_workers_of_a_killed_sweep_end_too(tmp_path: Path):
    """Those of joblib went on with their jobs, and then waited for five minutes."""
    words = ("cluster=joblib", "hydra.launcher.n_jobs=2", "predictor=random", "predictor._target_=plugins.Waiting")
    command = [sys.executable, "-m", "siamnas.run", *words, "search.n=20", "seed=0,2", "repeats=2", "logger=none"]
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ | paths, stderr=subprocess.DEVNULL) as sweep:
        deadline = time.monotonic() + 120
        while len(leases := list(tmp_path.rglob(LEASE))) < 2 or not (tmp_path / "fitting").exists():
            assert sweep.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        sweep.kill()
    deadline = time.monotonic() + 20
    while any(map(is_held, leases)):
        assert time.monotonic() < deadline, "a worker goes on"
        time.sleep(0.05)
    assert not results(tmp_path)


def test_a_cluster_that_is_not_there(siamnas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("shutil.which", lambda _: None)
    shown = siamnas("cluster=slurm", "predictor=random", f"out={tmp_path}")
    assert shown.code == 2
    assert "there is no Slurm on this machine" in shown.err


def test_a_launcher_that_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(LAUNCHERS, "joblib", "not-installed")
    assert explain(["cluster=joblib"]) == ["cluster=joblib needs a plugin: pip install not-installed"]
