"""A search of one's own at random moments of ask, tell, add and run: killed, ended, interrupted, without space.

What was acknowledged is in the journal, nothing is asked or told twice, and the search goes on to its end.
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import siamnas
from siamnas.search.history import Past
from siamnas.search.journal_lines import FILE
from tests.search.ask_tell import graphs, value

SPACE = graphs()
BUDGET = 60
MOMENT = 0.05  # seconds within which something happens
FULL = "a full disk"
FAULTS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT, FULL: None}
TIMES = 40


def opened(folder: Path) -> siamnas.Search:
    return siamnas.Search(SPACE, "random", BUDGET, journal=folder, overrides=["search=active", "acquisition=random"])


def asks(search: siamnas.Search, said: Callable[[int], None]) -> None:
    search.ask(1)


def tells(search: siamnas.Search, said: Callable[[int], None]) -> None:
    for arch in search.ask(1):
        search.tell(arch, value(arch, SPACE))
        said(arch)


def adds(search: siamnas.Search, said: Callable[[int], None]) -> None:
    arch = next(arch for arch in range(len(SPACE)) if arch not in search.values and arch not in search.open)
    search.add({arch: value(arch, SPACE)})
    said(arch)


def runs(search: siamnas.Search, said: Callable[[int], None]) -> None:
    """What was taken is acknowledged by what follows the run."""

    def train(arch: siamnas.Architecture) -> float:
        time.sleep(0.001 * (arch % 5))
        return value(arch, SPACE)

    takes = search.take

    def take(arch: siamnas.Architecture, outcome: object) -> None:
        takes(arch, outcome)
        said(arch)

    search.take = take
    search.run(train, workers=2)


STEPS = {"ask": asks, "tell": tells, "add": adds, "run": runs}


def begun(folder: Path, step: str, said: Path, space: int | None) -> int:
    """A process that repeats a step; `space` are the bytes that its journal may grow by."""
    ready, ours = os.pipe()
    if pid := os.fork():
        os.close(ours)
        os.read(ready, 1)
        os.close(ready)
        return pid
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        search = opened(folder)
        if space is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = (folder / FILE).stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + space, resource.RLIM_INFINITY))
        acknowledged = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(ours, b"x")
        while not search.done and (step != "ask" or len(search.open) < BUDGET):
            STEPS[step](search, lambda arch: os.write(acknowledged, b"%d\n" % arch))
        status = 0
    except siamnas.InputError as error:
        status = 3 if "cannot be written: " in str(error) else 1
    except (KeyboardInterrupt, SystemExit):
        status = 0
    finally:
        os._exit(status)


def suffers(folder: Path, step: str, fault: str, draw: random.Random) -> None:
    """Let something happen to a process at a random moment."""
    number = FAULTS[fault]
    said = folder.with_suffix(".said")
    pid = begun(folder, step, said, draw.randrange(1, 2000) if number is None else None)
    if number is not None:
        time.sleep(draw.uniform(0, MOMENT))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in ((0, 3) if number is None else (0, -number)), f"{fault} in {step}: status {code}"
    told = set(Past(folder).story.values)  # which refuses what is asked or told twice
    names = {str(SPACE.archs[int(line)]) for line in said.read_text().split()} if said.exists() else set()
    assert names <= told, "what was acknowledged is there"


def check(folder: Path, step: str, fault: str, times: int) -> None:
    draw, rounds = random.Random(f"{step} {fault}"), 0
    for at in range(times):
        place = folder / str(rounds)
        suffers(place, step, fault, draw)
        if len(Past(place).story.trials) >= BUDGET // 2 or at == times - 1:
            goes_on(place)
            rounds += 1


def goes_on(folder: Path) -> None:
    """Everything that is open comes first, the budget is spent, and nothing was evaluated twice."""
    with opened(folder) as search:
        open_, added = list(search.open), len(search.values)
        first = search.ask(max(len(open_), 1))
        assert first[: len(open_)] == open_
        search.tell(first, [value(arch, SPACE) for arch in first])
        while archs := search.ask(5):
            search.tell(archs, [value(arch, SPACE) for arch in archs])
        told = search.history()
        assert search.done and told["index"].nunique() == len(told) >= BUDGET and added <= len(told)
    shutil.rmtree(folder)


@pytest.mark.parametrize("fault", FAULTS)
def test_once(fault: str, tmp_path: Path):
    check(tmp_path, "run", fault, 1)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_forty_times(step: str, fault: str, tmp_path: Path):
    check(tmp_path, step, fault, TIMES)


def test_a_machine_that_sleeps(tmp_path: Path):
    """Stopped and continued while it runs."""
    pid = begun(tmp_path / "j", "run", tmp_path / "said", None)
    for _ in range(3):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.05)
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    with opened(tmp_path / "j") as search:
        assert search.done and len(search.values) == BUDGET and not any(search.history()["failed"])
