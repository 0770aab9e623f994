"""Active search that begins with what is known of other tasks."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.confirmation import Confirmation, expected_first
from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.sampled import Counts
from siamnas.config.validate import Condition, Count
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.search import active, recommendation
from siamnas.search.transfer_sources import digest, read
from siamnas.training.belief import Belief

Paths = Annotated[Sequence[str], Condition("a list of paths", lambda v: all(isinstance(one, str) for one in v))]


class Transfer(active.Active):
    """Evaluations of the same space on other tasks say where to begin, and what to expect.

    What a predictor learns from each of them alone is a prior mean of the one that learns from the evaluations, as far
    as these bear it out (`siamnas.predictors.gaussian.mixture`). Half of the initial design is the top of their mean,
    the rest random: only beside others do the first show whether the sources are right, see `Confirmation`. The
    evaluations of the sources are not among the N.

    Args:
        predictor: as for `Active`; one that takes sources.
        acquisition: as for `Active`.
        prior: as for `Active`; it may bring sources of its own.
        metric: as for `Active`.
        n: as for `Active`.
        initial_design: as for `Active`; its `kind` has to be what it is anyway.
        batch: as for `Active`.
        recommend: as for `Active`.
        sources: paths, see `siamnas.search.transfer_sources.read`. A repeat learns from one repeat of a result: that
            of its own seed modulo their number.
        belief: before anything is evaluated.
        candidates: as for `Active`.

    Raises:
        InputError: there is no source, one can't be read or is of another space; the predictor takes none; what
            `Active` refuses.
    """

    results_version = 2

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
        sources: Paths,
        belief: Belief,
        candidates: Counts | None = None,
    ) -> None:
        super().__init__(predictor, acquisition, prior, metric, n, initial_design, batch, recommend, candidates)
        if not predictor.takes_sources:
            raise InputError(f"search=transfer: {type(predictor).__name__} learns from no sources; choose predictor=gp")
        if initial_design.kind != "maximin":
            kind = f"search.initial_design.kind={initial_design.kind}"
            raise InputError(f"{kind}: has no effect on search=transfer, which begins by its sources")
        told = [*(read(path, metric.maximise) for path in sources), *prior.sources]
        if not told:
            raise InputError("search.sources=[]: must name at least one source, whose evaluations are learnt from")
        found = [[one.of(predictor.space) for one in source] for source in told]
        self.acquisition = Confirmation(acquisition, self.first, top_of(self.first))
        predictor.learn_from([[own[seed % len(own)] for own in found] for seed in predictor.seeds], belief)

    @classmethod
    def fingerprint(cls, fields: Mapping[str, Any], maximise: bool = True) -> dict[str, str]:
        """What the sources of a configuration hold, for the identity of a job."""
        return {"search.sources": digest(read(path, maximise) for path in fields["sources"])}

    def design(self, state: State, count: int) -> IntArray:
        """See `Active`: the top of what the sources expect, then as many at random, or one less."""
        lines = zip(expected_first(state, top_of(count)), state.at_random(count), strict=True)
        return np.stack([np.append(top, line[~np.isin(line, top)][: count - len(top)]) for top, line in lines])


def top_of(count: int) -> int:
    """How many of an initial design are the top of the sources."""
    return (count + 1) // 2
