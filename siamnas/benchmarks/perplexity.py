"""The perplexity of a GPT, predicted by the fully connected networks of HW-GPT-Bench (arXiv 2405.10299)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import shipped
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.graphs.arrays import FloatArray

FILE = "gpt_perplexity.npz"
LAYERS = 5  # of each network


class Perplexity(Surrogate):
    """Validation perplexity of the sub-networks of one supernet, as HW-GPT-Bench's surrogate predicts it.

    Args:
        scale: s, m or l.
    """

    def __init__(self, scale: str) -> None:
        self.name = f"HW-GPT-Bench's perplexity network for GPT-{scale.upper()}"
        self.metric = Metric("perplexity", maximise=False, unit="")
        table = shipped.load(FILE)
        self._layers = [
            (table[f"{scale}.w{number}"].astype(np.float64).T, table[f"{scale}.b{number}"].astype(np.float64))
            for number in range(1, LAYERS + 1)
        ]

    def labels(self, archs: NDArray[Any]) -> FloatArray:
        """(n,) of rows (n, 3 + 2 L): width, depth, MLP ratio and heads of layer after layer, bias.

        Each entry is the number of an option, -1 for a layer that is not there.
        """
        embed, depth, mlp, heads, bias = archs[:, 0], archs[:, 1], archs[:, 2:-1:2], archs[:, 3:-1:2], archs[:, -1]
        parts = [one_hot(embed, 3), one_hot(depth, 3), one_hot(mlp, 3), one_hot(heads, 3), one_hot(bias, 2)]
        x = np.concatenate(parts, axis=1)
        for number, (weights, biases) in enumerate(self._layers, start=1):
            x = x @ weights + biases
            if number < LAYERS:
                x = np.maximum(x, 0)
        return x[:, 0]


def one_hot(chosen: NDArray[Any], options: int) -> FloatArray:
    """(n, k * options) of numbers (n, k) or (n,); zeros for -1."""
    table = np.concatenate([np.eye(options), np.zeros((1, options))])
    return table[chosen].reshape(len(chosen), -1)
