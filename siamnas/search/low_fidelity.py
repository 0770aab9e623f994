"""Active search with a cheap first rung."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.config import instantiate
from siamnas.acquisition.base import Rule
from siamnas.acquisition.ranking import rank
from siamnas.errors import InputError
from siamnas.benchmarks.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor, Stage
from siamnas.config.validate import Count, Word
from siamnas.search import active, recommendation
from siamnas.graphs.columns import abbreviated
from siamnas.predictors.training_set import Pool
from siamnas.graphs.arrays import IntArray


@dataclass
class Rung:
    """What is measured of how many architectures."""

    name: Word
    count: Count
    maximise: bool


@dataclass
class Fields(active.Fields):
    """See `conf/search/rungs.yaml`."""

    rung: Rung


@instantiate.checked_by(Fields)
class Rungs(active.Active):
    """A cheap measurement of some architectures says where to begin, and what to expect.

    The predictor learns from the rung first. Its prediction for the whole space is a feature of what learns from the
    evaluations: they say how much the rung is to be trusted. Evaluated first is the top of that prediction. The rung is
    not among the N evaluations; it costs its own seconds.

    Args:
        predictor: as for `Active`; one that takes hints.
        acquire: as for `Active`.
        prior: has the rung.
        metric: as for `Active`.
        n: as for `Active`.
        start: as for `Active`; `kind` and `column` say what the rung measures.
        batch: as for `Active`.
        choose: as for `Active`.
        rung: `name`, one of those that the prior has; `count` of architectures; whether to `maximise` it.

    Raises:
        InputError: there is no such rung; the predictor takes no hints; what `Active` refuses.
    """

    def __init__(
        self,
        predictor: Predictor,
        acquire: Rule,
        prior: Prior,
        metric: Metric,
        n: int,
        start: dict[str, Any],
        batch: int,
        choose: recommendation.Kind,
        rung: dict[str, Any],
    ) -> None:
        super().__init__(predictor, acquire, prior, metric, n, start, batch, choose)
        self.rung = Rung(**rung)
        if self.rung.name not in prior.rungs:
            known = ", ".join(abbreviated(prior.rungs)) or "none"
            raise InputError(f"search.rung.name={self.rung.name}: must be one of the rungs of this oracle: {known}")
        if not predictor.hints:
            raise InputError(f"search=rungs: {type(predictor).__name__} takes no hints; choose predictor=gp")
        if self.rung.count > (coded := predictor.space.distinct(prior.coded)):
            raise InputError(
                f"search.rung.count={self.rung.count}: must be at most {coded}, the architectures there are"
            )

    def _first(self) -> IntArray:
        """(R, first) the top of what the rung predicts."""
        state, predictor = self.state, self.state.predictor
        archs = self._started(self.rung.count)
        values = state.prior.rung(self.rung.name, archs)
        predictor.stage = Stage()
        predictor.fit(Pool(archs, np.empty((*archs.shape, 0))), values if self.rung.maximise else -values)
        expected = predictor.score(np.arange(len(state.space)))
        predictor.hint(expected)
        return state.first(rank(expected, state.ties), self.first)
