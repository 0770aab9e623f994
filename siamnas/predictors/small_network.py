"""A small network as an estimator of scikit-learn's kind."""

import warnings
from typing import Any

from siamnas.spaces.space import FloatArray


class SmallNetwork:
    """scikit-learn's multilayer perceptron on standardised labels: it is trained as far as its targets are large.

    Args:
        random_state: seed of its first weights.
        options: arguments of `sklearn.neural_network.MLPRegressor`.
    """

    def __init__(self, random_state: int, **options: Any) -> None:
        from sklearn.neural_network import MLPRegressor  # takes a second to import, and not every search needs it

        self.network = MLPRegressor(random_state=random_state, **options)
        self.mean, self.deviation = 0.0, 1.0

    def fit(self, x: FloatArray, y: FloatArray) -> "SmallNetwork":
        """Train it from the start on (n, D) features and (n,) labels."""
        from sklearn.exceptions import ConvergenceWarning

        self.mean, self.deviation = float(y.mean()), float(y.std()) or 1.0
        with warnings.catch_warnings():
            # That its training ends at its last iteration is nothing to warn of.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.network.fit(x, (y - self.mean) / self.deviation)
        return self

    def predict(self, x: FloatArray) -> FloatArray:
        """(n,) predicted labels."""
        return self.mean + self.deviation * self.network.predict(x)
