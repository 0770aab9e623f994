"""Where evaluations fail a search goes elsewhere; what fails at random keeps it from nothing."""

from itertools import product

import numpy as np
import pytest

import siamnas
from siamnas.acquisition.state import State
from siamnas.acquisition.success import Success
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.window import Window, reference
from siamnas.experiment import build
from siamnas.oracle.columns import ColumnCodes
from siamnas.search.setting import Setting

LAYERS = ("wide", "conv", "pool")
DEPTH = 6


def described() -> siamnas.spaces.domain.Domain:
    return siamnas.Space.of_choices({f"l{place}": list(LAYERS) for place in range(DEPTH)}, "chain")


def listed() -> siamnas.Space:
    cells = [["input", *layers, "output"] for layers in product(LAYERS, repeat=DEPTH)]
    return siamnas.Space.of_graphs(cells, [[(i, i + 1) for i in range(DEPTH + 1)]] * len(cells))


def value(arch: siamnas.Architecture) -> float | None:
    """The wider the better, until the memory is full; 3 wide ones and no pool are the best that can be trained."""
    wide, pool = arch.operations.count("wide"), arch.operations.count("pool")
    return None if wide > 3 else 3 * wide - pool


@pytest.mark.parametrize("make", [described, listed])
def test_a_search_leaves_where_all_fails(make):
    """What failed was left out of what is learnt, so that nearly all evaluations could fail one after the other."""
    search = siamnas.Search(make(), budget=30)
    while archs := search.ask():
        search.tell(archs, [value(arch) for arch in archs])
    assert search.best().value == 9
    assert search.history()["value"].isna().sum() < 15


def both(arch: siamnas.Architecture) -> dict[str, float] | None:
    acc = value(arch)
    return None if acc is None else {"acc": acc, "ms": arch.operations.count("conv")}


def test_with_several_objectives_too():
    search = siamnas.Search(described(), budget=30, objectives={"acc": "max", "ms": "min"})
    while archs := search.ask():
        search.tell(archs, [both(arch) for arch in archs])
    assert search.history()["acc"].isna().sum() < 15
    assert search.front()["acc"].max() == 9


@pytest.fixture(scope="module")
def window() -> Window:
    space = described()
    return Window.of(space, space.sample(np.random.default_rng(0), 120), reference(space))


def log_success(window: Window, failed: np.ndarray) -> np.ndarray:
    config, home = Setting("gp", 30, True, 0, ()).compose(), window.reference
    predictor = build.predictor(config, home, ColumnCodes(home), range(1))
    predictor.move(window)
    state = State(predictor, ColumnCodes(window), Metric("value", True, unit=""))
    labels = np.where(failed, np.nan, np.arange(len(failed)))
    state.resume(np.arange(len(failed))[None], labels[None], np.empty((1, 0), np.int64))
    state.success = Success(lambda: build.predictor(config, home, ColumnCodes(home), range(1)))
    return state.log_success


def test_it_is_certain_where_none_or_all_have_failed(window):
    for failed in (np.zeros(20, bool), np.ones(20, bool)):
        assert (log_success(window, failed) == 0).all()


def test_what_is_like_what_failed_is_thought_to_fail(window):
    wide = (window.rows == 0).sum(axis=1) > 2
    found = np.exp(log_success(window, wide[:60]))
    assert ((found >= 0) & (found <= 1)).all()
    assert np.median(found[60:][wide[60:]]) < 0.2 < 0.8 < np.median(found[60:][~wide[60:]])


def test_what_fails_at_random_hardly_weighs(window):
    failed = np.random.default_rng(1).random(60) < 0.2
    assert np.quantile(np.exp(log_success(window, failed)[60:]), 0.1) > 0.4
