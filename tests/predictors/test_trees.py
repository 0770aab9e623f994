"""Trees that grow without scikit-learn's help are those of scikit-learn, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor

from siamnas.predictors import trees
from siamnas.predictors.models import Forest, Model, Quick, QuickForest, model_of

KINDS = {RandomForestRegressor: QuickForest, GradientBoostingRegressor: Quick}


def problem(seed: int, count: int, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of architectures, of few or many values, and of those that are learnt from, with labels with ties."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, levels, (count + 30, 7)) * 0.37
    learnt = x[:count]
    return x.astype(np.float32), learnt.astype(np.float32), np.round(learnt @ rng.normal(size=7) + rng.random(count), 2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**31 - 1), count=st.integers(1, 40), levels=st.sampled_from([1, 2, 5, 1000]))
def test_predictions_and_spread_are_those_of_scikit_learn(kind, seed, count, levels):
    x, learnt, y = problem(seed, count, levels)
    known = kind(n_estimators=5, random_state=seed)
    ours = model_of(kind(n_estimators=5, random_state=seed), finite=True)
    assert type(ours) is KINDS[kind]
    for end in (count, (count + 1) // 2):  # a fit forgets the one before
        known.fit(learnt[:end], y[:end])
        ours.fit(learnt[:end], y[:end])
        np.testing.assert_array_equal(ours.predict(x), known.predict(x))
        if ours.spreads:
            each = np.array([tree.predict(x) for tree in known.estimators_])
            np.testing.assert_array_equal(ours.spread(x), each.std(axis=0))
            drawn, rng = ours.draw(x, np.random.default_rng(3)), np.random.default_rng(3)
            np.testing.assert_array_equal(drawn, each[rng.integers(5)])


@settings(max_examples=10)
@given(rate=st.floats(0.01, 1.5), depth=st.sampled_from([None, 1, 2, 6]), seed=st.integers(0, 100))
def test_boosting_may_have_another_rate_and_depth(rate, depth, seed):
    x, learnt, y = problem(seed, 30, 3)
    options = {"n_estimators": 5, "learning_rate": rate, "max_depth": depth, "random_state": 1}
    ours = model_of(GradientBoostingRegressor(**options), finite=True)
    ours.fit(learnt, y)
    assert isinstance(ours, Quick)
    np.testing.assert_array_equal(ours.predict(x), GradientBoostingRegressor(**options).fit(learnt, y).predict(x))


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (RandomForestRegressor(max_depth=3), Forest),
        (RandomForestRegressor(criterion="absolute_error"), Forest),
        (ExtraTreesRegressor(), Forest),
        (type("Own", (RandomForestRegressor,), {})(), Forest),
        (GradientBoostingRegressor(subsample=0.5), Model),
        (GradientBoostingRegressor(loss="huber"), Model),
    ],
)
def test_with_any_other_option_scikit_learn_is_asked(model, kind):
    assert type(model_of(model, finite=True)) is kind


def test_a_version_of_scikit_learn_that_computes_otherwise_is_asked_itself(monkeypatch):
    trees._agrees.cache_clear()
    monkeypatch.setattr(trees, "ANY_DEPTH", 2)
    try:
        assert type(model_of(RandomForestRegressor(), finite=True)) is Forest
    finally:
        trees._agrees.cache_clear()


def test_features_that_are_missing_are_left_to_scikit_learn():
    assert type(model_of(RandomForestRegressor(), finite=False)) is Forest
