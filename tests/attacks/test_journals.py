"""A journal that others can write to: nothing waits for ever, is written elsewhere, or is taken for a value."""

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search.history import Past
from siamnas.search.journal import LOCK
from siamnas.search.journal_lines import FILE
from tests.search.ask_tell import graphs

SPACE = graphs()


def searching(folder: Path | str) -> siamnas.Search:
    return siamnas.Search(SPACE, "random", 10, journal=folder)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The folder of a search with two values."""
    with searching(tmp_path / "journal") as search:
        search.tell(search.ask(2), [0.1, 0.2])
    return tmp_path / "journal"


@pytest.mark.parametrize("name", [LOCK, FILE])
def test_nothing_is_written_through_a_link(journal: Path, tmp_path: Path, name: str):
    victim = tmp_path / "victim"
    victim.write_bytes((journal / name).read_bytes())
    before = victim.read_bytes()
    (journal / name).unlink()
    (journal / name).symlink_to(victim)
    with pytest.raises(InputError, match=r"journal=.*: cannot be opened: a file of it is a link"):
        searching(journal).ask(1)
    assert victim.read_bytes() == before


KINDS: dict[str, Callable[[Path], Any]] = {
    "a pipe": os.mkfifo,
    "a folder": os.mkdir,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path, kind: str, soon):
    KINDS[kind](tmp_path / FILE)
    with pytest.raises(InputError, match=r"journal=.*: cannot be read: "):
        searching(tmp_path).ask(1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_that_is_no_file(journal: Path, kind: str, soon):
    (journal / LOCK).unlink()
    KINDS[kind](journal / LOCK)
    try:
        assert len(searching(journal).ask(1)) == 1, "a pipe can be locked as well"
    except InputError as error:
        assert "cannot be opened" in str(error)


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e999", "1" + "0" * 400, '"0.5"', "true", "[1]"])
def test_a_value_that_nobody_can_have_told(journal: Path, value: str):
    content = (journal / FILE).read_text()
    (journal / FILE).write_text(content.replace("[0.1,0.2]", f"[0.1,{value}]"))
    with pytest.raises(InputError, match="line 4: is damaged"):
        searching(journal)


@pytest.mark.parametrize(("key", "value"), [("budget", 0), ("budget", 1.5), ("seed", -1), ("overrides", "x")])
def test_a_first_line_that_no_search_can_have_written(journal: Path, key: str, value: object):
    first, *others = (journal / FILE).read_text().splitlines(keepends=True)
    (journal / FILE).write_text(json.dumps(json.loads(first) | {key: value}) + "\n" + "".join(others))
    with pytest.raises(InputError, match=rf"journal\.jsonl, line 1: is damaged \({key}"):
        siamnas.Search.open(journal)


@pytest.mark.parametrize("word", ["é", "serach.n=3", "acquisition=uci"])
def test_words_that_only_the_journal_says(journal: Path, word: str):
    first, *others = (journal / FILE).read_text().splitlines(keepends=True)
    (journal / FILE).write_text(json.dumps(json.loads(first) | {"overrides": [word]}) + "\n" + "".join(others))
    with pytest.raises(InputError, match=rf"journal\.jsonl, line 1: .*{word.partition('=')[0]}"):
        siamnas.Search.open(journal)


@pytest.mark.parametrize(
    "key", ["journal", "predictor", "budget", "maximise", "seed", "overrides", "space", "fingerprint"]
)
def test_a_first_line_that_lacks_something(journal: Path, key: str):
    head, *lines = (journal / FILE).read_text().splitlines()
    (journal / FILE).write_text("\n".join([json.dumps(json.loads(head) | {key: None}), *lines, ""]))
    with pytest.raises(InputError, match="journal"):
        siamnas.Search.open(journal)


LINES = [
    '{"ask":["c0"],"at":NaN}',
    '{"ask":["c0"],"at":1e300}',
    '{"ask":["c0"],"at":-1e12}',
    '{"tell":["c4"],"values":[0.1],"seconds":-5}',
    '{"tell":["c4"],"values":[0.1],"seconds":1e999}',
    '{"tell":["c4"],"values":[]}',
    '{"tell":["c4"],"values":"1"}',
    '{"ask":["c5"],"why":[]}',
    '{"set":{"maximise":false}}',
    '{"set":null}',
    '{"set":{"budget":8},"tell":["c4"],"values":[0.1]}',
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_no_search_can_have_written(journal: Path, line: str):
    """From outside, too: a time beyond all calendars ended `history` with a traceback, `maximise` turned the best."""
    with (journal / FILE).open("a") as file:
        file.write(line + "\n")
    for look in (siamnas.Search.open, lambda folder: Past(folder).frame()):
        with pytest.raises(InputError, match=r"line 5: is damaged"):
            look(journal)


def test_a_clock_that_was_set_back(tmp_path: Path):
    with searching(tmp_path) as search, pytest.MonkeyPatch.context() as patch:
        (arch,) = search.ask(1)
        patch.setattr("siamnas.search.record.time.time", lambda: 5.0)
        search.tell(arch, 0.5)
        (row,) = search.history().itertuples()
    assert row.value == 0.5 and row.told < row.asked and np.isnan(row.seconds)


def test_words_that_can_not_be_composed_are_those_of_a_file(journal: Path, siamnas):
    content = (journal / FILE).read_text()
    (journal / FILE).write_text(content.replace('"predictor":"random"', '"predictor":"nope"'))
    said = siamnas("search", "best", str(journal))
    assert said.code == 2 and "journal.jsonl, line 1: no option predictor=nope" in said.err


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 300])
def test_a_path_that_can_be_none(path: str):
    with pytest.raises(InputError, match="journal="):
        searching(path).ask(1)


@pytest.mark.skipif(sys.platform != "linux", reason="counts by /proc")
def test_searches_that_nobody_closes_leave_no_open_files(tmp_path: Path):
    """Each left three, so that a program that had opened some hundreds could open no file any more."""
    siamnas.Search(SPACE, budget=4, journal=tmp_path).close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        siamnas.Search.open(tmp_path).ask()
        gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    with siamnas.Search.open(tmp_path) as search:
        assert len(search.open) == 1  # asked again by each
