"""Data selection in rounds: evaluate, learn, choose the next few."""

from dataclasses import dataclass

from siamnas import targets
from siamnas.acquire.base import Rule
from siamnas.acquire.state import State
from siamnas.errors import InputError
from siamnas.metric import Metric
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.progress import part_of
from siamnas.schema import Count, Word
from siamnas.search.base import Search, Steps
from siamnas.search.topk import check_budget
from siamnas.spaces.space import IntArray


@dataclass
class Fields:
    """See `conf/search/rounds.yaml`."""

    _target_: Word
    n: Count
    k: Count
    batch: Count


@targets.checked_by(Fields)
class Rounds(Search):
    """N at random, then K in rounds of a few: before each the predictor learns from everything, and the rule chooses.

    Unlike `TopK` it spends nothing on one final ranking: every evaluation is learnt from. A predictor that trains in
    epochs has done its whole schedule when the last round is chosen.

    Args:
        predictor: not yet fitted.
        acquire: what chooses; its own rounds are not used.
        prior: where Estimation Codes come from.
        metric: of what is told.
        n: N, evaluations at random at the start.
        k: K, evaluations that are chosen.
        batch: architectures per round.

    Raises:
        InputError: the space is too small for N and K, or N for the predictor.
    """

    def __init__(
        self, predictor: Predictor, acquire: Rule, prior: Prior, metric: Metric, n: int, k: int, batch: int
    ) -> None:
        super().__init__(State(predictor, prior, metric), n, k)
        self.acquire = acquire
        self.k = k
        self.batch = batch
        check_budget(predictor, prior, n, k)
        if n + k > (coded := predictor.space.distinct(prior.coded)):
            raise InputError(f"search.n + search.k = {n + k}: must be at most {coded}, what there is to learn from")

    def steps(self) -> Steps:
        """See `Search`."""
        state = self.state
        state.survey()
        yield from self.at_random(self.n)
        sizes = [min(self.batch, self.k - done) for done in range(0, self.k, self.batch)]
        for index, size in enumerate(sizes, start=1):
            begin, end = (index - 1) / len(sizes), index / len(sizes)
            # What trains in epochs goes on from the fit before, so that all rounds together are one training.
            state.fit(end, self.n + self.k, part_of(self.report, begin, end))
            yield from self.chosen(self.acquire, size, index)
        state.fit(1.0, self.n + self.k)
        state.predictor.finish()
        self.report(1.0)

    @property
    def order(self) -> IntArray:
        """See `Search`."""
        return self.state.final_ranking()
