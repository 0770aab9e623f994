"""Active search that begins with a low fidelity."""

from dataclasses import dataclass

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.ranking import rank
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Count, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.graphs.columns import abbreviated
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor, Stage
from siamnas.search import active, recommendation
from siamnas.training.training_set import TrainingSet


@dataclass
class Fidelity:
    """Which low fidelity is measured, of how many architectures."""

    name: Word
    count: Count
    maximise: bool


class LowFidelity(active.Active):
    """A cheap measurement of some architectures says where to begin, and what to expect.

    The predictor learns from the low fidelity first. What it then predicts for the whole space becomes a feature of the
    predictor that learns from the evaluations, so that these say how far the low fidelity is to be trusted. The top of
    that prediction is evaluated first. Low-fidelity measurements are not among the N evaluations; they cost their own
    seconds.

    Args:
        predictor: as for `Active`; one that takes a low fidelity.
        acquisition: as for `Active`.
        prior: has the low fidelity.
        metric: as for `Active`.
        n: as for `Active`.
        initial_design: as for `Active`; `kind` and `column` say which architectures are measured at the low fidelity.
        batch: as for `Active`.
        recommend: as for `Active`.
        fidelity: `name`, one of those that the prior has; `count` of architectures; whether to `maximise` it.

    Raises:
        InputError: there is no such low fidelity; the predictor takes no low fidelities; what `Active` refuses.
    """

    def __init__(
        self,
        predictor: Predictor,
        acquisition: Acquisition,
        prior: Prior,
        metric: Metric,
        n: Count,
        initial_design: active.InitialDesign,
        batch: Count,
        recommend: recommendation.Kind,
        fidelity: Fidelity,
    ) -> None:
        super().__init__(predictor, acquisition, prior, metric, n, initial_design, batch, recommend)
        self.fidelity = fidelity
        if self.fidelity.name not in prior.fidelities:
            known = ", ".join(abbreviated(prior.fidelities)) or "none"
            raise InputError(
                f"search.fidelity.name={self.fidelity.name}: must be one of the low fidelities of this oracle: {known}"
            )
        if not predictor.takes_fidelity:
            raise InputError(
                f"search=low_fidelity: {type(predictor).__name__} takes no low fidelities; choose predictor=gp"
            )
        if self.fidelity.count > (coded := predictor.space.distinct(prior.coded)):
            raise InputError(
                f"search.fidelity.count={self.fidelity.count}: must be at most {coded}, the architectures there are"
            )

    def _first(self) -> IntArray:
        """(R, first) the top of what the low fidelity predicts."""
        state, predictor = self.state, self.state.predictor
        archs = self.design(state, self.fidelity.count)
        values = state.prior.fidelity(self.fidelity.name, archs)
        predictor.stage = Stage()
        predictor.fit(TrainingSet(archs, np.empty((*archs.shape, 0))), values if self.fidelity.maximise else -values)
        expected = predictor.score(np.arange(len(state.space)))
        predictor.add_fidelity(expected)
        return state.first(rank(expected, state.ties), self.first)
