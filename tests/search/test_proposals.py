"""Proposals: what to evaluate next, whatever is still open."""

import functools

import numpy as np
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.experiment import build
from siamnas.oracle.table import TableOracle
from siamnas.search import proposing
from siamnas.search.setting import Setting
from siamnas.testing import small

PREDICTORS = {
    "gp": [],
    "forest": ["search=active", "acquisition=ei"],
    "boosting": ["search=active"],
    "gcn": ["search=active", "trainer=debug"],
    "siams_nsam_bts": ["search=active", "trainer=debug", "acquisition=bts"],
    "random": ["search=active"],
}
NEURAL = ["gcn", "siams_nsam_bts"]
ACQUISITIONS = ["bts", "ei", "half", "mutants", "random", "shrinking", "thompson", "top", "ucb"]
WORDS = {
    **PREDICTORS,
    "gp with fitted scales": ["predictor.steps=3"],
    **{f"gp, {one}": [f"acquisition={one}"] for one in ACQUISITIONS},
    "gp_2026": [],
    "gp, ehvi": ["acquisition=ehvi", "objective=flops"],
}


@functools.cache
def config(words, budget, seed):
    return Setting(words.split(",")[0].split()[0], budget, True, seed, tuple(WORDS[words])).compose()


def proposals(words="gp", benchmark=None, budget=20, seed=3):
    benchmark = benchmark or small.graphs()
    prior = TableOracle(benchmark, 1)
    made = proposing.proposals(
        config(words, budget, seed), benchmark.space, prior, Metric("value", True, unit=""), seed
    )
    assert made is not None
    return made


def told(benchmark, archs):
    archs = np.array(archs, dtype=np.int64)
    return archs, benchmark.measured.label[archs]


def asynchronous(made, benchmark, budget=20, workers=4, seed=0):
    """Evaluated in the order in which workers of uneven speed come back; and all proposals."""
    rng, done, open_, log = np.random.default_rng(seed), [], [], []
    while len(done) < budget:
        free = min(workers - len(open_), budget - len(done) - len(open_))
        found = made.propose(*told(benchmark, done), open_, free) if free else []
        log += found
        open_ += [one.arch for one in found]
        done.append(open_.pop(rng.integers(len(open_))))
    return done, log


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("words", WORDS)
def test_nothing_evaluated_or_pending_is_ever_proposed_again(words, failing):
    benchmark = small.failing(small.graphs()) if failing else small.graphs()
    budget = 12 if words in NEURAL else 20
    done, log = asynchronous(proposals(words, benchmark), benchmark, budget)
    assert len(set(done)) == budget
    assert [one.why for one in log[:3]] == ["initial design"] * 3
    assert all(one.why for one in log)


@pytest.mark.parametrize("words", WORDS)
def test_another_process_proposes_the_same_from_the_same_events(words):
    benchmark = small.graphs()
    going = proposals(words)
    done, _ = asynchronous(going, benchmark, 12, workers=12)
    for n, open_ in ((0, []), (5, done[5:8]), (4, done[4:12])):
        begun = proposals(words).propose(*told(benchmark, done[:n]), open_, 2)
        assert [one.arch for one in going.propose(*told(benchmark, done[:n]), open_, 2)] == [one.arch for one in begun]


@pytest.mark.parametrize("words", ["gp", "gp, thompson", "forest", "gcn"])
def test_several_at_once_are_those_of_one_at_a_time(words):
    benchmark = small.graphs()
    done, _ = asynchronous(proposals(words), benchmark, budget=8)
    made, open_ = proposals(words), [100, 101]
    several = [one.arch for one in made.propose(*told(benchmark, done), open_, 4)]
    for arch in several:
        (one,) = made.propose(*told(benchmark, done), open_, 1)
        assert one.arch == arch
        open_.append(arch)


def test_with_nothing_pending_it_is_the_synchronous_search():
    """As good a choice, that is: of equal ones a random one is taken."""
    benchmark, made = small.graphs(), proposals("gp")
    oracle, metric = TableOracle(benchmark, 1), Metric("value", True, unit="")
    search, done = build.search(config("gp", 20, 3), benchmark.space, oracle, metric, range(3, 4)), []
    while (archs := search.ask()) is not None:
        if len(done) >= 3:
            (one,) = made.propose(*told(benchmark, done), [], 1)
            worth = made._search.acquisition.value(made._state)[0]
            assert worth[archs[0, 0]] == pytest.approx(worth[one.arch], rel=1e-9)
        else:
            assert [one.arch for one in made.propose(*told(benchmark, done), [], 3)] == archs[0].tolist()
        done += archs[0].tolist()
        search.tell(archs, benchmark.measured.label[archs])


def test_what_is_pending_is_not_asked_for_nearby():
    benchmark, made = small.graphs(), proposals("gp_2026")
    done, _ = asynchronous(made, benchmark, budget=10, workers=1)
    alone = made.propose(*told(benchmark, done), [], 1)[0].arch
    predictor = made._state.predictor
    before, after = (predictor.spread_after(np.arange(216), np.array([own], int))[0] for own in ([], [alone]))
    assert (after <= before).all() and after[alone] < 0.5 * before[alone]
    assert made.propose(*told(benchmark, done), [alone], 1)[0].arch != alone


def test_it_proposes_all_that_is_left_and_then_nothing():
    benchmark, made = small.graphs(), proposals("gp")
    coded = np.flatnonzero(benchmark.measured.coded)
    found = made.propose(*told(benchmark, coded[:-5]), coded[-5:-3].tolist(), 10)
    assert sorted(one.arch for one in found) == coded[-3:].tolist()


def test_a_fit_that_was_interrupted_is_forgotten(monkeypatch):
    benchmark, made = small.graphs(), proposals("gp")
    done, _ = asynchronous(made, benchmark, budget=9)
    expected = proposals("gp").propose(*told(benchmark, done), [], 2)
    posterior = type(made._state.predictor._posteriors[0])
    with monkeypatch.context() as patch:
        patch.setattr(posterior, "mean", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            made.propose(*told(benchmark, done), [], 2)
    assert made.propose(*told(benchmark, done), [], 2) == expected


@pytest.mark.parametrize("words", ["gp", "forest", "gcn"])
def test_predictions_rank_what_it_has_learnt(words):
    benchmark, made = small.graphs(), proposals(words)
    nothing = made.predict(*told(benchmark, []), np.arange(5))
    assert np.isnan(nothing).all()
    archs = small.draw(len(benchmark.space), 40, range(1))[0]
    score, spread = made.predict(*told(benchmark, archs), np.arange(len(benchmark.space)))
    assert score.shape == spread.shape == (216,)
    assert np.isnan(spread).all() == (words == "gcn")
    if words != "gcn":  # hardly trained
        assert np.corrcoef(score, benchmark.measured.label)[0, 1] > 0.8


@pytest.mark.parametrize("words", [["search=topk"], ["search=local"], ["search=low_fidelity"]])
def test_others_wait_for_their_values(words):
    benchmark = small.graphs()
    composed = Setting("random", 20, True, 0, tuple(words)).compose()
    assert proposing.proposals(composed, benchmark.space, TableOracle(benchmark, 1), Metric("v", True), 0) is None
