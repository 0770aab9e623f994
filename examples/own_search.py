"""A search: from N random architectures to the best one's nearest neighbour that is not evaluated yet, K times."""

import numpy as np

from siamnas.acquire.state import State
from siamnas.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.search.base import Outcome, Search, Steps, best_so_far


class Climb(Search):
    """Local search; the predictor only orders the whole space at the end, from all that was evaluated."""

    def __init__(self, predictor: Predictor, prior: Prior, metric: Metric, n: int, k: int) -> None:
        super().__init__(State(predictor, prior, metric))
        self.n, self.k = n, k

    def steps(self) -> Steps:
        """Yield (R, m) architectures to evaluate; they come back with their labels, higher is better."""
        state, types = self.state, self.state.space.types
        state.add(*(yield state.draw(self.n, state.draws)))
        for done in range(self.k):
            best = best_so_far(state.archs, state.labels, 0)[:, -1:]
            near = (types == types[best]).sum(axis=2) + [rng.random(len(types)) for rng in state.ties]
            state.add(*(yield np.where(state.free, near, -1).argmax(axis=1)[:, None]))
            self.report((done + 1) / self.k)
        state.fit(1.0, self.n + self.k)

    @property
    def outcome(self) -> Outcome:
        """The N, the ranking of the space, the K in their order, and what is held after each of them."""
        archs, order = self.state.archs, self.state.final_ranking()
        chosen = best_so_far(archs, self.state.labels, self.n)
        return Outcome(archs[:, : self.n], order, archs[:, self.n :], chosen)
