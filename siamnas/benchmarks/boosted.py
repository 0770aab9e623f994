"""Boosted trees that were fitted to measured architectures, as plain arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks import shipped
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.graphs.arrays import FloatArray


class Boosted(Surrogate):
    """The sum of what many trees say of the choices of an architecture; `tools/build_surrogates.py` fits them.

    Args:
        file: of the shipped arrays.
        prefix: of their names in it, such as `moofa.`.
        metric: what was measured.
        given: more features than the choices, the same for all architectures.
    """

    def __init__(self, file: str, prefix: str, metric: Metric, given: Sequence[int] = ()) -> None:
        table = shipped.load(file)
        self._trees = {key.removeprefix(prefix): table[key] for key in table.files if key.startswith(prefix)}
        measured, tau = self._trees["measured"].item(), self._trees["tau"].item()
        self.name = f"boosting on {measured:,} measured networks, cross-validated tau {tau:.2f}".replace("0.", ".")
        self.metric, self._given = metric, np.array(given, np.int16)

    def labels(self, archs: NDArray[Any]) -> FloatArray:
        """(n,) of rows (n, C) of a described space."""
        given = np.broadcast_to(self._given, (len(archs), len(self._given)))
        return predicted(self._trees, np.concatenate([archs, given], axis=1))


def predicted(trees: Mapping[str, NDArray[Any]], features: NDArray[Any]) -> FloatArray:
    """(n,) what trees say of features (n, C), which are integers.

    Args:
        trees: `roots` (T,) numbers of nodes; of each node `feature`, `threshold`, `value`, and `child` (2,), how many
            nodes further it goes on if the feature is not above the threshold, and if it is: 0 at a leaf; `base`, which
            is added to the sum of the values of all leaves; and `depth`, the longest way to one.
        features: of architectures.
    """
    feature, children = trees["feature"].astype(np.int64), trees["child"].astype(np.int64)
    rows = np.arange(len(features))[:, None]
    at = np.tile(trees["roots"].astype(np.int64), (len(features), 1))  # (n, T) nodes
    for _ in range(trees["depth"].item()):
        above = features[rows, feature[at]] > trees["threshold"][at]
        at = at + children[at, above.astype(np.int64)]
    return trees["base"].item() + trees["value"].astype(np.float64)[at].sum(axis=1)
