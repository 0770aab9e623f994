"""`siamnas search`: the same from the shell, one process per command, JSON in and out."""

import csv
import io
import json

import pytest

import siamnas as package
from tests.search.ask_tell import graphs, value

SPACE = graphs()


@pytest.fixture
def folder(tmp_path):
    """A folder of 20 architectures without accuracies."""
    cells = tmp_path / "cells"
    cells.mkdir()
    for i in range(20):
        content = {"id": f"net{i}", "adj_matrix": [[0, 1], [0, 0]], "operations": ["input", f"op{i % 7}"]}
        (cells / f"{i}.json").write_text(json.dumps(content))
    return cells


@pytest.fixture
def search(siamnas):
    """One command; its JSON."""

    def call(*words):
        shown = siamnas("search", *map(str, words))
        assert shown.code == 0, shown.err
        return json.loads(shown.out)

    return call


def test_a_whole_search(search, folder, tmp_path):
    journal = tmp_path / "journal"
    begun = search("start", journal, "--space", folder, "--predictor", "forest", "--budget", 10, "--minimise")
    assert begun["told"] == 0 and begun["budget"] == 10 and begun["architectures"] == 20
    assert search("best", journal) == {"index": None, "architecture": None, "value": None}
    seen = []
    while not (asked := search("ask", journal, "-n", 4))["done"]:
        archs = [row["architecture"] for row in asked["asked"]]
        if not archs:
            break
        seen += archs
        search("tell", journal, json.dumps({name: float(name.removeprefix("net")) for name in archs}))
    assert len(seen) == len(set(seen)) == 10
    found = search("best", journal)
    assert found["architecture"] == min(seen, key=lambda name: int(name[3:])) and found["value"] == int(
        found["architecture"][3:]
    )
    assert search("status", journal)["done"] is True


def test_open_ones_failed_ones_and_a_worker_that_takes_over(search, folder, tmp_path, monkeypatch):
    journal = tmp_path / "journal"
    search("start", journal, "--space", folder, "--predictor", "random", "--budget", 10)
    first = [row["index"] for row in search("ask", journal, "-n", 2)["asked"]]
    assert not set(first) & {row["index"] for row in search("ask", journal, "-n", 2)["asked"]}
    results = [{"index": first[0], "value": None}, {"index": first[1], "value": 0.25}]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(results)))
    told = search("tell", journal)
    assert told["failed"] == [first[0]] and told["told"] == 2
    assert [row["index"] for row in search("ask", journal, "--again")["asked"]] == told["open"]
    assert search("best", journal)["value"] == 0.25


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["start", "J", "--space", "nowhere"], "nowhere"),
        (["ask", "J"], "holds no search yet"),
        (["start", "J", "--space", "F", "--predictor", "siams", "--budget", "12"], "Estimation Code"),
        (["start", "J", "--space", "F", "--budget", "21"], "budget=21: must be at most 20"),
        (["start", "J", "--space", "F", "--predictor", "random", "--budget", "9", "--codes", "no.npy"], "no.npy"),
        (["start", "J", "--space", "F", "--predictor", "random", "--budget", "9", "nokey=3"], "nokey"),
    ],
)
def test_bad_words_end_with_status_2(siamnas, folder, tmp_path, words, said):
    places = {"J": str(tmp_path / "journal"), "F": str(folder)}
    shown = siamnas("search", *(places.get(word, word) for word in words))
    assert shown.code == 2 and said in shown.err and "Traceback" not in shown.err


@pytest.mark.parametrize(
    "results", ["{", "[3]", '[{"index": 1}, 4]', '{"net3": "good"}', '{"net99": 1}', '{"index": true, "value": 1}']
)
def test_bad_results_are_refused(siamnas, search, folder, tmp_path, results):
    journal = tmp_path / "journal"
    search("start", journal, "--space", folder, "--predictor", "random", "--budget", 10)
    shown = siamnas("search", "tell", str(journal), results)
    assert shown.code == 2 and ("tell" in shown.err or "net99: is no architecture" in shown.err)


@pytest.mark.parametrize("key", ["maximise", "overrides", "budget"])
def test_a_damaged_first_line_is_named(siamnas, search, folder, tmp_path, key):
    journal = tmp_path / "journal"
    search("start", journal, "--space", folder, "--predictor", "random", "--budget", 10)
    head = json.loads((journal / "journal.jsonl").read_text())
    (journal / "journal.jsonl").write_text(json.dumps({**head, key: {}}) + "\n")
    shown = siamnas("search", "status", str(journal))
    assert shown.code == 2 and f"line 1: is damaged ({key} is not of type" in " ".join(shown.err.split())


@pytest.mark.parametrize("content", [b"\x93NUMPY\x01\x00v\x00z'descr': '<f8', }", b"PK", b""])
def test_codes_that_cannot_be_read_are_named(siamnas, folder, tmp_path, content):
    (tmp_path / "codes.npy").write_bytes(content)
    words = ("start", str(tmp_path / "journal"), "--space", str(folder), "--predictor", "random", "--budget", "9")
    shown = siamnas("search", *words, "--codes", str(tmp_path / "codes.npy"))
    assert shown.code == 2 and f"--codes {tmp_path / 'codes.npy'}: cannot be read" in shown.err.replace("\n", "")


def test_a_search_begun_in_python_is_seen_while_it_runs_and_goes_on_from_the_shell(search, tmp_path):
    with package.Search(SPACE, "random", 10, journal=tmp_path) as begun:
        (first,) = begun.ask(1)
        begun.tell(first, value(first, SPACE))
        (second,) = begun.ask(1)
        status = search("status", tmp_path)
        assert (status["told"], status["open"], status["architectures"]) == (1, [second], 162)
        assert search("best", tmp_path) == {"index": first, "architecture": first.name, "value": value(first, SPACE)}
        assert [row["architecture"] for row in search("history", tmp_path)] == [first.name, second.name]
    assert len(search("ask", tmp_path, "-n", 3)["asked"]) == 3


def test_a_history_holds_no_formula(siamnas, tmp_path):
    space = package.Space.of_graphs([["in", "a", "out"], ["in", "b", "out"]], [[(0, 1), (1, 2)]] * 2, ["=1+1", "@x"])
    with package.Search(space, "random", 2, journal=tmp_path / "s") as search:
        search.tell(search.ask(2), [0.125, 0.1])
    rows = list(csv.DictReader(siamnas("search", "history", str(tmp_path / "s"), "--csv").out.splitlines()))
    assert {float(row["value"]) for row in rows} == {0.125, 0.1}
    assert {row["architecture"] for row in rows} == {"'=1+1", "'@x"}
