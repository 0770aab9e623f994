"""Active search: the predictor learns from every evaluation before the next one is chosen."""

from dataclasses import dataclass
from typing import Literal

from siamnas.acquisition import initial_design as designs
from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.candidates.sampled import Counts
from siamnas.candidates.window import Window
from siamnas.config.validate import Count, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.graphs.columns import check_column
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.runtime.progress import part_of
from siamnas.search import recommendation
from siamnas.search.base import Search, Steps


@dataclass
class InitialDesign:
    """What is evaluated first."""

    count: Count
    kind: Literal["maximin", "random", "stratified"]
    column: Word | None


class Active(Search):
    """An initial design, then a few at a time: the predictor learns from all, the acquisition function chooses.

    Unlike `TopK` it spends nothing on a final ranking: the budget is N, and K is 0. The architectures of a batch are of
    different classes of equal ones, see `State.distinct`. A predictor that trains in epochs has done its whole schedule
    when the last ones are chosen. While so many evaluations fail that nothing can be learnt, the next ones are random.

    Args:
        predictor: not yet fitted.
        acquisition: chooses what is evaluated next; its own rounds are not used.
        prior: where Estimation Codes come from.
        metric: of the values.
        n: N, evaluations in all.
        initial_design: `count` of the first ones, at most half of N; `kind`, see `siamnas.acquisition.initial_design`;
            `column` of a stratified design.
        batch: architectures that are chosen at once.
        candidates: of a space without a list, see `siamnas.candidates.sampled`; None for the usual ones.
        recommend: by what the search recommends an architecture, see `siamnas.search.recommendation`.

    Raises:
        InputError: the space is too small for N, or N for the predictor; the column is not free; the acquisition
            function needs a spread, and the predictor has none.
    """

    def __init__(
        self,
        predictor: Predictor,
        acquisition: Acquisition,
        prior: Prior,
        metric: Metric,
        n: Count,
        initial_design: InitialDesign,
        batch: Count,
        recommend: recommendation.Kind,
        candidates: Counts | None = None,
    ) -> None:
        super().__init__(State(predictor, prior, metric, distinct=True), n, depth=0)
        self.acquisition = acquisition
        self.initial_design = initial_design
        self.first = min(self.initial_design.count, max(n // 2, 1))
        self.batch = batch
        self.candidates = candidates or Counts()
        self.recommendation = recommendation.RECOMMENDATIONS[recommend]()
        self.recommendation.check(self.state)
        acquisition.check(predictor)
        if candidates is not None and not isinstance(predictor.space, Window):
            raise InputError(
                f"search.candidates: has no effect on {predictor.space.name}, whose whole list is looked at"
            )
        least, most = max(predictor.least, 1), predictor.space.distinct(prior.coded)
        if not least <= n <= most:
            raise InputError(
                f"search.n={n}: must be at least {least} for this predictor, and at most {most}, the architectures of "
                f"{predictor.space.name} to learn from"
            )
        if self.initial_design.kind == "stratified":
            check_column(
                str(self.initial_design.column),
                f"search.initial_design.column={self.initial_design.column}",
                list(predictor.space.columns),
            )
        elif self.initial_design.column is not None:
            raise InputError(
                f"search.initial_design.column={self.initial_design.column}: has no effect but on kind=stratified"
            )

    def steps(self) -> Steps:
        """See `Search`."""
        state, first = self.state, self.first
        state.survey()
        state.add(*(yield self._first()))
        while left := self.n - state.archs.shape[1]:
            size = min(self.batch, left)
            if state.short:
                state.add(*(yield state.at_random(size)))
                continue
            # What trains in epochs goes on from the fit before, so that all fits together are one training.
            begin, end = ((self.n - rest - first) / (self.n - first) for rest in (left, left - size))
            state.fit(end, self.n, part_of(self.report, begin, end))
            self.recommendation.fitted(state)
            state.add(*(yield self.acquisition.choose(state, size, self._index(left))))
        state.fit(1.0, self.n)
        state.predictor.finish()
        self.recommendation.fitted(state)
        self.report(1.0)

    def _first(self) -> IntArray:
        """(R, first) what the search evaluates first."""
        return self.design(self.state, self.first)

    def design(self, state: State, count: int) -> IntArray:
        """(R, count) architectures of the initial design, where nothing is evaluated yet."""
        if self.initial_design.kind == "maximin":
            return designs.maximin(state, count)
        if self.initial_design.kind == "stratified":
            return designs.stratified(state, count, str(self.initial_design.column))
        return state.at_random(count)

    def _index(self, left: int) -> int:
        """The number of the batch, from 1, when so many evaluations are left."""
        return (self.n - left - self.first) // self.batch + 1

    @property
    def order(self) -> IntArray:
        """See `Search`."""
        return self.state.final_ranking()
