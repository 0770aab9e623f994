"""Whether the evaluation of an architecture will fail, learnt from those that did."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from siamnas.acquisition.improvement import positive
from siamnas.acquisition.labels import learnable
from siamnas.acquisition.state import State
from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.base import Predictor, Stage
from siamnas.training.training_set import TrainingSet


class Success:
    """The probability that an evaluation does not fail, by a predictor of its own that learns which ones did.

    It is that of a limit on what is measured (Gardner et al. 2014). Without it a search goes on to where the best are
    predicted, for ever, if all that is evaluated there fails, and so says nothing. Predictions are of an evaluation,
    with its noise, and calibrated by leaving each out: what fails at random is not predicted, and hardly weighs.

    Args:
        make: a predictor that has learnt nothing yet, and has a spread.
    """

    def __init__(self, make: Callable[[], Predictor]) -> None:
        self._make = make
        self._predictor: Predictor | None = None
        self._level = 0.0  # the score halfway between what failed and what did not

    def __call__(self, state: State) -> FloatArray:
        """(M,) the logarithm of the probability; 0 while none, or all, have failed.

        Args:
            state: of the same training set as before, in any window.
        """
        from scipy.special import log_ndtr

        failed = np.asarray(np.isnan(state.labels).any(axis=0))
        if failed.all() or not failed.any():
            return np.zeros(len(state.space))
        if self._predictor is None:
            self._predictor = self._fitted(state, failed)
            told = self._predictor.score(state.archs[0])[0]
            self._level = float(told[failed].mean() + told[~failed].mean()) / 2
        elif self._predictor.space is not state.space:
            self._predictor.move(state.space)
        every = np.arange(len(state.space))
        score = self._predictor.score(every)
        noise = self._predictor.noise * self._predictor.correction[:, None] ** 2
        spread = positive(np.sqrt(np.square(self._predictor.calibrated_spread(every)) + noise), score)
        found: FloatArray = log_ndtr((score[0] - self._level) / spread[0])
        return found

    def _fitted(self, state: State, failed: NDArray[np.bool_]) -> Predictor:
        """A predictor that has learnt 0 of what failed (n,), and 1 of the rest."""
        predictor = self._make()
        if predictor.space is not state.space:
            predictor.move(state.space)
        labels = np.broadcast_to(1.0 - failed, state.labels.shape)
        predictor.stage = Stage(1.0, len(failed))
        predictor.fit(TrainingSet(state.archs, state.training_set.codes), learnable(labels, state.metric))
        predictor.finish()
        return predictor
