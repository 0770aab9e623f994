"""The memory of a search: killed anywhere, it goes on as if nothing had happened."""

import json
import math
import random
import shutil
import subprocess
import sys

import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search.journal import FILE
from tests.search.ask_tell import finish, graphs, value
from tests.support import ROOT

SPACE = graphs()


def opened(folder, predictor="forest", **more):
    return siamnas.Search(SPACE, predictor, 40, journal=folder, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The journal of a finished search, and what it has found."""
    folder = tmp_path_factory.mktemp("whole")
    with opened(folder) as search:
        finish(search)
        return (folder / FILE).read_bytes(), search.values, search.best()


def test_cut_off_anywhere_it_ends_the_same(whole, tmp_path, caplog):
    """A process that dies leaves a prefix of the journal, maybe with a torn last line."""
    content, values, best = whole
    draw = random.Random(0)
    for i in range(20):
        folder = tmp_path / str(i)
        folder.mkdir()
        cut = draw.randint(content.index(b"\n") + 1, len(content) - 1)
        (folder / FILE).write_bytes(content[:cut])
        caplog.clear()
        with opened(folder) as search:
            # A line that lacks its end alone is whole.
            assert ("torn last line" in caplog.text) == (b"\n" not in content[cut - 1 : cut + 1])
            finish(search, count=draw.randint(1, 9))
            assert search.values.keys() == values.keys() and search.best() == best
            told = [value for value in values.values() if not math.isnan(value)]
            assert sorted(told) == sorted(value for value in search.values.values() if not math.isnan(value))


def test_what_is_on_disk_is_followed_where_this_machine_would_choose_otherwise(whole, tmp_path):
    """Another processor rounds otherwise, and may rank otherwise; what has been asked for stays asked for."""
    lines = whole[0].splitlines(keepends=True)
    second = [i for i, line in enumerate(lines) if line.startswith(b'{"batch"')][1]
    names, batch = SPACE.archs.tolist(), json.loads(lines[second])["batch"]
    stranger = next(name for i, name in enumerate(names) if name not in batch and i not in whole[1])
    changed = json.dumps({"batch": [stranger, *batch[1:]]}).encode() + b"\n"
    (tmp_path / FILE).write_bytes(b"".join([*lines[:second], changed]))
    with opened(tmp_path) as search:
        assert search.ask(1) == [names.index(stranger)]
        search.tell(stranger, 0.5)
        asked, _ = finish(search)
        assert len(asked) == 40 and names.index(batch[0]) not in asked[:21]


def test_open_asks_come_first_when_it_is_opened_again(tmp_path):
    with opened(tmp_path) as search:
        first = search.ask(5)
        search.tell(first[1], 0.3)
    left = [arch for arch in first if arch != first[1]]
    with opened(tmp_path, reissue=False) as search:
        assert search.open == left and not set(search.ask(3)) & set(first)
        assert search.again()[:4] == left
    with opened(tmp_path) as search:
        assert search.ask(4) == left


def test_codes_are_computed_once(tmp_path):
    computed = []

    def compute(archs):
        computed.extend(archs)
        return [[arch / 100, math.nan if arch % 5 == 0 else 1.0] for arch in archs]

    def search():
        overrides = ["trainer=fast", "trainer.epochs=4"]
        return siamnas.Search(SPACE, "siams", 12, codes=compute, code_length=2, journal=tmp_path, overrides=overrides)

    with search() as first:
        first.tell(archs := first.ask(3), [value(arch, SPACE) for arch in archs])
    with search() as second:
        finish(second, fails=False)
    assert len(computed) == len(set(computed)) > 3


def test_another_search_is_refused_by_name(tmp_path):
    with opened(tmp_path):
        pass
    for more, said in [({"seed": 1}, "seed=1: the search in"), ({"maximise": False}, "maximise=False")]:
        with pytest.raises(InputError, match=said):
            opened(tmp_path, **more)
    with pytest.raises(InputError, match="predictor=random"):
        opened(tmp_path, "random")
    other = siamnas.Space.of_graphs([["a", "b"]] * 50, [[(0, 1)]] * 50)
    with pytest.raises(InputError, match="graphs: differs from that of the search in "):
        siamnas.Search(other, "forest", 40, journal=tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[1]",
        '{"batch": [5000]}',
        '{"ask": ["a"]}',
        '{"tell": [1], "values": []}',
        '{"what": 1}',
        '{"batch": {}}',
        '{"tell": [1, 1], "values": [0, 0]}',
        '{"code": [1], "codes": [[1' + "0" * 400 + "]]}",
        "[" * 9999,
    ],
)
def test_a_damaged_line_is_named(whole, tmp_path, line):
    first = whole[0].splitlines(keepends=True)[:3]
    (tmp_path / FILE).write_bytes(b"".join(first) + line.encode() + b"\n")
    with pytest.raises(InputError, match=r"journal\.jsonl, line 4: is damaged"):
        opened(tmp_path)
    opened(tmp_path / "another").close()


HOLDS = """
import fcntl, os, sys, time
lock = os.open(sys.argv[1] + "/lock", os.O_RDWR)
fcntl.flock(lock, fcntl.LOCK_EX)
os.pwrite(lock, b"process 7 on another", 0)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("seconds", [0.5, 60])
def test_it_waits_for_another_process_and_then_says_which(tmp_path, seconds):
    with opened(tmp_path, wait=5 if seconds < 5 else 0.2) as search:
        command = [sys.executable, "-c", HOLDS, str(tmp_path), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout.readline() == "held\n"
            if seconds < 5:
                assert len(search.ask(2)) == 2
            else:
                with pytest.raises(InputError, match="is held by process 7 on another, after 0.2 s of waiting"):
                    search.ask(2)
                assert search.open == [] and search.values == {}, "what is there can be read without the lock"
                other.kill()


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    search = opened(tmp_path)
    archs = search.ask(2)
    before = (tmp_path / FILE).read_bytes()
    monkeypatch.setattr("os.write", lambda descriptor, line: len(line) // 2)
    with pytest.raises(InputError, match="No space left"):
        search.tell(archs, [0.1, 0.2])
    monkeypatch.undo()
    assert (tmp_path / FILE).read_bytes() == before and search.values == {}
    search.tell(archs, [0.1, 0.2])
    assert search.values == dict(zip(archs, [0.1, 0.2], strict=True))


KILLED = """
import math, sys, siamnas
from tests.search.ask_tell import graphs, value
space = graphs()
search = siamnas.Search(space, "siams_nsam_bts", 60, journal=sys.argv[1], codes=__import__("numpy").ones((162, 3)),
                        overrides=["trainer=fast", "trainer.ranked_share=0.3"])
while archs := search.ask(4):
    for arch in archs:
        search.tell(arch, value(arch, space, fails=True))
print(search.best(), sorted(search.values))
"""


@pytest.mark.slow
def test_twenty_kills_of_a_real_search(tmp_path):
    """The process is killed 20 times, each time after it has gone on; the answer is the undisturbed one."""
    command = [sys.executable, "-c", KILLED]
    plain = subprocess.run([*command, str(tmp_path / "plain")], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = len((tmp_path / "plain" / FILE).read_bytes().splitlines())
    draw = random.Random(1)
    journal, kills = tmp_path / "killed", 0
    for stop in sorted(draw.sample(range(1, lines - 1), 20)):
        running = subprocess.Popen([*command, str(journal)], cwd=ROOT, stdout=subprocess.DEVNULL)
        while running.poll() is None:
            if (journal / FILE).exists() and (journal / FILE).read_bytes().count(b"\n") >= stop:
                running.kill()
                kills += 1
                break
        running.wait()
    ended = subprocess.run([*command, str(journal)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert kills >= 15  # it may be too quick to be caught
    assert ended.stdout == plain.stdout
    shutil.rmtree(journal)
