"""Small networks of scikit-learn: the unit of the labels changes nothing, and nothing is warned of."""

import numpy as np
import pytest

from siamnas.predictors.network import Network

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 4))
Y = X[:, 0] + 0.5 * X[:, 1] ** 2


def network() -> Network:
    return Network(hidden_layer_sizes=[20], solver="lbfgs", max_iter=30, random_state=1)


def test_it_learns():
    predicted = network().fit(X[:60], Y[:60]).predict(X[60:])
    assert np.corrcoef(predicted, Y[60:])[0, 1] > 0.8


@pytest.mark.parametrize(("scale", "shift"), [(1e-4, 0.7), (1e3, -50.0)])
def test_the_unit_of_the_labels_changes_nothing(scale: float, shift: float):
    plain = network().fit(X, Y).predict(X)
    np.testing.assert_allclose(network().fit(X, shift + scale * Y).predict(X), shift + scale * plain, rtol=1e-2)


def test_equal_labels_are_predicted():
    np.testing.assert_allclose(network().fit(X[:5], np.full(5, 0.3)).predict(X[:5]), 0.3, atol=1e-3)
