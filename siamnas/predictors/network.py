"""scikit-learn's small networks, for labels of any size."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from siamnas.graphs.arrays import FloatArray


class Network(MLPRegressor):
    """Learns standardised labels: how long a network is trained depends on how large its targets are.

    Arguments are those of scikit-learn. That a training ends at its last iteration is nothing to warn of.
    """

    def fit(self, x: FloatArray, y: FloatArray) -> "Network":
        """Learn (n,) labels of (n, D) features."""
        self.centre_, self.unit_ = float(np.mean(y)), float(np.std(y)) or 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return super().fit(x, (y - self.centre_) / self.unit_)

    def predict(self, x: FloatArray) -> FloatArray:
        """(n,) predicted labels, in the unit of those that were learnt."""
        return self.centre_ + self.unit_ * super().predict(x)
