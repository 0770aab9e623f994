"""Batches of the acquisition functions that weigh the score of an architecture against its spread."""

from abc import abstractmethod

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray, IntArray


class GreedyBatch(EqualRounds):
    """Fills a batch greedily: the architecture that is worth most, then the next, as if the first were evaluated.

    Its value is believed to be the predicted one (the kriging believer, Ginsbourger et al. 2010; GP-BUCB, Desautels et
    al. 2014). So the scores stay and only the spread shrinks around what is chosen: a batch holds good architectures
    that differ. See `Predictor.spread_after`.
    """

    needs_spread = True

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures."""
        every = np.arange(len(state.space))
        score = state.predictor.score(every)
        chosen, pending = state.pending, state.pending.shape[1]
        while chosen.shape[1] < pending + count:
            spread = state.predictor.spread_after(every, chosen)
            chosen = np.concatenate([chosen, state.top(self.worth(state, score, spread), chosen)], axis=1)
        return chosen[:, pending:]

    def value(self, state: State) -> FloatArray:
        """See `Acquisition`."""
        every = np.arange(len(state.space))
        return self.worth(state, state.predictor.score(every), state.predictor.spread_after(every, state.pending))

    @abstractmethod
    def worth(self, state: State, score: FloatArray, spread: FloatArray) -> FloatArray:
        """(R, M) what it is worth to evaluate an architecture, from score and spread (R, M)."""
