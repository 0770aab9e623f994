"""Several processes on one journal, and a search that is looked at from outside."""

import json
import subprocess
import sys
import threading

import pytest

import siamnas
from siamnas.search.journal import ALIVE, FILE
from tests.search.ask_tell import graphs, value
from tests.support import ROOT

SPACE = graphs()
JOB = """
import sys, time, siamnas
from tests.search.ask_tell import graphs, value
space = graphs()
with siamnas.Search(space, budget=24, journal=sys.argv[1], overrides=sys.argv[3:]) as search:
    while not search.done:
        archs = search.ask(2)
        for arch in archs:
            time.sleep(0.02 * (arch % 5))
            print(int(arch), flush=True)
            search.tell(arch, value(arch, space))
        if not archs:
            time.sleep(0.02)
"""


@pytest.mark.parametrize("words", [(), pytest.param(("search.batch=4",), marks=pytest.mark.slow)])
def test_the_jobs_of_an_array_share_one_search(tmp_path, words):
    command = [sys.executable, "-c", JOB, str(tmp_path), "", *words]
    jobs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    trained = [[int(line) for line in job.communicate()[0].split()] for job in jobs]
    assert [job.returncode for job in jobs] == [0] * 3
    every = [arch for own in trained for arch in own]
    assert len(every) == len(set(every)) == 24, "nothing is evaluated twice"
    with siamnas.Search.open(tmp_path) as search:
        assert search.done and set(search.values) == set(every)
    assert not list(tmp_path.glob(f"{ALIVE}*"))


def test_what_a_dead_process_had_is_evaluated_by_the_others(tmp_path):
    with siamnas.Search(SPACE, budget=6, journal=tmp_path) as search:
        code = (
            "import sys, os, siamnas; search = siamnas.Search.open(sys.argv[1]);"
            "print(*map(int, search.ask(2)), flush=True); sys.stdin.readline(); os._exit(9)"
        )
        command = [sys.executable, "-c", code, str(tmp_path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as other:
            theirs = [int(word) for word in other.stdout.readline().split()]
            own = search.ask(10)
            assert len(theirs) == 2 and len(own) == 4 and not set(theirs) & set(own)
            assert search.ask(10) == [], "while it lives"
            other.communicate("\n")
        assert search.ask(10) == theirs and search.ask(10) == []
        search.tell(search.open, [value(arch, SPACE) for arch in search.open])
        assert search.done


def test_threads_and_a_second_search_of_one_process(tmp_path):
    with siamnas.Search(SPACE, budget=30, journal=tmp_path) as one, siamnas.Search.open(tmp_path) as two:
        failures = []

        def work(search):
            try:
                while archs := search.ask(1):
                    search.tell(archs, [value(arch, SPACE) for arch in archs])
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(search,)) for search in (one, two, one)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures and one.done and two.done and one.values == two.values and len(one.values) == 30


def test_it_is_seen_from_outside_while_it_runs(siamnas_command, tmp_path):
    with siamnas.Search(SPACE, budget=8, journal=tmp_path) as search:
        archs = search.ask(4)
        search.tell(archs[:2], [0.5, None])
        search.add({archs[0] + 1: 0.25})
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        status = siamnas_command("status", tmp_path)
        assert (status["told"], status["failed"], status["open"]) == (3, [archs[1]], archs[2:])
        rows = siamnas_command("history", tmp_path)
        assert [row["architecture"] for row in rows] == search.history()["architecture"].tolist()
        assert [row["why"] for row in rows[:2]] == ["initial design"] * 2 and rows[-1]["why"] == "added"
        assert siamnas_command("best", tmp_path)["value"] == 0.5
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before, "nothing is written"


def test_watch_ends_with_the_search(tmp_path):
    search = siamnas.Search(SPACE, budget=3, journal=tmp_path)
    command = [sys.executable, "-m", "siamnas", "search", "watch", str(tmp_path), "--every", "0.05"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout.readline() == "told 0 of 3, 0 open, 0 failed\n"
        (arch, *others) = search.ask(3)
        search.tell(arch, 0.5)
        line = ""
        while "told 1" not in line:
            line = watching.stdout.readline()
        assert line == f"told 1 of 3, 2 open, 0 failed, best 0.5 ({arch.name})\n"
        search.tell(others, [None, 0.75])
        assert watching.stdout.readlines()[-1].startswith("told 3 of 3, 0 open, 1 failed, best 0.75")
    assert watching.returncode == 0


def test_words_may_stand_behind_options(siamnas_command, tmp_path, capsys):
    words = ["--predictor", "gcn", "--budget", "12", "trainer=fast", "--seed", "3", "trainer.epochs=4"]
    siamnas_command("start", tmp_path / "j", "--space", "nb_macro", *words)
    header = json.loads((tmp_path / "j" / FILE).read_text())
    assert header["overrides"] == ["trainer=fast", "trainer.epochs=4"] and header["seed"] == 3
    for wrong in (["trainer"], ["--nope=3"], ["-x"]):
        with pytest.raises(SystemExit):
            siamnas_command("start", tmp_path / "k", "--space", "nb_macro", *wrong)
        said = capsys.readouterr().err
        assert "unknown option" in said and said.startswith("error: ") or wrong == ["trainer"]
    assert not (tmp_path / "k").exists()


def test_the_command_adds_replaces_and_goes_on(siamnas_command, tmp_path):
    siamnas_command("start", tmp_path, "--space", "nb_macro", "--budget", "5")
    asked = siamnas_command("ask", tmp_path, "-n", 2)["asked"]
    one, two = (row["architecture"] for row in asked)
    siamnas_command(
        "tell", tmp_path, json.dumps([{"architecture": one, "value": 0.5}, {"architecture": two, "value": 1}])
    )
    siamnas_command("tell", tmp_path, "--replace", json.dumps([{"architecture": one, "value": 0.75}]))
    other = next(index for index in range(9) if index not in [row["index"] for row in asked])
    assert siamnas_command("add", tmp_path, json.dumps({str(other): 2.0}))["told"] == 3
    assert siamnas_command("best", tmp_path)["index"] == other
    assert {row["architecture"]: row["value"] for row in siamnas_command("history", tmp_path)}[one] == 0.75


@pytest.fixture
def siamnas_command(capsys):
    """One command of `siamnas search`; its JSON."""
    from siamnas.cli import search

    def call(*words):
        search.main([*map(str, words)])
        return json.loads(capsys.readouterr().out)

    return call
