"""Regularised evolution (Real et al. 2019, arXiv 1802.01548)."""

from collections import deque

from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Count
from siamnas.oracle.base import Prior
from siamnas.search.walks import Memory, Walk, Walks
from siamnas.spaces.listed import Space


class Evolution(Walks):
    """The best of a tournament gets a child, which takes the place of the oldest.

    A child differs from its parent in one place, as published. As an architecture is not evaluated twice, only new ones
    are children; where all neighbours are known, it is the nearest new one.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        prior: not used.
        metric: of the values.
        n: N, evaluations in all.
        population: P, architectures that live at a time; the first ones are random.
        tournament: S, those that compete for a child, drawn with replacement.
    """

    stream = "Evolution"

    def __init__(
        self,
        space: Space,
        seeds: range,
        prior: Prior,
        metric: Metric,
        n: Count,
        population: Count,
        tournament: Count,
    ) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.population = population
        self.tournament = tournament

    def walk(self, memory: Memory) -> Walk:
        """See `Walks`."""
        alive: deque[int] = deque(maxlen=self.population)
        while len(alive) < self.population:
            alive.append((yield memory.at_random()))
        while True:
            drawn = [alive[i] for i in memory.rng.integers(self.population, size=self.tournament)]
            parent = max(drawn, key=memory.values.__getitem__)
            new = self.near.of(parent, memory.free)
            alive.append((yield memory.one_of(new) if len(new) else memory.at_random()))
