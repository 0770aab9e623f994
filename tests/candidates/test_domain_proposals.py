"""Active search of spaces without a list."""

import numpy as np
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.candidates.known import Known
from siamnas.candidates.window import Window
from siamnas.errors import InputError
from siamnas.search import domain_proposals, proposing
from siamnas.search.codes import GivenCodes
from tests.candidates.domains import DOMAINS, asynchronous, cells, chains, config, functions, proposals, value

PREDICTORS = {
    "gp": (),
    "forest": ("search=active", "acquisition=ei"),
    "boosting": ("search=active",),
    "bananas": ("search=active", "acquisition=thompson"),
    "random": ("search=active",),
    "brp": ("search=active", "predictor.epochs=2"),
}
ACQUISITIONS = ("ei", "thompson", "top", "half", "shrinking", "mutants", "random", "bts")
CASES = [
    *PREDICTORS.items(),
    *(("gp", (f"acquisition={acquisition}",)) for acquisition in ACQUISITIONS),
    ("gp", ("acquisition=ehvi", "objective=flops")),
    ("gp", ("predictor.steps=2",)),
]
WALKS = [
    ("search=local", "search.start=3"),
    ("search=evolution", "search.population=3"),
    ("search=nsga2", "objective=flops"),
]


def told(done, values):
    return np.array(done, dtype=np.int64), np.array(values, dtype=np.float64)


def keys(known, archs):
    return known.domain.key(known.domain.stack([known[arch] for arch in archs]))


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize(("predictor", "words"), [*CASES, *(("random", words) for words in WALKS)])
def test_every_predictor_and_search_works_without_a_list(predictor, words, domain):
    domain = DOMAINS[domain]()
    made, known = proposals(domain, predictor, words, budget=8)
    done, _, log = asynchronous(made, known, 8, fails=0.2)
    assert len(set(keys(known, done))) == 8, "nothing equal to what is evaluated or pending is proposed"
    assert all(one.why for one in log)


@pytest.mark.parametrize(
    ("predictor", "domain"), [("gcn", "functions"), pytest.param("gcn", "cells", marks=pytest.mark.slow)]
)
def test_networks_work_without_a_list(predictor, domain):
    made, known = proposals(DOMAINS[domain](), predictor, ("search=active", "trainer=debug"), budget=6)
    done, *_ = asynchronous(made, known, 6)
    assert len(set(keys(known, done))) == 6


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize(
    ("predictor", "words"), [("gp", ("acquisition=ei",)), ("forest", PREDICTORS["forest"]), ("random", WALKS[1])]
)
def test_another_process_proposes_the_same_from_the_same_events(predictor, words, domain):
    domain = DOMAINS[domain]()
    going, known = proposals(domain, predictor, words, budget=10)
    done, values, _ = asynchronous(going, known, 10, workers=10)
    rows = domain.stack([known[arch] for arch in done])
    for n, open_ in ((0, 0), (4, 0), (5, 3), (4, 6)):
        begun, again = proposals(domain, predictor, words, budget=10)
        numbers = again.add(rows)  # in another order, and among others that are neither evaluated nor pending
        there = begun.propose(*told(numbers[:n], values[:n]), numbers[n : n + open_], 2)
        here = going.propose(*told(done[:n], values[:n]), done[n : n + open_], 2)
        assert keys(again, [one.arch for one in there]) == keys(known, [one.arch for one in here])


@pytest.mark.parametrize("domain", DOMAINS)
def test_it_finds_better_ones_than_as_many_random_ones(domain):
    domain = DOMAINS[domain]()
    made, known = proposals(domain, "gp", ("acquisition=ei",), budget=25)
    _, values, _ = asynchronous(made, known, 25, workers=2)
    random = [value(domain, row) for row in domain.sample(np.random.default_rng(0), 200)]
    assert values.max() >= np.quantile(random, 0.99)


def test_constraints_are_kept():
    domain = chains()
    made, known = proposals(domain, "gp", ("acquisition=ei",), budget=25)
    done, *_ = asynchronous(made, known, 25)
    columns = domain.graphs(domain.stack([known[arch] for arch in done])).columns
    assert (columns["flops"] <= 2500).all()


@pytest.mark.parametrize("words", [("acquisition=ei",), ("acquisition=ucb",), ("acquisition=ehvi", "objective=flops")])
def test_with_all_architectures_as_candidates_it_is_the_search_of_the_list(words, monkeypatch):
    """As good a choice, that is: of equal ones a random one is taken."""
    domain = cells()
    rows = domain.sample(np.random.default_rng(3), 300)
    _, seats = np.unique(np.array(domain.key(rows)), return_index=True)
    rows = rows[np.sort(seats)]
    home, known = Window.of(domain, rows), Known(domain)
    assert known.add(rows) == list(range(len(rows)))
    metric, prior = Metric("value", True, unit=""), GivenCodes(None, len(rows))
    composed = config("gp", words, 20, 0)
    listed = proposing.proposals(composed, home, prior, metric, 0)
    monkeypatch.setattr(domain_proposals, "look", lambda *arguments: arguments[4](rows))
    monkeypatch.setattr("siamnas.candidates.window.reference", lambda domain: home)
    made = proposing.proposals(composed, known, prior, metric, 0)
    archs = list(range(0, 40, 4))
    for pending in ([], [1, 2]):
        for _ in range(5):
            labels = [value(domain, rows[arch]) for arch in archs]
            (one,), (other,) = (each.propose(*told(archs, labels), pending, 1) for each in (listed, made))
            listed._state.resume(*(x[None] for x in told(archs, labels)), np.array([pending], dtype=int))
            worth = listed._search.acquisition.value(listed._state)[0]
            assert worth[other.arch] == pytest.approx(worth[one.arch], rel=1e-6, abs=1e-9)
            archs.append(one.arch)


@pytest.mark.parametrize("domain", [cells, chains, functions])
@pytest.mark.parametrize("predictor", ["gp", "forest"])
def test_predictions_do_not_depend_on_the_window(predictor, domain):
    made, known = proposals(domain(), predictor, PREDICTORS[predictor])
    archs = known.add(domain().sample(np.random.default_rng(0), 40))
    archs = sorted(set(archs))
    labels = [value(known.domain, known[arch]) for arch in archs[:20]]
    nothing = made.predict(*told([], []), np.array(archs))
    assert np.isnan(nothing).all()
    score, spread = made.predict(*told(archs[:20], labels), np.array(archs))
    assert np.corrcoef(score[:20], labels)[0, 1] > 0.7
    for arch, one, sure in zip(archs, score, spread, strict=True):
        np.testing.assert_allclose(
            made.predict(*told(archs[:20], labels), np.array([arch])), [[one], [sure]], atol=1e-7
        )


@pytest.mark.parametrize(
    ("predictor", "words", "message"),
    [
        (
            "gp",
            ("search=topk",),
            "search=topk: looks at a list of all architectures, and cells has none; choose one of",
        ),
        ("random", ("search=tpe",), "search=tpe: looks at a list"),
        ("random", ("search=nsga2", "objective=latency"), "search.column=latency: no column latency"),
        ("gp", ("acquisition=ehvi", "objective=latency"), "acquisition.column=latency: no column latency"),
        ("forest", ("search=active", "acquisition=ucb", "predictor.features=[choices,shapes]"), "no set shapes"),
    ],
)
def test_what_needs_a_list_is_refused_in_a_sentence(predictor, words, message):
    with pytest.raises(InputError, match=message):
        proposals(cells(), predictor, words)
