"""Two processes never do the same job, and an expired lease is taken over."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siamnas.experiment.configuration import Job
from siamnas.jobs import record, states
from siamnas.jobs.lease import LEASE, hold
from siamnas.jobs.record import RECORD
from siamnas.runtime import lease
from siamnas.runtime.lease import TAKEOVER, Busy, Lease
from tests.support import ROOT, Outcome

WAITING = ("predictor=random", "predictor._target_=plugins.Waiting", "search.n=20", "repeats=2", "logger=none")


def write_lease(folder: Path, age: float = 0.0, **changes: object) -> Path:
    """A lease of this process, or what the changes make of it, touched `age` seconds ago."""
    path = folder / LEASE
    owner = {"host": platform.node(), "pid": os.getpid(), "born": "", "since": "2026-01-01 00:00:00", "token": "t"}
    path.write_text(json.dumps(owner | changes))
    os.utime(path, (time.time() - age,) * 2)
    return path


def ended_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen]:
    """A real job that waits inside its fit until the file `go` appears in its folder."""
    command = [sys.executable, "-m", "siamnas.run", *WAITING]
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | paths, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as job:
        try:
            deadline = time.monotonic() + 60
            while not (folder / "fitting").exists():
                assert job.poll() is None and time.monotonic() < deadline, job.communicate()[0]
                time.sleep(0.05)
            yield job
        finally:
            job.kill()


def test_one_owner_at_a_time(tmp_path: Path):
    first, second = Lease(tmp_path / LEASE, "a job"), Lease(tmp_path / LEASE, "a job")
    first.take()
    with pytest.raises(Busy, match=rf"a job is being computed by process {os.getpid()} on {platform.node()} since 20"):
        second.take()
    second.release()
    assert lease.is_held(tmp_path / LEASE), "only the owner can give it back"
    first.release()
    second.take()


@pytest.mark.parametrize(
    ("changes", "age", "held"),
    [
        ({}, 9999.0, True),  # on this machine the process counts, not the age
        ({"born": "another time"}, 0.0, False),  # its id was used again
        # A container of the same name, whose ids are others: its heartbeat counts.
        ({"place": "boot pid:[1]", "born": "another time"}, 10.0, True),
        ({"place": "boot pid:[1]", "pid": 1 << 30}, 10.0, True),
        ({"place": "boot pid:[1]"}, lease.STALE + 10, False),
        ({"place": lease._place(), "born": "another time"}, 0.0, False),
        ({"place": lease._place()}, 9999.0, True),
        ({"host": "elsewhere"}, 10.0, True),
        ({"host": "elsewhere"}, lease.STALE + 10, False),
        ({"host": "elsewhere"}, -10.0, True),  # the clocks of two machines differ a little
        ({"host": "elsewhere"}, -lease.STALE - 10, False),  # a clock was moved back
        ({"pid": "one"}, 10.0, True),
        *[({"pid": pid}, lease.STALE + 10, False) for pid in ("one", None, 0, -1, 1 << 40, 1.5, True, [])],
        *[({key: 1}, lease.STALE + 10, False) for key in ("host", "born", "since", "token", "slurm", "place")],
        ({"restarts": "1"}, lease.STALE + 10, False),
        ({"unknown": 1}, 10.0, True),  # just being written, or by another version
        ({"unknown": 1}, lease.STALE + 10, False),
    ],
)
def test_who_is_alive(tmp_path: Path, changes: dict[str, object], age: float, held: bool):
    path = write_lease(tmp_path, age, **changes)
    assert lease.is_held(path) is held
    if held:
        with pytest.raises(Busy):
            Lease(tmp_path / LEASE, "").take()
    else:
        Lease(tmp_path / LEASE, "").take()
        assert lease.is_held(path)
    assert not path.with_suffix(TAKEOVER).exists()


def test_earlier_versions_and_this_one_respect_each_other(make_job: Callable[..., Job], tmp_path: Path):
    """They read and write the same file, whose name and keys stand here as an earlier version wrote them."""
    job = make_job("predictor=random", f"out={tmp_path}")
    job.folder.mkdir(parents=True)
    path = job.folder / "claim.json"
    keys = ["host", "pid", "born", "since", "token", "slurm", "restarts"]
    values = [platform.node(), os.getpid(), "", "2026-01-01 00:00:00", "0123abcd", "", 0]
    path.write_text(json.dumps(dict(zip(keys, values, strict=True))))
    with pytest.raises(Busy, match=rf"by process {os.getpid()} on .* since 2026-01-01 00:00:00"), hold(job):
        pass
    assert states.look(job.folder).state == "running"
    path.write_text(path.read_text().replace(str(os.getpid()), str(ended_pid())))
    with hold(job):
        assert list(json.loads(path.read_text())) == [*keys, "place"], "an earlier one goes by the age of the file"
    assert not path.exists()


@pytest.mark.parametrize(
    ("job", "restarts", "held"),
    [
        ("7", 0, False),  # this very job, before Slurm started it again
        ("7", 1, True),  # this start of the job, on another of its nodes
        ("8", 0, True),
        ("", 0, True),
    ],
)
def test_a_job_that_slurm_has_started_again_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: str, restarts: int, held: bool
):
    for name, value in (("SLURM_CLUSTER_NAME", "c"), ("SLURM_JOB_ID", "7"), ("SLURM_RESTART_COUNT", "1")):
        monkeypatch.setenv(name, value)
    path = write_lease(tmp_path, host="elsewhere", slurm=job and f"c {job}", restarts=restarts)
    assert lease.is_held(path) is held
    if not held:
        Lease(path, "").take()
        assert lease.read_owner(path).restarts == 1


@pytest.mark.parametrize("age", [100, -100])
def test_a_takeover_that_was_cut_off(tmp_path: Path, age: float):
    write_lease(tmp_path, pid=ended_pid())
    guard = (tmp_path / LEASE).with_suffix(TAKEOVER)
    guard.touch()
    os.utime(guard, (time.time() - age,) * 2)
    began = time.monotonic()
    Lease(tmp_path / LEASE, "").take()
    assert time.monotonic() - began < 10
    assert not guard.exists()


@pytest.mark.parametrize("content", ["[]", "5", "null", "", "[" * 100_000, '{"pid": 1}'])
def test_a_lease_that_is_no_valid_one_goes_by_its_age(tmp_path: Path, content: str):
    path = tmp_path / LEASE
    path.write_text(content)
    with pytest.raises(Busy, match="another process"):
        Lease(tmp_path / LEASE, "").take()
    os.utime(path, (time.time() - lease.STALE - 10,) * 2)
    Lease(tmp_path / LEASE, "").take()
    assert lease.is_held(path)


def test_a_lost_lease_is_not_given_back(tmp_path: Path):
    mine = Lease(tmp_path / LEASE, "")
    mine.take()
    path = write_lease(tmp_path, token="of the one who took over")
    mine.release()
    assert path.exists()


def test_an_owner_that_was_killed_while_it_dropped_its_parts_leaves_none_behind(
    siamnas: Callable[..., Outcome], tmp_path: Path
):
    job = ("predictor=random", "repeats=2", "logger=none", f"out={tmp_path}")
    assert siamnas(*job).code == 0
    (result,) = tmp_path.rglob("result.npz")
    (parts := result.parent / "parts").mkdir()
    shutil.copy(result, parts / "1-1.npz")
    assert "done before" in siamnas(*job).out and not parts.exists() and result.exists()


def test_an_owner_that_was_killed_after_its_result_leaves_no_lease_behind(
    siamnas: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    job = ("predictor=random", "repeats=2", "logger=none", f"out={tmp_path}")
    assert siamnas(*job).code == 0
    (result,) = tmp_path.rglob("result.npz")
    path = write_lease(result.parent)
    assert "done before" in siamnas(*job).out and path.exists(), "its owner is alive"
    write_lease(result.parent, pid=ended_pid())
    with monkeypatch.context() as patch:
        patch.setattr(Lease, "remove_expired", lambda _: Path("/dev/null/x").touch())
        assert "done before" in siamnas(*job).out, "in a folder that can only be read, too"
    assert "done before" in siamnas(*job).out and not path.exists()


def test_progress_touches_the_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    held = Lease(tmp_path / LEASE, "")
    held.take()
    said: list[float] = []
    report = held.beating(said.append)
    os.utime(held.path, (0, 0))
    report(0.1)
    assert held.path.stat().st_mtime == 0, "not at every step"
    monkeypatch.setattr(lease, "BEAT", 0.0)
    report(0.2)
    assert held.path.stat().st_mtime > time.time() - 60
    held.path.unlink()
    report(0.3)
    assert said == [0.1, 0.2, 0.3]


def test_a_lease_is_kept_while_nothing_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lease, "BEAT", 0.01)
    held = Lease(tmp_path / LEASE, "")
    held.take()
    os.utime(held.path, (0, 0))
    with held.kept():
        deadline = time.monotonic() + 20
        while not held.path.stat().st_mtime:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    held.release()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_clocks_of_two_machines_that_differ_by_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float):
    """The time of the file system counts, which is the same for both."""
    alive, dead = tmp_path / "alive", tmp_path / "dead"
    for folder, age in ((alive, 10.0), (dead, lease.STALE + 10)):
        folder.mkdir()
        write_lease(folder, age, host="elsewhere")
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + ahead)
    assert lease.is_held(alive / LEASE) and not lease.is_held(dead / LEASE)
    assert [path.name for path in alive.iterdir()] == [LEASE]


def test_the_record_of_a_job(make_job: Callable[..., Job], tmp_path: Path):
    job = make_job("predictor=random", f"out={tmp_path}")
    job.folder.mkdir(parents=True)
    with hold(job):
        kept = record.read(job.folder)
        assert kept["state"] == "running" and kept["pid"] == os.getpid() and kept["config"] == job.config
        with pytest.raises(Busy), hold(job):
            pass
        assert record.read(job.folder)["state"] == "running", "who is turned away changes nothing"
    assert record.read(job.folder)["state"] == "done"
    for error, state, said in (
        (RuntimeError("no luck\nat all"), "failed", "RuntimeError: no luck"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
    ):
        with pytest.raises(type(error)), hold(job):
            raise error
        kept = record.read(job.folder)
        assert (kept["state"], kept["error"]) == (state, said)
    assert [path.name for path in job.folder.iterdir()] == [RECORD]
    (job.folder / RECORD).write_text("cut sh")
    assert record.read(job.folder) == {}


def test_two_at_the_same_time(process, tmp_path: Path):
    with running(tmp_path) as first:
        alone = process(*WAITING)
        assert alone.code == 3
        assert "random on nb201_c100, n=20 is being computed by process" in alone.err.replace("\n", " ")
        sweep = process("-m", "search.n=20,30", *(word for word in WAITING if not word.startswith("search")))
        assert sweep.code == 0
        assert "1 job was left to other processes" in sweep.err
        assert len(list(tmp_path.rglob("result.npz"))) == 1, "the sweep went on with the free job"
        (tmp_path / "go").touch()
        shown, _ = first.communicate(timeout=60)
        assert first.returncode == 0, shown
    assert len(list(tmp_path.rglob("result.npz"))) == 2
    assert not list(tmp_path.rglob(LEASE))
    assert "done before" in process(*WAITING).out


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"])
def test_sigterm_gives_the_lease_back(process, tmp_path: Path, number: signal.Signals, status: int):
    with running(tmp_path) as first:
        (left,) = tmp_path.rglob(LEASE)
        first.send_signal(number)
        shown, _ = first.communicate(timeout=60)
    assert first.returncode == status
    assert f"ended by {number.name}; the same command goes on" in shown and "Traceback" not in shown
    assert not left.exists()
    assert record.read(left.parent)["state"] == "interrupted"


def test_a_killed_job_is_taken_over(process, tmp_path: Path):
    with running(tmp_path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
    (left,) = tmp_path.rglob(LEASE)
    (tmp_path / "go").touch()
    assert process(*WAITING).code == 0
    assert not left.exists()
    assert record.read(left.parent)["state"] == "done"
