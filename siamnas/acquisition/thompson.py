"""Thompson sampling."""

import numpy as np

from siamnas.acquisition.rounds import EqualRounds
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray, IntArray

DEVIATIONS = 3.0  # that a draw may lie above the score


class Thompson(EqualRounds):
    """The best of a draw from the predictive distribution; another draw for each architecture of a batch.

    Draws differ by as much as the predictor is unsure, so the architectures of a batch do, too (Thompson 1933;
    Kandasamy et al. 2018). See `Predictor.draw`.
    """

    needs_spread = True

    def value(self, state: State) -> FloatArray:
        """See `Acquisition`; what a draw may be at most."""
        every = np.arange(len(state.space))
        spread = state.predictor.spread_after(every, state.pending)
        return state.predictor.score(every) + DEVIATIONS * spread

    def choose(self, state: State, count: int, index: int) -> IntArray:
        """(R, count) free architectures."""
        every = np.arange(len(state.space))
        chosen, pending = state.pending, state.pending.shape[1]
        while chosen.shape[1] < pending + count:
            chosen = np.concatenate([chosen, state.top(state.predictor.draw(every, state.ties), chosen)], axis=1)
        return chosen[:, pending:]
