"""A journal on a file system that has no locks, as NFS without its daemon: a real one, mounted by FUSE."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search.journal import ALIVE, LOCK
from tests.search.ask_tell import graphs, value
from tests.search.test_shared import JOB
from tests.support import ROOT

NEEDED = ("cc", "pkg-config", "fusermount3")
SPACE = graphs()
HOLD = """
import sys, siamnas
from pathlib import Path
from siamnas.search.journal import Journal
search = siamnas.Search.open(sys.argv[1])
print(*map(int, search.ask(2)), flush=True)
with Journal(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    sys.stdin.readline()
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, NEEDED)) or not Path("/dev/fuse").exists(),
        reason="needs FUSE: apt-get install fuse3 libfuse3-dev pkg-config",
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file system."""
    path = tmp_path_factory.mktemp("program") / "no_locks"
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "fuse3"], text=True).split()
    subprocess.run(["cc", str(Path(__file__).with_name("no_locks.c")), "-o", str(path), *flags], check=True)
    return path


@pytest.fixture
def mounted(program: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder on it."""
    real, shown = tmp_path / "real", tmp_path / "shown"
    real.mkdir()
    shown.mkdir()
    with subprocess.Popen([program, real, shown], stderr=subprocess.DEVNULL) as system:
        try:
            while not os.path.ismount(shown):
                assert system.poll() is None
                time.sleep(0.02)
            yield shown
        finally:
            subprocess.run(["fusermount3", "-u", "-z", shown], check=True)


def signs(folder: Path) -> list[str]:
    """What processes that have a journal open leave beside it."""
    return [path.name for path in folder.iterdir() if path.name.startswith(ALIVE) or path.name == f"{LOCK}.json"]


def test_there_are_no_locks(mounted: Path):
    import fcntl

    with (mounted / "file").open("w") as file, pytest.raises(OSError, match="No locks available"):
        fcntl.flock(file, fcntl.LOCK_EX)


def test_several_processes_share_one_search(mounted: Path):
    command = [sys.executable, "-c", JOB, str(mounted / "journal"), ""]
    jobs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    every = [int(line) for job in jobs for line in job.communicate()[0].split()]
    assert [job.returncode for job in jobs] == [0] * 3
    assert len(every) == len(set(every)) == 24, "nothing is evaluated twice"
    with siamnas.Search.open(mounted / "journal") as search:
        assert search.done and set(search.values) == set(every)
    assert not signs(mounted / "journal")


def test_what_a_killed_process_had_is_taken_over(mounted: Path):
    folder = mounted / "journal"
    with siamnas.Search(SPACE, budget=6, journal=folder, wait=1) as search:
        search.tell(first := search.ask(2), [value(arch, SPACE) for arch in first])
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, **pipes) as other:
            theirs = [int(word) for word in other.stdout.readline().split()]
            assert other.stdout.readline() == "locked\n"
            with pytest.raises(InputError, match=rf"is held by process {other.pid} on \S+, after 1 s"):
                search.ask(1)
            other.send_signal(signal.SIGKILL)
        own = search.ask(4)
        assert set(theirs) <= set(own) and not set(first) & set(own)
        search.tell(own, [value(arch, SPACE) for arch in own])
        assert search.done
