"""The spread that users are told of a forest is right for architectures that it has not learnt from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor

from siamnas.predictors.calibration import WITHIN, out_of_bag
from siamnas.predictors.models import Forest, model_of


def slowly(each: np.ndarray, drawn: np.ndarray, labels: np.ndarray) -> float:
    """See `out_of_bag`, one label after the other."""
    off = []
    for column, own, label in zip(each.T, drawn.T, labels, strict=True):
        left = column[own == 0]
        if len(left) >= 2 and left.std() > 0:
            off.append(abs(left.mean() - label) / left.std())
    return float(np.quantile(off, WITHIN)) if off else 1.0


@settings(max_examples=50)
@given(seed=st.integers(0, 2**31 - 1), models=st.integers(1, 8), count=st.integers(1, 12), values=st.integers(1, 4))
def test_the_factor_is_that_of_one_label_after_the_other(seed, models, count, values):
    rng = np.random.default_rng(seed)
    each, labels = rng.integers(0, values, (models, count)) * 1.0, rng.normal(size=count)
    drawn = np.stack([np.bincount(rng.integers(0, count, count), minlength=count) for _ in range(models)])
    assert out_of_bag(each, drawn, labels) == pytest.approx(slowly(each, drawn, labels))


def problem(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    x = rng.integers(0, 3, (count, 8)).astype(np.float32)
    return x, x @ np.arange(8) + rng.standard_t(3, count)


def test_a_forest_says_it_by_the_trees_that_scikit_learn_leaves_out():
    x, y = problem(60)
    quick = model_of(RandomForestRegressor(50, random_state=3), finite=True)
    slow = Forest(RandomForestRegressor(50, random_state=3, oob_score=True))
    bagged = model_of(BaggingRegressor(n_estimators=50, random_state=3), finite=True)
    assert quick.correction() == slow.correction() == 1.0  # nothing has been learnt
    for model in (quick, slow, bagged):
        model.fit(x, y)
        assert 0.3 < model.correction() < 3 and model.correction() != 1.0
    assert quick.correction() == slow.correction()
    drawn = np.stack([np.bincount(own, minlength=60) for own in slow.regressor.estimators_samples_])
    each = np.stack([tree.predict(x) for tree in slow.regressor.estimators_])
    left = np.where(drawn == 0, each, np.nan)
    np.testing.assert_allclose(np.nanmean(left, axis=0), slow.regressor.oob_prediction_)
    assert slow.correction() == pytest.approx(slowly(each, drawn, y))


def test_trees_that_all_learn_everything_say_nothing():
    model = model_of(ExtraTreesRegressor(10, random_state=0), finite=True)
    model.fit(*problem(30))
    assert model.correction() == 1.0


def test_the_spread_that_is_told_holds_about_as_many_labels_as_it_says():
    x, y = problem(4000)
    inside = {"told": [], "plain": []}
    for start in range(0, 1000, 100):
        model = model_of(RandomForestRegressor(100, random_state=start), finite=True)
        model.fit(x[start : start + 100], y[start : start + 100])
        off, spread = np.abs(model.predict(x[2000:]) - y[2000:]), model.spread(x[2000:])
        inside["plain"].append((off <= spread).mean())
        inside["told"].append((off <= model.correction() * spread).mean())
    told, plain = (abs(np.mean(inside[name]) - WITHIN) for name in ("told", "plain"))
    assert told < 0.03 < plain
