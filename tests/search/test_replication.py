"""Noisy evaluations: a search that replicates asks for architectures again, and believes the mean."""

import json

import numpy as np
import pytest

import siamnas
from siamnas.acquisition import replication
from siamnas.errors import InputError
from siamnas.search import executor
from siamnas.search.journal import FILE
from tests.search.ask_tell import graphs, value

SPACE = graphs()
DOMAIN = siamnas.Space.of_choices({"depth": list(range(8)), "width": list(range(8)), "kind": ["a", "b", "c"]})
FIVE = siamnas.Space.of_graphs([[one] for one in "abcde"], [[]] * 5)
SIX = siamnas.Space.of_choices({"depth": [1, 2, 3], "kind": ["a", "b"]})
BUDGET = 30


def searching(journal=None, space=SPACE, **more):
    return siamnas.Search(space, budget=BUDGET, journal=journal, **({"replicate": True} | more))


def noisy(arch, draw) -> float:
    return float(int(arch) % 23 + draw.normal())


def finish(search, count=1, seed=0) -> list[tuple[int, float]]:
    """Evaluate until the end; what was told, in this order."""
    draw, told = np.random.default_rng(seed), []
    while archs := search.ask(count):
        told += [(int(arch), noisy(arch, draw)) for arch in archs]
        search.tell(archs, [number for _, number in told[-len(archs) :]])
    return told


@pytest.mark.parametrize("space", [SPACE, DOMAIN], ids=["listed", "described"])
def test_a_repeated_evaluation_is_one_of_the_budget_and_the_mean_counts(space, tmp_path):
    search = searching(tmp_path, space)
    told = finish(search)
    every = {arch: [number for one, number in told if one == arch] for arch, _ in told}
    assert search.done and len(told) == BUDGET
    assert len(every) == BUDGET - sum(map(replication.is_due, range(BUDGET)))
    assert search.values == {arch: pytest.approx(np.mean(own)) for arch, own in every.items()}
    assert search.best().index == max(every, key=lambda arch: np.mean(every[arch]))
    assert search.history()["values"].tolist() == [pytest.approx(own) for own in every.values()]
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert sum(len(line["tell"]) for line in lines if "tell" in line) == BUDGET


@pytest.mark.parametrize("space", [FIVE, SIX], ids=["listed", "described"])
def test_a_budget_may_be_larger_than_the_space(space, tmp_path, monkeypatch):
    search, draw, asked, shares = searching(tmp_path, space), np.random.default_rng(0), 0, []
    bar = executor.Bar(search)
    monkeypatch.setattr(bar, "update", lambda share: shares.append(share))
    while not search.done:
        archs = search.ask(BUDGET)
        assert 0 < len(archs) <= 6, "no two at once are the same"
        search.tell(archs, [noisy(arch, draw) for arch in archs])
        asked += len(archs)
        bar.show(search)
        assert shares[-1] == pytest.approx(asked / BUDGET)
    assert asked == search.evaluated == BUDGET and len(search.values) <= 6


def test_cut_off_anywhere_it_goes_on_with_the_same(tmp_path):
    expected, draw, told = finish(searching())[9:14], np.random.default_rng(0), []
    with searching(tmp_path) as search:
        for _ in range(9):
            (arch,) = search.ask()
            search.tell(arch, noisy(arch, draw))
    while len(told) < len(expected):
        with searching(tmp_path) as search:  # opened anew for every evaluation, and once more with it open
            search.ask()
        with siamnas.Search.open(tmp_path) as search:
            (arch,) = search.ask()
            told.append((int(arch), noisy(arch, draw)))
            search.tell(*told[-1])
    assert told == expected


def test_workers_never_have_the_same_architecture_at_once():
    search, draw, open_ = searching(), np.random.default_rng(1), []
    while not search.done:
        open_ += search.ask(5 - len(open_))
        assert len(set(open_)) == len(open_)
        arch = open_.pop(int(draw.integers(len(open_))))
        search.tell(arch, noisy(arch, draw))
    assert max(map(len, search.history()["values"])) > 1


def test_what_failed_is_not_asked_again_and_a_failed_repeat_changes_no_mean():
    search, seen = searching(), {}
    while archs := search.ask():
        (arch,) = archs
        assert not np.isnan(search.values.get(arch, 0.0))
        failed = arch in search.values or int(arch) % 5 == 0
        seen.setdefault(arch, None if failed else value(arch, SPACE))
        search.tell(arch, None if failed else seen[arch])
    assert search.values == {
        arch: pytest.approx(np.nan if own is None else own, nan_ok=True) for arch, own in seen.items()
    }


def test_the_last_value_can_be_corrected_the_others_stand():
    search, draw = searching(), np.random.default_rng(0)
    while (arch := search.ask()[0]) not in search.values:
        search.tell(arch, noisy(arch, draw))
    first = search.values[arch]
    search.tell(arch, first + 4)
    assert search.values[arch] == pytest.approx(first + 2)
    search.tell(arch, first + 4)  # said twice
    with pytest.raises(InputError, match="was told as"):
        search.tell(arch, first + 9)
    search.tell(arch, first + 2, replace=True)
    assert search.values[arch] == pytest.approx(first + 1)


def test_the_predictor_is_surer_of_a_mean():
    """Evaluations of one architecture are those of a Gaussian process with noise / n at it."""
    search = searching()
    told = finish(search)
    most = max({arch for arch, _ in told}, key=[arch for arch, _ in told].count)
    once = searching(replicate=False)
    once.add({arch: search.values[arch] for arch in search.values})
    assert search.predict(most)["spread"][0] < once.predict(most)["spread"][0]


def test_the_worth_of_a_further_evaluation_is_what_simulation_says():
    score, spread, noise = np.array([0.3, 1.0, 0.9, -1.0]), np.array([0.9, 0.3, 0.4, 0.2]), 0.2
    draw, worth = np.random.default_rng(0), replication.worth(score, spread, noise)
    for seat in range(len(score)):
        truth = score[seat] + spread[seat] * draw.standard_normal(400_000)
        value = truth + np.sqrt(noise) * draw.standard_normal(len(truth))
        later = score[seat] + spread[seat] ** 2 / (spread[seat] ** 2 + noise) * (value - score[seat])
        best = np.maximum(later, np.delete(score, seat).max())
        assert np.exp(worth[seat]) == pytest.approx(best.mean() - score.max(), abs=2e-3)


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"replicate": "yes"}, "replicate='yes': must be True or False"),
        ({"overrides": ["search.batch=3"]}, "without search.batch"),
        ({"predictor": "gcn", "overrides": ["search=active", "trainer=fast"]}, "knows how sure it is"),
        ({"objectives": {"ppl": "min", "ms": "min"}}, "needs one objective"),
    ],
)
def test_what_does_not_fit_is_refused(more, match):
    with pytest.raises(InputError, match=match):
        searching(**more)


def test_a_journal_says_whether_it_replicates(tmp_path):
    searching(tmp_path).close()
    with pytest.raises(InputError, match="replicate=False"):
        searching(tmp_path, replicate=False)
    with siamnas.Search.open(tmp_path) as search:
        assert search.setting.replicate
        with pytest.raises(InputError, match="stopping"):
            search.run(lambda arch, report: 0.0, stopping=siamnas.Halving(9))
