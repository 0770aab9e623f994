"""Forests and boosted trees of scikit-learn without its work around every tree: the same numbers, several times sooner.

For a hundred trees and a few dozen labels scikit-learn copies and checks parameters and arrays for longer than it grows
trees. Here its own code grows them alone. Where another version or processor computes otherwise, `quick` has none.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import FloatArray

ANY_DEPTH = np.iinfo(np.int32).max
SEEDS = np.iinfo(np.int32).max  # of trees, as scikit-learn draws them
Features = NDArray[np.float32]


class Trees(ABC):
    """An ensemble of trees, whose `model` of scikit-learn is never fitted.

    Args:
        model: with default parameters but for those in `own`.
    """

    own: set[str] = {"n_estimators", "random_state"}

    def __init__(self, model: Any) -> None:
        self.model = model
        self.trees: list[Any] = []

    @abstractmethod
    def fit(self, x: Features, y: FloatArray) -> None:
        """Grow the trees on (n, D) features and (n,) labels, all finite."""

    @abstractmethod
    def predict(self, x: Features) -> FloatArray:
        """(m,) predictions for (m, D) features."""


class Forest(Trees):
    """A `RandomForestRegressor`: each tree learns from a bootstrap sample."""

    own = Trees.own | {"n_jobs"}

    def __init__(self, model: Any) -> None:
        from sklearn.utils import check_random_state

        super().__init__(model)
        seeds = check_random_state(model.random_state)
        self._random = check_random_state(0)
        # To seed a generator takes ten times as long as to bring one into a known state.
        self._states = [check_random_state(seeds.randint(SEEDS)).get_state() for _ in range(model.n_estimators)]
        self.drawn: NDArray[np.int64]
        """(T, n) how often each label is in the sample of each tree."""

    def fit(self, x: Features, y: FloatArray) -> None:
        """See `Trees`."""
        self.drawn = np.stack([self._sample(state, len(y)) for state in self._states])
        self.trees = [self._grown(*one, x, y) for one in zip(self._states, self.drawn, strict=True)]

    def _sample(self, state: Any, count: int) -> NDArray[np.int64]:
        self._random.set_state(state)
        return np.bincount(self._random.randint(0, count, count), minlength=count)

    def _grown(self, state: Any, drawn: NDArray[np.int64], x: Features, y: FloatArray) -> Any:
        self._random.set_state(state)  # a tree has the seed of its sample
        return _grown(x, y, drawn.astype(np.float64), ANY_DEPTH, self._random)

    def predict(self, x: Features) -> FloatArray:
        """See `Trees`; their mean."""
        return mean(self.each(x))

    def each(self, x: Features) -> FloatArray:
        """(T, m) the predictions of each tree."""
        values = np.empty((len(self.trees), len(x)))
        for row, tree in zip(values, self.trees, strict=True):
            tree.value[:, 0, 0].take(tree.apply(x), out=row, mode="clip")  # no leaf is out of bounds
        return values

    def one(self, number: int, x: Features) -> FloatArray:
        """(m,) the predictions of one tree."""
        return _values(self.trees[number], x)


class Boosting(Trees):
    """A `GradientBoostingRegressor`: each tree learns what those before it have left over."""

    own = Trees.own | {"learning_rate", "max_depth"}

    def fit(self, x: Features, y: FloatArray) -> None:
        """See `Trees`."""
        from sklearn.utils import check_random_state

        random, weight = check_random_state(self.model.random_state), np.ones(len(y))
        depth = self.model.max_depth or ANY_DEPTH
        self._mean, self.trees = np.average(y), []
        predicted = np.full(len(y), self._mean)
        for _ in range(self.model.n_estimators):
            self.trees.append(_grown(x, y - predicted, weight, depth, random))
            predicted += _values(self.trees[-1], x, self.model.learning_rate)

    def predict(self, x: Features) -> FloatArray:
        """See `Trees`; the mean of the labels and what the trees add to it."""
        total = np.full(len(x), self._mean)
        for tree in self.trees:
            total += _values(tree, x, self.model.learning_rate)
        return total


def quick(model: Any) -> Trees | None:
    """What computes the numbers of a model of scikit-learn sooner; None where nothing does."""
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

    known: Any = type(model)
    kind = {RandomForestRegressor: Forest, GradientBoostingRegressor: Boosting}.get(known)
    if kind is None:
        return None
    default, given = known().get_params(), model.get_params()
    usual = all(given[key] == default[key] for key in given.keys() - kind.own) and type(model.n_estimators) is int
    return kind(model) if usual and _agrees(kind, known) else None


@functools.cache
def _agrees(kind: Callable[[Any], Trees], known: Callable[..., Any]) -> bool:
    """Whether scikit-learn computes the same, to the bit, on a small problem with ties among its features."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.integers(0, 2, (80, 12)), rng.random((80, 4))], axis=1).astype(np.float32)
    y = x @ rng.random(16) + rng.random(80)
    try:
        model = known(n_estimators=10, random_state=1)
        ours = kind(model)
        ours.fit(x[:40], y[:40])
        return np.array_equal(ours.predict(x), model.fit(x[:40], y[:40]).predict(x))
    except Exception:  # its inner parts are no promise of scikit-learn
        return False


def _grown(x: Features, y: FloatArray, weight: FloatArray, depth: int, random: Any) -> Any:
    """A tree as `DecisionTreeRegressor` grows it, up to a depth, from weighted labels (n,).

    `random` is the `RandomState` that its seed is drawn from.
    """
    from sklearn.tree._criterion import MSE
    from sklearn.tree._splitter import BestSplitter
    from sklearn.tree._tree import DepthFirstTreeBuilder, Tree

    n, features = x.shape
    splitter = BestSplitter(MSE(1, n), features, 1, 0.0, random, None)
    tree = Tree(features, np.ones(1, dtype=np.intp), 1)
    DepthFirstTreeBuilder(splitter, 2, 1, 0.0, depth, 0.0).build(tree, x, y.reshape(-1, 1), weight, None)
    return tree


def _values(tree: Any, x: Features, rate: float = 1.0) -> FloatArray:
    """(m,) predictions of a tree times a rate."""
    return (rate * tree.value[:, 0, 0]).take(tree.apply(x))


def mean(values: FloatArray) -> FloatArray:
    """(m,) mean of the trees, added up in their order."""
    return values.sum(axis=0) / len(values)
