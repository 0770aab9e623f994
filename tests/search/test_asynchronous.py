"""Asks that wait for nobody: workers of any number and speed are kept busy, and what is open is taken into account."""

import heapq
import math
import random

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from tests.search.ask_tell import finish, graphs, value

SPACE = graphs()


def searching(budget=30, **more):
    return siamnas.Search(SPACE, budget=budget, **more)


def test_an_ask_gets_as_many_as_the_budget_allows():
    """Issue: ask(5) of the README's example returned 3, 1, 1, 1."""
    search = searching()
    asked = [search.ask(5) for _ in range(4)]
    assert [len(archs) for archs in asked] == [5] * 4 and len({arch for archs in asked for arch in archs}) == 20
    assert search.waiting == "" and not search.done
    assert len(search.ask(100)) == 10 and search.ask(1) == []
    assert search.waiting == "30 of 30 open before the end" and not search.done
    search.tell(search.open, [value(arch, SPACE) for arch in search.open])
    assert search.done and search.waiting == "" and search.ask(3) == []


def simulated(search, workers, durations):
    """Virtual workers: the share of their time that they are idle until the budget is handed out; all in their order.

    Args:
        search: the driver.
        workers: their number.
        durations: architecture -> seconds.
    """
    running, now, busy, order = [], 0.0, 0.0, []
    while True:
        archs = search.ask(workers - len(running)) if len(running) < workers else []
        for arch in archs:
            heapq.heappush(running, (now + durations(arch), int(arch)))
            busy += durations(arch)
            order.append(int(arch))
        if not running:
            return 0.0, order
        if len(order) == search.setting.budget:
            left = sum(end - now for end, _ in running)
            return 1 - (busy - left) / (workers * now), order
        now, arch = heapq.heappop(running)
        search.tell(arch, value(arch, SPACE, fails=True))


def uneven(arch):
    return 1.0 + 9.0 * (int(arch) * 7919 % 97) / 96  # uneven by a factor of 10


def test_uneven_workers_are_busy():
    idle, order = simulated(searching(60), 8, uneven)
    assert idle <= 0.05 and len(order) == len(set(order)) == 60
    waiting, _ = simulated(searching(60, overrides=["search.batch=8"]), 8, uneven)
    assert waiting > 0.2, "what the asynchronous mode saves"


def test_what_is_open_is_not_proposed_again_and_changes_what_is():
    """With all open ones told as failed the next would be others: their predicted values are believed."""
    search = searching()
    first = search.ask(12)
    search.tell(first, [value(arch, SPACE) for arch in first])
    one, two = search.ask(1), search.ask(1)
    assert len({*first, *one, *two}) == 14
    alone = searching()
    assert alone.ask(12) == first
    alone.tell(first, [value(arch, SPACE) for arch in first])
    assert alone.ask(2) == one + two, "two at once are the same as one and one"


def test_it_learns_with_eight_open():
    """Better than random over 8 seeds, with 8 workers whose values come late."""

    def best(predictor, seed):
        search = searching(24, predictor=predictor, seed=seed)
        running = search.ask(8)
        while running:
            arch, *running = running
            search.tell(arch, value(arch, SPACE))
            running += search.ask(1)
        return search.best().value

    found = {predictor: np.mean([best(predictor, seed) for seed in range(8)]) for predictor in ("gp", "random")}
    assert found["gp"] > found["random"] + 0.02


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_the_order_of_events_is_the_truth(seed, tmp_path):
    """A search that is reopened at each step asks for the same as one that is not."""
    draws = [random.Random(seed), random.Random(seed)]
    held = searching(18, journal=tmp_path / "held", seed=seed)
    handed = [[], []]

    def step(search, draw, asked):
        if draw.random() < 0.5:
            archs = search.ask(draw.randint(1, 4))
            asked.append([int(arch) for arch in archs])
        elif search.open:
            arch = draw.choice([int(arch) for arch in search.open])
            search.tell(arch, None if draw.random() < 0.1 else value(arch, SPACE))

    while not held.done:
        step(held, draws[0], handed[0])
        with searching(18, journal=tmp_path / "reopened", seed=seed, reissue=False) as search:
            step(search, draws[1], handed[1])
    assert handed[0] == handed[1]


def test_searches_that_rank_say_what_they_wait_for():
    ranks = searching(24, predictor="forest")
    archs = ranks.ask(24)
    assert len(archs) == 12 and ranks.ask(1) == []
    assert ranks.waiting == "12 of 12 open before the ranking" and not ranks.done
    ranks.tell(archs[:7], [0.5] * 7)
    assert ranks.ask(1) == [] and ranks.waiting == "5 of 12 open before the ranking"
    ranks.tell(archs[7:], [0.4] * 5)
    assert len(ranks.ask(24)) == 12 and ranks.waiting == "12 of 24 open before the end"
    walks = siamnas.Search(SPACE, "random", 12, overrides=["search=evolution", "search.population=3"])
    walks.tell(walks.ask(1), [0.5])
    assert len(walks.ask(3)) == 1 and walks.ask(1) == []
    assert walks.waiting == "1 of 1 open before the next choice"


def test_a_synchronous_mode_does_not_depend_on_the_order():
    def finished(reverse):
        search = searching(20, overrides=["search.batch=4"])
        asked = []
        while archs := search.ask(100):
            asked += archs
            for arch in reversed(archs) if reverse else archs:
                search.tell(arch, value(arch, SPACE))
        return asked

    assert finished(True) == finished(False) and len(finished(True)) == 20
    search = searching(20, overrides=["search.batch=4"])
    assert len(search.ask(2)) == 2 and search.waiting == ""
    assert len(search.ask(100)) == 1 and search.ask(1) == []
    assert search.waiting == "3 of 3 open before the next choice"


def test_everything_may_fail_and_it_ends():
    search = searching(20)
    while archs := search.ask(3):
        search.tell(archs, [math.nan] * len(archs))
    assert search.done and search.best() is None and len(search.values) == 20


def test_a_space_that_is_smaller_than_what_is_left_ends_the_search():
    space = siamnas.Space.of_graphs([["in", one, "out"] for one in "abcdef"], [[(0, 1), (1, 2)]] * 6)
    search = siamnas.Search(space, budget=6)
    search.add({0: 0.5, 1: 0.4})
    asked = []
    while archs := search.ask(2):
        asked += archs
        search.tell(archs, [0.1] * len(archs))
    assert sorted(asked) == [2, 3, 4, 5] and search.done


def test_the_default_is_the_gaussian_process():
    assert searching().setting.predictor == "gp" and searching().setting.budget == 30
    assert siamnas.Search(SPACE).setting.budget == 60


def test_predictions_of_any_architecture():
    search = searching()
    assert search.predict([3, 4])["score"].isna().all(), "nothing is known yet"
    finish(search, fails=False)
    told = search.predict(range(len(SPACE)))
    assert list(told["index"]) == list(range(162)) and list(told["architecture"]) == SPACE.archs.tolist()
    truth = np.array([value(arch, SPACE) for arch in range(162)])
    assert np.corrcoef(told["score"], truth)[0, 1] > 0.9
    known = told["index"].isin(list(search.values))
    assert told["spread"][known].mean() < told["spread"][~known].mean()
    with pytest.raises(InputError, match="predict: needs a search that learns from every evaluation"):
        searching(predictor="forest").predict([3])
    with pytest.raises(InputError, match="nobody: is no architecture"):
        search.predict("nobody")


def test_best_by_the_posterior_after_any_order():
    search = searching(12, overrides=["search.recommend=posterior", "predictor.prior.noise=[-1,1]"])
    archs = search.ask(6)
    noise = np.random.default_rng(0).normal(0, 0.3, len(SPACE))
    search.tell(archs[::-1], [value(arch, SPACE) + noise[arch] for arch in archs[::-1]])
    best, told = search.best(), search.predict(archs)
    assert best.index == told["index"][told["score"].argmax()] and best.value == search.values[best.index]
