"""A damaged journal of a search is followed, or refused by its name and left as it is."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import siamnas
from siamnas.cli import search
from siamnas.errors import InputError
from siamnas.search.journal import FILE, LOCK
from tests.fuzz.support import VALUES, cases, changed, flipped, fuzz, is_clear
from tests.search.ask_tell import graphs
from tests.spaces.jsons import chains

SPACE = graphs()
SETTING = ("random", 40)
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """The journal of a search that has gone half of its way, as its lines; the last ask is open."""
    folder = tmp_path_factory.mktemp("journal")
    with siamnas.Search(SPACE, *SETTING, journal=folder) as search:
        search.tell(archs := search.ask(4), [0.5, None, 0.25, -1e9])
        search.tell(archs := search.ask(3), [0.1] * len(archs))
        search.ask(2)
    lines = [json.loads(line) for line in (folder / FILE).read_bytes().splitlines()]
    return [*lines, {"code": [1, 2], "codes": [[0.5, None], [1.0, 2.0]]}]


def encode(lines: Any) -> bytes:
    """One line each, whatever they are."""
    rows = lines if isinstance(lines, list) else [lines]
    return b"".join(json.dumps(line).encode() + b"\n" for line in rows)


def journals(lines: Lines) -> st.SearchStrategy[bytes]:
    """With other values (the first line is the same more often than not), or other bytes."""
    inside = changed(lines[1:]).map(lambda others: encode(lines[:1]) + encode(others))
    return inside | changed(lines).map(encode) | flipped(encode(lines)) | inside.flatmap(flipped)


def put(folder: Path, content: bytes) -> None:
    for path in folder.iterdir():
        path.unlink()
    (folder / FILE).write_bytes(content)


@cases
def test_any_journal_is_followed_or_refused(told: Lines, tmp_path: Path, cases: int):
    def check(content: bytes) -> None:
        put(tmp_path, content)
        try:
            with siamnas.Search(SPACE, *SETTING, journal=tmp_path) as search:
                # One that makes sense goes on: what is asked is new, and what is told is kept.
                before, archs = search.values, search.ask(3)
                assert not set(archs) & set(before)
                search.tell(archs, [0.1] * len(archs))
                search.best()
                after = search.values
            with siamnas.Search(SPACE, *SETTING, journal=tmp_path) as search:
                np.testing.assert_equal(search.values, after)
        except InputError as error:
            is_clear(str(error), tmp_path, "the journal")
            assert (tmp_path / FILE).read_bytes()[: len(content)] in (content, content[: content.rfind(b"\n") + 1])

    fuzz(cases, journals(told), check)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines]:
    """A folder of architectures with their codes, and the journal of a search there that the command has begun."""
    here = tmp_path_factory.mktemp("begun")
    np.save(here / "codes.npy", np.ones((12, 3)))
    words = ["--space", str(chains(here / "cells", 12)), "--budget", "6", "--predictor", "random"]
    assert run("start", str(here / "journal"), *words, "--codes", str(here / "codes.npy")) == (0, "")
    run("ask", str(here / "journal"), "-n", "2")
    lines = (here / "journal" / FILE).read_bytes().splitlines()
    return here, [json.loads(line) for line in lines]


def run(*words: str) -> tuple[Any, str]:
    """The exit code of `siamnas search`, and what it has said of errors."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            search.main(list(words))
            return 0, said.getvalue()
        except SystemExit as stop:
            return stop.code, said.getvalue()


@cases
def test_the_command_refuses_it_with_status_2(begun: tuple[Path, Lines], tmp_path: Path, cases: int):
    """The first line says what the command goes on with: here it is the one that is changed."""
    here, lines = begun
    codes = (here / "codes.npy").read_bytes()
    heads = changed(lines[0]).map(lambda head: encode([head, *lines[1:]]))
    results = changed([{"index": 3, "value": 0.5}, {"architecture": "5", "value": None}]) | VALUES

    def check(case: tuple[bytes, bytes, bytes, Any, str]) -> None:
        content, array, lock, told, word = case
        put(tmp_path, content)
        (tmp_path / LOCK).write_bytes(lock)
        (here / "codes.npy").write_bytes(array)
        more = [json.dumps(told)] if word == "tell" else []
        code, said = run(word, str(tmp_path), *more)
        assert code in (0, 2), said
        if code:
            names = (
                tmp_path,
                here,
                "=",
                "--codes",
                "tell",
                "unknown option",  # a negative number, which is no JSON of results
                "the journal",
                "architecture",
                "index",
                "overrides",
                "seed",
                "space",
                "predictor",
            )
            is_clear(" ".join(said.split()), *names)

    arrays = st.just(codes) | flipped(codes)
    locks = st.just(b"") | st.binary(max_size=20)
    words = st.sampled_from(["ask", "tell", "best", "status"])
    fuzz(cases, st.tuples(heads | st.just(encode(lines)), arrays, locks, results, words), check)
