"""Several processes share the work, none does any twice, and what was killed goes on."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from siamnas.jobs.lease import is_held, read_owner
from tests.measure.conftest import lines, named, table

Start = Callable[..., subprocess.Popen]


def until(there: Callable[[], bool], *processes: subprocess.Popen) -> None:
    """Wait for something, as long as the processes live."""
    deadline = time.monotonic() + 300
    while not there():
        for process in processes:
            assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def leases(folder: Path) -> list[Path]:
    """Those that are written."""
    return [path for path in folder.rglob("claims/*.json") if read_owner(path)]


def test_two_commands_at_once_share_the_work(start: Start, tmp_path: Path):
    words, wait = ("what=odd", "archs=40", "workers=2"), str(tmp_path / "go")
    both = [start(*words, WAIT=wait), start(*words, WAIT=wait)]
    until(lambda: len(leases(tmp_path)) == 4, *both)
    (tmp_path / "go").touch()
    for process in both:
        shown = process.communicate(timeout=300)[0]
        assert process.returncode in (0, 3), shown  # 3: the other one was still at the last of them
    assert 0 in [process.returncode for process in both]
    assert len(named(tmp_path)) == len(set(named(tmp_path))) == 40
    assert len({path.name.split(".")[1] for path in tmp_path.rglob("*.jsonl")}) == 2, "of both commands"
    assert set(table(tmp_path)) == set(named(tmp_path))
    assert not leases(tmp_path)


def test_a_killed_command_loses_what_was_in_work_and_goes_on(start: Start, tmp_path: Path):
    words = ("what=odd", "archs=12", "workers=2")
    killed = start(*words, WAIT=str(tmp_path / "go"), FREE="2")
    until(lambda: len(lines(tmp_path)) == 4 and len(leases(tmp_path)) == 2, killed)
    killed.kill()
    killed.wait()
    before = lines(tmp_path)
    until(lambda: not any(map(is_held, leases(tmp_path))))  # its workers end, too
    assert lines(tmp_path) == before and len(leases(tmp_path)) == 2
    torn = next(tmp_path.rglob("*.jsonl"))
    with torn.open("a") as file:
        file.write('{"arch": "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "seconds": 1.0, "values": [0.')

    shown = start(*words)
    out = shown.communicate(timeout=300)[0]
    assert shown.returncode == 0, out
    assert all(row in lines(tmp_path) for row in before)
    assert len(named(tmp_path)) == len(set(named(tmp_path))) == 12
    assert len(table(tmp_path)) == 12
    assert not leases(tmp_path)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)]
)
def test_a_signal_gives_the_leases_back(start: Start, tmp_path: Path, number: int, code: int):
    process = start("what=odd", "archs=8", "workers=2", WAIT=str(tmp_path / "go"))
    until(lambda: len(leases(tmp_path)) == 2, process)
    process.send_signal(number)
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == code, shown
    assert "the same command goes on" in shown and "Traceback" not in shown
    assert not leases(tmp_path)


@pytest.mark.slow
def test_workers_of_a_sweep(start: Start, tmp_path: Path):
    process = start("-m", "worker=0,1", "what=response", "archs=4", "workers=1")
    shown = process.communicate(timeout=300)[0]
    assert process.returncode == 0, shown
    assert len(named(tmp_path)) == len(set(named(tmp_path))) == 4
    assert not list(tmp_path.rglob("sweeps")), "siamnas status knows searches only"
