"""A search: simulated annealing, from architecture to neighbour."""

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.search.walks import Memory, Walk, Walks
from siamnas.spaces.listed import Space


class Anneal(Walks):
    """Goes to a neighbour that is better, and to a worse one the more rarely, the further the search is."""

    def __init__(self, space: Space, seeds: range, prior: Prior, metric: Metric, n: int, temperature: float) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.temperature = temperature  # the loss that it accepts at first in one of e cases

    def walk(self, memory: Memory) -> Walk:
        """Yields an architecture to evaluate, and is sent it when its label is known: the way of one repeat."""
        here = yield memory.at_random()
        while True:
            there = yield memory.one_of(self.near.of(here, memory.free))
            loss = memory.values[here] - memory.values[there]
            temperature = self.temperature * (1 - len(memory.values) / self.n)
            if loss <= 0 or memory.rng.random() < np.exp(-loss / max(temperature, 1e-9)):
                here = there
