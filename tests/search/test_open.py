"""A journal is enough to go on: with a larger budget, other values, known evaluations, another predictor."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search import kept
from siamnas.search.journal import FILE
from tests.search.ask_tell import finish, graphs, value
from tests.support import ROOT

SPACE = graphs()


def spend(search):
    """All that the budget allows; what was asked for, and what was told."""
    return finish(search, fails=False)


def test_a_journal_is_enough(tmp_path):
    with siamnas.Search(SPACE, "forest", 20, maximise=False, seed=3, journal=tmp_path) as search:
        search.tell(archs := search.ask(4), [value(arch, SPACE) for arch in archs])
        values = search.values
    expected, _ = spend(siamnas.Search(SPACE, "forest", 20, maximise=False, seed=3))
    shutil.move(tmp_path, tmp_path.with_name("elsewhere"))
    with siamnas.Search.open(tmp_path.with_name("elsewhere")) as search:
        assert search.values == values and not search.setting.maximise
        for name in ("types", "adjacency", "archs"):
            np.testing.assert_array_equal(getattr(search.space, name), getattr(SPACE, name))
        assert spend(search)[0] == expected


@pytest.mark.parametrize("words", [(), ("search.batch=4",), ("search=topk",), ("search=topk", "search.k=4")])
def test_a_budget_is_extended(tmp_path, words):
    given = {"overrides": words, "predictor": "gp", "journal": tmp_path}
    with siamnas.Search(SPACE, budget=13, **given) as search:
        first, _ = spend(search)
        assert len(first) == 13
    with pytest.raises(InputError, match="budget=12: the search in .* has budget=13, which can only be extended"):
        siamnas.Search(SPACE, budget=12, **given)
    with siamnas.Search.open(tmp_path, budget=20) as search:
        assert not search.done and search.setting.budget == 20
        asked, _ = spend(search)
    assert asked[:13] == first and len(set(asked)) == 20
    with siamnas.Search(SPACE, **given) as search:
        assert search.setting.budget == 20 and search.done and search.ask(1) == []


def test_an_asynchronous_search_that_is_extended_goes_the_way_of_the_longer_one(tmp_path):
    expected, _ = spend(siamnas.Search(SPACE, budget=20, seed=1))
    with siamnas.Search(SPACE, budget=11, seed=1, journal=tmp_path) as search:
        spend(search)
    with siamnas.Search.open(tmp_path, budget=20) as search:
        assert spend(search)[0][:11] == expected[:11] and len(search.values) == 20


@pytest.mark.parametrize("words", [(), ("search.batch=4",), ("search=topk",)])
def test_known_evaluations_are_added_and_not_paid_for(tmp_path, words):
    names = [str(SPACE.archs[arch]) for arch in range(0, 160, 8)]
    known = {name: value(arch, SPACE) for arch, name in zip(range(0, 160, 8), names, strict=True)}
    with siamnas.Search(SPACE, "gp", 12, overrides=words, journal=tmp_path) as search:
        search.add(known)
        search.add({0: known[names[0]]})  # the same again is harmless
        with pytest.raises(InputError, match=r"add: .* was told as .*, not 7.0"):
            search.add({1: 0.5, 0: 7.0})
        (arch,) = search.ask(1)
        with pytest.raises(InputError, match="is open: tell it"):
            search.add({arch: 0.5})
        search.tell(arch, value(arch, SPACE))
        assert search.best().value == max(search.values.values())
    with siamnas.Search.open(tmp_path) as search:
        while archs := search.ask(3):
            search.tell(archs, [value(arch, SPACE) for arch in archs])
        history = search.history()
        assert len(search.values) == 32 and search.done and (history["why"] == "added").sum() == 20
    asked = set(history["index"][history["why"] != "added"])
    assert len(asked) == 12 and not asked & set(range(0, 160, 8)), "what is known is not asked for"


def test_what_is_added_is_learnt_from():
    def first(known):
        search = siamnas.Search(SPACE, budget=3, seed=2)
        if known:
            search.add({arch: value(arch, SPACE) for arch in range(0, 160, 4)})
        return value(search.ask(1)[0], SPACE)

    assert first(True) > first(False)
    assert first(True) > sorted(value(arch, SPACE) for arch in range(162))[-9]


def test_the_predictor_is_changed_on_what_is_known(tmp_path):
    with siamnas.Search(SPACE, "gp", 24, journal=tmp_path) as search:
        archs = search.ask(12)
        search.tell(archs, [value(arch, SPACE) for arch in archs])
    with pytest.raises(InputError, match="predictor=forest: the search in .* has predictor=gp"):
        siamnas.Search(SPACE, "forest", 24, journal=tmp_path)
    with pytest.raises(InputError, match="nothing"):
        siamnas.Search.open(tmp_path, predictor="nothing")
    words = ["search=active", "acquisition=top"]
    with siamnas.Search.open(tmp_path, predictor="forest", overrides=words) as search:
        assert search.setting.predictor == "forest" and len(search.values) == 12
        assert spend(search)[0][:12] == archs
    with siamnas.Search.open(tmp_path) as search:
        assert search.setting.overrides == tuple(words) and search.done


def test_a_changed_predictor_may_wait_for_batches(tmp_path):
    with siamnas.Search(SPACE, "gp", 24, journal=tmp_path) as search:
        search.tell(search.ask(9), [0.5] * 9)
        search.change("forest")
        assert len(spend(search)[0]) == 24


@pytest.mark.parametrize("words", [{"place": 3}, {"x": 1}, {"latency": len}])
def test_what_no_search_takes_is_refused(tmp_path, words):
    siamnas.Search(SPACE, "random", 5, journal=tmp_path).close()
    with pytest.raises(InputError, match=f"{next(iter(words))}: unknown"):
        siamnas.Search.open(tmp_path, **words)


def test_functions_must_be_given_again(tmp_path):
    def codes(archs):
        return [[arch / 100, 1.0] for arch in archs]

    words = ["trainer=fast", "trainer.epochs=4"]
    given = {"codes": codes, "code_length": 2, "journal": tmp_path}
    with siamnas.Search(SPACE, "siams", 12, overrides=words, **given) as search:
        search.tell(search.ask(2), [0.1, 0.2])
    with pytest.raises(InputError, match="codes: the search in .* has a function, 2 numbers each"):
        siamnas.Search.open(tmp_path)
    with siamnas.Search.open(tmp_path, codes=codes) as search:
        assert len(spend(search)[0]) == 12


def test_codes_and_columns_are_kept(tmp_path):
    codes = np.random.default_rng(0).normal(size=(162, 2)).astype(np.float32)
    chains = [SPACE.operations(arch) for arch in range(162)]
    edges = [SPACE.edges(arch) for arch in range(162)]
    roles = {"identity": ["pool"]}
    space = siamnas.Space.of_graphs(chains, edges, columns={"flops": np.arange(162.0)}, roles=roles, name="named")
    siamnas.Search(space, "random", 12, codes=codes, journal=tmp_path).close()
    with siamnas.Search.open(tmp_path) as search:
        np.testing.assert_array_equal(search.space.columns["flops"], np.arange(162.0))
        assert search.space.roles == space.roles and search.space.name == "named"
    (tmp_path / kept.FILE).write_bytes(b"PK")
    with pytest.raises(InputError, match=r"space\.npz: cannot be read"):
        siamnas.Search.open(tmp_path)
    siamnas.Search(space, "random", 12, codes=codes, journal=tmp_path).close()


def test_a_large_list_must_be_given_again(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1000)
    siamnas.Search(SPACE, "random", 12, journal=tmp_path).close()
    assert not (tmp_path / kept.FILE).exists()
    with pytest.raises(InputError, match="does not keep it: own is larger than 64 MB.*; give it again"):
        siamnas.Search.open(tmp_path)
    with siamnas.Search.open(tmp_path, SPACE) as search:
        assert len(search.ask(3)) == 3
    other = siamnas.Space.of_graphs([["a", "b"]] * 50, [[(0, 1)]] * 50)
    with pytest.raises(InputError, match="graphs: differs"):
        siamnas.Search.open(tmp_path, other)


def test_a_shipped_space_is_named(tmp_path):
    with siamnas.Search("nb201_c10", "random", 5, journal=tmp_path) as search:
        (arch,) = search.ask(1)
        search.tell(arch, 0.9)
    assert not (tmp_path / kept.FILE).exists()
    with siamnas.Search.open(tmp_path) as search:
        assert len(search.space) == 15_625 and search.best().name == arch.name
        assert search.best().network() is not None


def journal_of(folder: Path, count: int) -> None:
    """A journal with so many evaluations, as the search itself writes it."""
    names = iter([f"n{i}" for i in range(count)])
    chains = [["in", *("abcde"[i // 5**place % 5] for place in range(6)), "out"] for i in range(count)]
    space = siamnas.Space.of_graphs(chains, [[(i, i + 1) for i in range(7)]] * count, list(names))
    siamnas.Search(space, budget=count, journal=folder).close()
    with (folder / FILE).open("a") as file:
        for i in range(count):
            line = {"ask": [f"n{i}"], "why": ["ei, predicted .1"], "by": "somebody", "at": 1.5 + i}
            told = {"tell": [f"n{i}"], "values": [i % 97 / 97], "by": "somebody", "at": 2.5 + i}
            file.write(f"{json.dumps(line)}\n{json.dumps(told)}\n")


@pytest.mark.parametrize(("count", "seconds"), [(1000, 1.0), pytest.param(5000, 5.0, marks=pytest.mark.slow)])
def test_a_long_journal_is_open_soon(tmp_path, count, seconds):
    journal_of(tmp_path, count)
    code = (
        "import sys, time, siamnas; from siamnas.search.ask_tell import Search; siamnas.Search('nb201_c10');"
        "began = time.process_time(); search = Search.open(sys.argv[1]);"
        "print(time.process_time() - began, len(search.values), search.best().name)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    took, told, best = done.stdout.split()
    assert float(took) < seconds and int(told) == count and best == "n96"


def test_a_journal_of_the_first_version_goes_on_with_a_larger_budget(tmp_path):
    """As version 0.1 has written it: by index, batch for batch; and it stays of that version."""
    with siamnas.Search(SPACE, "gp_2026", 10, overrides=["search.batch=1"]) as search:  # what gp was then
        asked, values = spend(search)
    header = {"siamnas": "0.1.0", "predictor": "gp", "budget": 10, "maximise": True, "seed": 0, "overrides": []}
    holds = kept.holds(SPACE) | {"codes": "none"}
    batches = [asked[:3], *([arch] for arch in asked[3:])]
    entries = [header | {"space": "own", "fingerprint": holds, "place": None}]
    for batch in batches[:5]:
        entries += [{"batch": batch}, {"ask": batch}, {"tell": batch, "values": [values[arch] for arch in batch]}]
    (tmp_path / FILE).write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    with siamnas.Search(SPACE, "gp", journal=tmp_path) as search:
        assert spend(search)[0] == asked, "as that version would have gone on"
    with siamnas.Search.open(tmp_path, SPACE, budget=14) as search:
        assert len(spend(search)[0]) == 14
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert all(isinstance(arch, int) for line in lines for arch in [*line.get("ask", []), *line.get("tell", [])])


def test_a_journal_of_the_former_default_goes_on(tmp_path):
    codes = np.ones((162, 3))
    siamnas.Search(SPACE, "siams_nsam_bts", 60, overrides=["trainer=fast"], codes=codes, journal=tmp_path).close()
    with siamnas.Search(SPACE, codes=codes, journal=tmp_path) as search:
        assert search.setting.predictor == "siams_nsam_bts" and len(search.ask(3)) == 3


def test_described_spaces_go_on_from_their_text(tmp_path):
    def space(columns=None):
        block = {"kernel": [3, 5, 7], "expand": [3, 4, 6]}
        described = {"width": [16, 24, 32], "layers": siamnas.repeat(block, 2, 6)}
        return siamnas.Space.of_choices(described, "mine", columns=columns)

    def worth(arch):
        return arch.choices["width"] / 32 + sum(layer["kernel"] for layer in arch.choices["layers"]) / 50

    def step(search):
        archs = search.ask(2)
        search.tell(archs, [worth(arch) for arch in archs])
        return [(int(arch), arch.name) for arch in archs]

    held = siamnas.Search(space(), budget=12, journal=tmp_path / "held")
    siamnas.Search(space(), budget=12, journal=tmp_path / "reopened").close()
    for _ in range(4):
        expected = step(held)
        with siamnas.Search.open(tmp_path / "reopened") as search:
            assert step(search) == expected, "the same next ask, under the same numbers"
            unseen = map(search.space.describe, search.space.sample(np.random.default_rng(0), 3))
            spare = search.predict(list(unseen))
            assert spare["index"].isna().all() and spare["score"].notna().all()
    with siamnas.Search.open(tmp_path / "reopened") as search:
        history = search.history()
        assert [search.catalog.text(number) for number in history["index"]] == list(history["architecture"])
        named = search.best().name
        search.add({"width=16 layers=2:3/3,3/3": 0.5})
        assert search.values[len(search.values) - 1] == 0.5 and search.best().name == named

    def latency(choices):
        return choices["width"] * 2.0

    with siamnas.Search(space({"latency": latency}), budget=6, journal=tmp_path / "functions") as search:
        first = search.ask(1)[0]
        assert first.columns == {"latency": first.choices["width"] * 2.0}
    with pytest.raises(InputError, match="mine holds functions .latency: .*latency.; give it again"):
        siamnas.Search.open(tmp_path / "functions")
    with pytest.raises(InputError, match="functions: differs from"):
        siamnas.Search.open(tmp_path / "functions", space({"latency": len}))
    with siamnas.Search.open(tmp_path / "functions", space({"latency": latency})) as search:
        assert search.open == [first] and search.open[0].name == first.name


def test_searches_that_need_a_list_say_so(tmp_path):
    space = siamnas.Space.of_choices({"width": [16, 24, 32], "depth": [1, 2, 3]}, "mine")
    with pytest.raises(InputError, match="search=topk: looks at a list of all architectures, and mine has none"):
        siamnas.Search(space, budget=5, overrides=["search=topk"], journal=tmp_path / "journal")
    with pytest.raises(InputError, match="mine has no list of its architectures"):
        siamnas.Search(space, budget=5, overrides=["search.batch=2"], journal=tmp_path / "journal")
    assert not (tmp_path / "journal").exists()


def test_time_is_not_what_decides(tmp_path, monkeypatch):
    """Two processes on two machines at two times: the same asks."""
    asked = []
    for shift in (0.0, 1e6):
        usual = time.time
        monkeypatch.setattr(time, "time", lambda shift=shift, usual=usual: usual() + shift)
        with siamnas.Search(SPACE, budget=12, journal=tmp_path / str(shift)) as search:
            asked.append(spend(search)[0])
        monkeypatch.undo()
    assert asked[0] == asked[1]


def test_random_search_needs_no_list(tmp_path):
    domain = siamnas.Space.of_choices({"depth": list(range(9)), "width": list(range(9))})
    with siamnas.Search(domain, "random", 12, journal=tmp_path) as search:
        while search.ask(5):  # waits for nothing
            pass
        assert len(search.open) == 12 == len(set(search.open)) and not search.waiting.endswith("ranking")
        search.tell(search.open, [float(arch.choices["depth"]) for arch in search.open])
        assert search.done and search.best().value == max(search.values.values())
    with siamnas.Search(domain, "random", 13, overrides=[], journal=tmp_path) as search:
        search.change("gp")
        search.change("random")
        assert "acquisition=random" in search.setting.overrides and len(search.ask(2)) == 1
    with pytest.raises(InputError, match="needs a search that learns from every evaluation|looks at a list"):
        siamnas.Search(domain, "random", 12, overrides=["search=topk"])
