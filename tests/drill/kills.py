"""Commands that are killed: forks of this process, which has imported everything already."""

import contextlib
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

KILLS = 40
PATIENCE = 300.0  # seconds that a command may take


def command(*words: str) -> Callable[[], None]:
    """The command line as something to be called."""

    def run() -> None:
        from siamnas.cli import main

        sys.argv[:] = ["siamnas", *words]
        os.environ.pop(main.FULL_ERROR, None)
        main.main()

    return run


def start(run: Callable[[], object], folder: Path) -> int:
    """Do something in another process, whose current folder is `folder` and whose words go to a file there."""
    folder.mkdir(parents=True, exist_ok=True)
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number in (1, 2):
            os.dup2(said, number)
        sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: PTH123 (the streams of a process of its own)
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def ended(pid: int, patience: float) -> int | None:
    """The exit code of a process, negative for a signal; None if it goes on after some seconds."""
    deadline = time.monotonic() + patience
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(0.005)


def whole(run: Callable[[], object], folder: Path) -> float:
    """Do all of something undisturbed; the seconds that it takes."""
    began = time.monotonic()
    code = ended(start(run, folder), PATIENCE)
    assert code == 0, (folder / "said.txt").read_text()
    return time.monotonic() - began


def killed(
    run: Callable[[], object], at: Path, seconds: float, seed: int, done: Callable[[Path], dict[Any, Any]]
) -> Iterator[Path]:
    """Kill something KILLS times at moments that are drawn, each time starting it again; folders where it has ended.

    Args:
        run: what is done; it may end before it is killed, and then begins anew in another folder.
        at: gets the folders.
        seconds: that it takes undisturbed.
        seed: of the moments.
        done: what is finished in a folder, by name; nothing of that may ever be gone or another.
    """
    draw, number, kills = random.Random(seed), 0, 0
    before: dict[Any, Any] = {}
    while True:
        folder = at / str(number)
        pid = start(run, folder)
        # Later than most of it takes, too: a start that is always cut off early would never get to its end.
        code = ended(pid, draw.uniform(0, 1.1 * seconds) if kills < KILLS else PATIENCE)
        if code is None:
            assert kills < KILLS, (folder / "said.txt").read_text()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            kills += 1
        now = done(folder)
        assert {name: now.get(name) for name in before} == before, "what was finished is gone, or made again"
        before = now
        if code is not None:
            assert code == 0, (folder / "said.txt").read_text()
            yield folder
            number, before = number + 1, {}
            if kills >= KILLS:
                return
