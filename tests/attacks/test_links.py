"""Links and other traps in a folder that others can write to: nothing is written through them."""

import os
import stat
from pathlib import Path

import pytest

from siamnas.jobs import progress
from siamnas.runtime import terminal
from siamnas.runtime.files import prepare, whole
from tests.support import QUICK, results


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of somebody, elsewhere."""
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


NAMES = ("run.log", "job.json", "curves.csv", "claim.json", "progress.json", "progress.part", "result.npz")


def test_a_job_writes_through_no_link(siamnas, tmp_path: Path, victim: Path):
    job = (*QUICK, "space=tiny_nb201", "search.n=10", "search.k=2", f"out={tmp_path / 'out'}")
    assert siamnas(*job).code == 0
    (path,) = results(tmp_path)
    for name in NAMES:
        (path.parent / name).unlink(missing_ok=True)
        if name not in ("claim.json", "result.npz"):  # of these somebody else may have a real one
            (path.parent / name).symlink_to(victim)
    shown = siamnas(*job)
    assert shown.code == 0, shown.err
    assert victim.read_text() == "precious"
    assert not [name for name in ("run.log", "job.json") if (path.parent / name).is_symlink()]


def test_a_report_writes_through_no_link(siamnas, tmp_path: Path, victim: Path):
    assert siamnas(*QUICK, "space=tiny_nb201", "search.n=10", "search.k=2", f"out={tmp_path / 'out'}").code == 0
    report = tmp_path / "report"
    report.mkdir()
    for name in ("index.html", "table.md", "table.tex", "table.csv", "curves.csv"):
        (report / name).symlink_to(victim)
    assert siamnas("report", str(tmp_path / "out"), "--out", str(report)).code == 0
    assert victim.read_text() == "precious" and not (report / "index.html").is_symlink()


def test_a_lease_is_taken_and_kept_through_no_link(tmp_path: Path, victim: Path):
    from siamnas.jobs.lease import LEASE, Lease

    before = victim.stat().st_mtime_ns
    (tmp_path / LEASE).symlink_to(tmp_path / "nowhere")
    lease = Lease(tmp_path / LEASE, "a job")
    lease.take()
    assert not (tmp_path / "nowhere").exists() and not (tmp_path / LEASE).is_symlink()
    (tmp_path / LEASE).unlink()
    (tmp_path / LEASE).symlink_to(victim)
    lease._beaten -= 1000
    lease.beat()
    assert victim.stat().st_mtime_ns == before


def test_a_log_is_no_pipe(tmp_path: Path, soon):
    os.mkfifo(tmp_path / "run.log")
    with terminal.log_to(tmp_path / "run.log"):
        terminal.log.warning("said")
    assert "said" in (tmp_path / "run.log").read_text()


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "run.log", tmp_path):
        with terminal.log_to(path):
            terminal.log.warning("said")


def test_names_of_what_is_being_written_are_new(tmp_path: Path, victim: Path):
    """Those of earlier versions, with the number of this process, can be foreseen."""
    for name in (f".a.{os.getpid()}", f".probe.{os.getpid()}", f".a.json.{os.getpid()}"):
        (tmp_path / name).symlink_to(victim)
    prepare(tmp_path)
    with whole(tmp_path / "a.json") as file:
        file.write("new")
    with progress.kept(tmp_path, lambda share: None) as report:
        (tmp_path / "progress.part").symlink_to(victim)
        report(0.5)
    assert victim.read_text() == "precious" and (tmp_path / "a.json").read_text() == "new"


@pytest.mark.parametrize("mask", [0o002, 0o027, 0o077])
def test_the_mask_of_a_user_decides_who_may_read(tmp_path: Path, mask: int):
    before = os.umask(mask)
    try:
        with whole(tmp_path / "new" / "a.json") as file:
            file.write("x")
        with terminal.log_to(tmp_path / "run.log"):
            terminal.log.warning("said")
    finally:
        os.umask(before)
    for name in ("new/a.json", "run.log"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o666 & ~mask
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o777 & ~mask


def test_a_folder_that_links_to_itself(siamnas, tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")
    shown = siamnas(*QUICK, f"out={tmp_path / 'loop'}")
    assert shown.code == 2 and "delete it" not in shown.err
    assert "can't be read: Too many levels of symbolic links" in shown.err.replace("\n", " ")


@pytest.mark.parametrize("parts", [12, 25])
def test_a_path_of_any_length(siamnas, tmp_path: Path, parts: int):
    """As long as results fit below it; beyond that it is named before any work."""
    shown = siamnas(*QUICK, f"out={tmp_path.joinpath(*['a' * 200] * parts)}")
    assert (shown.code == 0) == (parts == 12), shown.err
    assert parts == 12 or shown.code == 2 and "of at most 3,000 bytes" in shown.err.replace("\n", " ")
