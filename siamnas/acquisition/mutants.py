"""The acquisition of BANANAS (White et al. 2021, arXiv 1910.11858): Thompson sampling among mutants of the best."""

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.config.validate import Count
from siamnas.graphs.arrays import IntArray
from siamnas.spaces.neighbours import Neighbourhood


class Mutants(EqualRounds):
    """The best of independent draws from the predictions, among the free neighbours of the best of the training set.

    Args:
        rounds: see `EqualRounds`.
        parents: how many of the best of the training set have their neighbours considered.
    """

    needs_spread = True

    def __init__(self, rounds: Count, parents: Count) -> None:
        super().__init__(rounds)
        self.parents = parents
        self._near: Neighbourhood | None = None

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures; others than mutants only where these are fewer."""
        if self._near is None or self._near.space is not state.space:  # it is not known when this object is made
            self._near = Neighbourhood(state.space)
        every = np.arange(len(state.space))
        score, spread = state.predictor.score(every), state.predictor.spread(every)
        # Every architecture for itself, as published, whatever the predictor knows of how they hang together.
        drawn = score + spread * np.stack([rng.standard_normal(len(every)) for rng in state.ties])
        orders = []
        for archs, labels, row, free in zip(state.archs, state.labels, drawn, state.free, strict=True):
            best = archs[np.argsort(-np.nan_to_num(labels, nan=-np.inf), kind="stable")][: self.parents]
            mutant = np.zeros(len(row), dtype=bool)
            mutant[np.concatenate([self._near.of(arch, free) for arch in best])] = True
            orders.append(np.lexsort([-np.nan_to_num(row, nan=-np.inf), ~mutant]))
        return state.first(np.stack(orders), count)
