"""`siamnas.Search`: what somebody relies on who trains the architectures."""

import json
import math
import random
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siamnas
from siamnas.errors import InputError
from tests.search.ask_tell import FAILS, finish, graphs, value

SPACE = graphs()
FAST = ("trainer=fast", "trainer.epochs=8")


def searching(predictor="forest", budget=40, overrides=(), **more):
    return siamnas.Search(SPACE, predictor, budget, overrides=overrides, **more)


@pytest.mark.parametrize("predictor", ["random", "forest", "gcn"])
def test_spends_the_budget_on_different_architectures(predictor):
    asked, _ = finish(searching(predictor, overrides=FAST if predictor == "gcn" else ()), count=7)
    assert len(asked) == len(set(asked)) == 40


@pytest.mark.slow
def test_learns():
    """The best of 40 of 162 by a forest is better than by random search, over 10 seeds."""
    found = {
        predictor: np.mean(
            [max(finish(searching(predictor, seed=seed), fails=False)[1].values()) for seed in range(10)]
        )
        for predictor in ("forest", "random")
    }
    top = max(value(arch, SPACE) for arch in range(len(SPACE)))
    assert found["random"] + 0.01 < found["forest"] < top + 1e-9


@settings(max_examples=7)
@given(st.integers(0, 10**6), st.integers(1, 9))
@pytest.mark.slow
def test_workers_and_orders_change_nothing(seed: int, most: int):
    """Any number of open asks, told in any order, one by one or together: the same architectures are evaluated."""
    draw = random.Random(seed)
    expected, _ = finish(searching())
    search = searching()
    waiting: list[int] = []
    while not search.done:
        archs = search.ask(draw.randint(1, most)) if draw.random() < 0.5 else []
        assert not set(archs) & set(waiting)
        waiting += archs
        draw.shuffle(waiting)
        count = draw.randint(0, len(waiting))
        told, waiting = waiting[:count], waiting[count:]
        search.tell(told, [value(arch, SPACE, fails=True) for arch in told])
    assert set(search.values) == set(expected)


def test_an_ask_waits_for_open_ones_and_says_so():
    search = searching()
    first = search.ask(100)
    assert len(first) == 20  # N of 40; the rest is chosen when all of them are told
    assert search.ask(1) == [] and not search.done
    search.tell(first[1:], [value(arch, SPACE) for arch in first[1:]])
    assert search.ask(1) == [] and search.open == [first[0]]
    search.tell(first[0], 0.5)
    assert len(search.ask(100)) == 20


@pytest.mark.parametrize("predictor", ["forest", "gcn", "brp"])
def test_any_unit_and_sign_is_the_same_search(predictor):
    overrides = (*FAST, "predictor.epochs=8", "predictor.width=16") if predictor == "brp" else FAST
    told = {}
    units = {
        "fraction": lambda accuracy: accuracy,
        "percent": lambda accuracy: 100 * accuracy,
        "loss": lambda accuracy: -math.log(accuracy),
        "score": lambda accuracy: 2 * accuracy - 8,
    }
    for name, unit in units.items():
        search = searching(predictor, 24, overrides if predictor != "forest" else (), maximise=name != "loss")
        asked = []
        while archs := search.ask(4):
            asked += archs
            search.tell(archs, [unit(value(arch, SPACE)) for arch in archs])
        told[name] = asked
    assert told["fraction"] == told["percent"] == told["loss"] == told["score"]


def test_best_is_in_the_sense_of_the_metric():
    for maximise, expected in ((True, 3.5), (False, -2.0)):
        search = searching(maximise=maximise)
        archs = search.ask(5)
        assert search.best() is None
        search.tell(archs, [1.0, -2.0, math.nan, 3.5, math.inf])
        found = search.best()
        assert (found.value, found.name) == (expected, str(SPACE.archs[found.index]))


@pytest.mark.parametrize("batch", [1, 4])
def test_best_by_the_posterior_is_what_the_strategy_would_hand_over(tmp_path, batch):
    """At every moment, after a restart too, and whether or not it is looked at on the way."""
    noise = np.random.default_rng(1).normal(0, 1, len(SPACE))
    words = ("predictor.prior.noise=[-1,1]", f"search.batch={batch}", "search.recommend=posterior")
    given = {"predictor": "gp", "budget": 16, "overrides": words, "journal": tmp_path / "mine"}
    search, quiet = searching(**given), searching(**{**given, "journal": None})
    lucky = 0
    while archs := search.ask(batch):
        assert archs == quiet.ask(batch)
        values = [value(arch, SPACE) + noise[arch] for arch in archs]
        search.tell(archs, values)
        quiet.tell(archs, values)
        found = search.best()
        search.close()
        search = searching(**given)  # the same from the journal alone
        assert search.best() == search.best() == found and found.value == search.values[found.index]
        lucky += found.value < max(search.values.values())
    assert search.best() == quiet.best() and lucky


def test_failed_ones_are_paid_for_and_never_asked_again():
    asked, values = finish(searching("gcn", overrides=FAST))
    assert sum(math.isnan(value) for value in values.values()) == sum(arch % FAILS == 0 for arch in asked) > 0
    assert len(set(asked)) == 40


def test_a_search_in_which_everything_fails_ends():
    search = searching("forest", 20)
    while archs := search.ask(6):
        search.tell(archs, [None] * len(archs))
    assert search.done and search.best() is None and len(search.values) == 20


@pytest.mark.slow
def test_codes_as_an_array_and_from_a_function_are_the_same_search():
    codes = np.random.default_rng(0).normal(size=(len(SPACE), 2)).astype(np.float32)
    codes[5] = np.nan
    asked, computed = {}, []

    def compute(archs):
        computed.extend(archs)
        return codes[archs]

    for name, given_codes in (("array", codes), ("function", compute)):
        overrides = (*FAST, "search.rerank=10", "acquisition.top=5", "trainer.ranked_share=0.2")
        search = searching("siams_nsam_bts", 24, overrides, codes=given_codes, code_length=2)
        asked[name], _ = finish(search, fails=False)
    assert 24 < len(computed) == len(set(computed)) < len(SPACE)
    # Only an array says beforehand that there is no code; so it is never drawn at random, and streams go apart.
    assert len(asked["array"]) == len(asked["function"]) == 24


def test_a_function_and_an_array_without_gaps_ask_for_the_same():
    codes = np.random.default_rng(0).normal(size=(len(SPACE), 3)).astype(np.float32)
    both = [
        finish(searching("siams", 20, FAST, codes=given_codes), fails=False)[0]
        for given_codes in (codes, lambda archs: codes[archs])
    ]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"budget": 1}, "budget=1: must be an integer of at least 2"),
        ({"budget": 163}, "budget=163: must be at most 162"),
        ({"budget": 40.0}, "budget=40.0: must be an integer"),
        ({"seed": -1}, "seed=-1"),
        ({"predictor": "siams"}, "Estimation Code"),
        ({"predictor": "gcn", "budget": 6}, "budget=6, predictor=gcn: search.n=3: must be at least 4"),
        ({"predictor": "nothing"}, "nothing"),
        ({"predictor": "null"}, "predictor=null: must be the name of an option: bananas"),
        ({"overrides": ["--version"]}, "--version: can't be read"),
        ({"overrides": ["search.n=3"]}, "search.n=3: is decided by"),
        ({"overrides": ["search.k=40"]}, "search.k=40: must be less than the budget"),
        ({"codes": np.zeros((3, 3))}, "codes: must be of shape (162, L)"),
    ],
)
def test_bad_arguments_are_refused_at_once(more, said):
    with pytest.raises(InputError) as error:
        searching(**more)
    assert said in str(error.value)


def test_bad_results_are_refused_and_nothing_of_them_is_kept():
    search = searching()
    first, second, *_ = search.ask(5)
    search.tell(first, 0.5)
    search.tell(str(SPACE.archs[first]), 0.5)  # the same again
    other = next(arch for arch in range(len(SPACE)) if arch not in search.open and arch != first)
    for archs, values, said in [
        ([second, other], [0.1, 0.2], "was not asked for"),
        ([second, first], [0.1, 0.6], "was told as 0.5, not 0.6"),
        ([second], [0.1, 0.2], "1 architectures, but 2 values"),
        (["nobody"], [0.1], "nobody: is no architecture"),
        ([999], [0.1], "index 999"),
    ]:
        with pytest.raises(InputError) as error:
            search.tell(archs, values)
        assert said in str(error.value)
    assert search.values == {first: 0.5}


def test_a_shipped_space_and_its_codes():
    search = siamnas.Search("nb201_c10", "siams", 12, overrides=FAST)
    archs = search.ask(12)
    assert len(search.space) == 15_625 and len(archs) == 3
    assert search.space.archs[archs[0]].startswith("|")


def test_a_folder_without_accuracies(tmp_path):
    for i in range(12):
        content = {"id": i, "adj_matrix": [[0, 1], [0, 0]], "operations": ["input", f"op{i % 4}" if i else "op9"]}
        (tmp_path / f"{i}.json").write_text(json.dumps(content))
    search = siamnas.Search(tmp_path, "random", 6)
    assert {str(search.space.archs[arch]) for arch in search.ask(3)} <= {str(i) for i in range(12)}


def test_workers_may_be_threads():
    """Eight threads ask and tell as they like; nothing is asked twice, and the search is that of one worker."""
    expected, _ = finish(searching())
    search, seen, failures = searching(), [], []

    def work():
        try:
            while not search.done:
                for arch in search.ask(1):
                    seen.append(arch)
                    search.best()
                    search.tell(arch, value(arch, SPACE, fails=True))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) == len(set(seen)) and set(seen) == set(expected)
