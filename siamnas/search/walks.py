"""Searches without a predictor: each repeat goes its own way, one evaluation at a time."""

from abc import abstractmethod
from collections.abc import Generator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError, literal
from siamnas.graphs.arrays import IntArray
from siamnas.oracle.base import Prior
from siamnas.predictors.random import Random
from siamnas.search.base import Search, Steps
from siamnas.seeding import streams
from siamnas.spaces.listed import Space
from siamnas.spaces.neighbours import Neighbourhood

Walk = Generator[int, int, None]
"""Yields an architecture that is not known yet, and is sent the one that was evaluated, which is known from then on."""


class Memory:
    """What one repeat knows.

    Args:
        order: (M,) all architectures in the random order of the repeat.
        kinds: (M,) numbers that are the same for architectures one of which is enough.
        rng: what else is random.

    Attributes:
        values: architecture -> its label, in the order of their evaluation; higher is better, -inf where it has failed.
        free: (M,) True for those that are not known yet, and none of whose kind is.
    """

    def __init__(self, order: IntArray, kinds: IntArray, rng: np.random.Generator) -> None:
        self.rng = rng
        self.values: dict[int, float] = {}
        self.free: NDArray[np.bool_] = np.ones(len(order), dtype=bool)
        self._order = order
        self._kinds = kinds

    def add(self, arch: int, label: float) -> None:
        """Know the label of an architecture; NaN where the evaluation failed."""
        self.values[arch] = -np.inf if np.isnan(label) else label
        self.free[self._kinds == self._kinds[arch]] = False

    @property
    def best(self) -> int:
        """The best architecture, of equal ones the earliest."""
        return max(self.values, key=self.values.__getitem__)

    def at_random(self) -> int:
        """The next free architecture of the random order, which random search follows, too."""
        return int(self._order[self.free[self._order].argmax()])

    def one_of(self, archs: IntArray) -> int:
        """One of some architectures at random."""
        return int(self.rng.choice(archs))


class Walks(Search):
    """R independent walks through a space; there is no predictor, and no final ranking to evaluate, so that K is 0.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        prior: not used.
        metric: of the values.
        n: N, evaluations in all.

    Attributes:
        near: the neighbours of architectures.
        stream: names the random stream of a class, else the name of the class does. A renamed class keeps it.

    Raises:
        InputError: the space is too small for N.
    """

    stream: ClassVar[str] = ""

    def __init__(self, space: Space, seeds: range, prior: Prior, metric: Metric, n: int) -> None:
        super().__init__(State(Random(space, seeds, {}), prior, metric), n, depth=0)
        if n > (size := space.distinct()):
            raise InputError(f"search.n={n}: must be at most {size}, the size of {space.name}")
        self.near = Neighbourhood(space)
        rows = zip(self.state.orders, streams(seeds, self.stream or type(self).__name__), strict=True)
        kinds = space.classes if space.unique else np.arange(len(space))
        self._memories = [Memory(order, kinds, rng) for order, rng in rows]

    @abstractmethod
    def walk(self, memory: Memory) -> Walk:
        """The way of one repeat, see `Walk`; it need not end."""

    def steps(self) -> Steps:
        """See `Search`."""
        walks = list(map(self.walk, self._memories))
        asked = [self._next(walk, None) for walk in walks]
        for done in range(1, self.n + 1):
            archs, labels = yield np.array(asked)[:, None]
            self.report(done / self.n)
            told = list(zip(archs[:, 0].tolist(), labels[:, 0].tolist(), strict=True))
            for memory, (arch, label) in zip(self._memories, told, strict=True):
                memory.add(arch, label)
            if done < self.n:
                asked = [self._next(walk, arch) for walk, (arch, _) in zip(walks, told, strict=True)]

    def _next(self, walk: Walk, evaluated: int | None) -> int:
        """The architecture that a walk goes to."""
        name = type(self).__name__
        if not isinstance(walk, Generator):
            raise InputError(f"search: {name}.walk must yield architectures, not return {literal(walk)}")
        try:
            return walk.send(evaluated)  # type: ignore[arg-type]
        except StopIteration:
            raise InputError(f"search: {name}.walk has ended before its n={self.n} evaluations") from None

    @property
    def order(self) -> IntArray:
        """(R, M) what was evaluated, best first, then the others at random: nothing is known of them."""
        rows = []
        for memory, order in zip(self._memories, self.state.orders, strict=True):
            known = sorted(memory.values, key=memory.values.__getitem__, reverse=True)
            rows.append(np.concatenate([np.array(known, dtype=np.int64), order[~np.isin(order, known)]]))
        return np.stack(rows)
