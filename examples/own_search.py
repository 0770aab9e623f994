"""A search: from N random architectures to the best one's nearest neighbour that is not evaluated yet, K times."""

import numpy as np

from siamnas.acquire.state import State
from siamnas.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.search.base import Search, Steps
from siamnas.search.choice import best_so_far
from siamnas.spaces.space import IntArray


class Climb(Search):
    """Local search; the predictor only orders the whole space at the end, from all that was evaluated."""

    def __init__(self, predictor: Predictor, prior: Prior, metric: Metric, n: int, k: int) -> None:
        super().__init__(State(predictor, prior, metric), n, depth=k)

    def steps(self) -> Steps:
        """Yield (R, m) architectures to evaluate; they come back with their labels, higher is better."""
        state, types = self.state, self.state.space.types
        yield from self.at_random(self.n)
        for done in range(self.depth):
            best = best_so_far(state.archs, state.labels)[:, -1:]
            near = (types == types[best]).sum(axis=2) + [rng.random(len(types)) for rng in state.ties]
            state.add(*(yield np.where(state.free, near, -1).argmax(axis=1)[:, None]))
            self.report((done + 1) / self.depth)
        state.fit(1.0, self.n + self.depth)

    @property
    def order(self) -> IntArray:
        """(R, M) the final ranking of the space."""
        return self.state.final_ranking()
