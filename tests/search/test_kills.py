"""A process that is killed at any moment loses nothing that its search had been told."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

import siamnas
from tests.search.ask_tell import graphs, told

SPACE = graphs()


STEPS = {
    "ask": lambda search: search.ask(1),
    "tell": lambda search: search.tell(search.ask(1), [0.5]),
    "add": lambda search: search.add({len(search.values): 0.5}),
}


def killed(folder: Path, step: str, number: int, delay: float) -> dict[str, float | None]:
    """A process that repeats a step until it is sent a signal; what it had been told by then."""
    said, ready = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            search = siamnas.Search(SPACE, "random", 100, journal=folder)
            os.write(ready, b"x")
            while True:
                STEPS[step](search)
        except BaseException:
            os._exit(0)
    os.close(ready)
    os.read(said, 1)
    os.close(said)
    time.sleep(delay)
    os.kill(pid, number)
    os.waitpid(pid, 0)
    return told(folder)


def check_kills(tmp_path: Path, kills: int) -> None:
    """Signals at drawn moments: the journal can be read, and nothing that was there is gone."""
    draw = random.Random(kills)
    for step in STEPS:
        folder, before = tmp_path / step, dict[str, float | None]()
        for _ in range(kills):
            if len(before) > 60:
                shutil.rmtree(folder)
                before = {}
            number = draw.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            after = killed(folder, step, number, draw.uniform(0, 0.02))
            assert before.items() <= after.items()
            with siamnas.Search(SPACE, "random", 100, journal=folder) as search:
                open_ = search.open
                assert not open_ or search.ask(1) == open_[:1], "what a dead process had comes first"
            before = after


def test_a_few_signals_at_drawn_moments(tmp_path):
    check_kills(tmp_path, 2)


@pytest.mark.slow
def test_forty_signals_at_drawn_moments(tmp_path):
    check_kills(tmp_path, 40)
