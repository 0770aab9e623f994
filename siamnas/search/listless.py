"""Searches of a space without a list, for a job: each repeat as `siamnas.Search` goes with its seed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from siamnas.acquisition.ranking import rank
from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.candidates import window
from siamnas.candidates.known import Known
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.domain import DomainOracle
from siamnas.predictors.random import Random
from siamnas.search import proposing
from siamnas.search.base import Search, Steps
from siamnas.search.recommendation import RECOMMENDATIONS, BestPosterior
from siamnas.seeding import streams
from siamnas.spaces.domain import Domain


class Listless(Search):
    """R searches of a domain, which share nothing but what was found; what they ask for is numbered by the oracle.

    Args:
        config: of the job; its group `search` says which search of lists it stands for.
        space: the domain.
        seeds: `seed + repeat` of each repeat.
        prior: the oracle.
        metric: of the values.

    Raises:
        InputError: the search needs a list, or the space is too small for it.
    """

    def __init__(
        self, config: dict[str, Any], space: Domain, seeds: range, prior: DomainOracle, metric: Metric
    ) -> None:
        fields, self._home, self._seen = config["search"], window.reference(space), prior.seen
        super().__init__(State(Random(self._home, seeds, {}), prior, metric), fields["n"], depth=0)
        if space.size is not None and self.n > space.size:
            raise InputError(f"search.n={self.n}: must be at most {space.size}, the size of {space.name}")
        self._known = [Known(space) for _ in seeds]
        pairs = zip(self._known, seeds, strict=True)
        self._proposals = [proposing.of_domain(config, known, metric, seed, self._home) for known, seed in pairs]
        self._batch = fields.get("batch", 1)
        self._own: IntArray = np.empty((len(seeds), 0), dtype=np.int64)  # (R, n) evaluated, by the numbers of each
        self.recommendation = RECOMMENDATIONS[fields.get("recommend", "label")]()

    @property
    def device(self) -> str:
        """See `Search`."""
        return self._proposals[0].device

    @property
    def parallel(self) -> bool:
        """See `Search`; repeats go one after another."""
        return True

    def steps(self) -> Steps:
        """See `Search`."""
        while left := self.n - (done := self._own.shape[1]):
            self._believe()
            own = self._chosen(min(self._batch if done else self._proposals[0].first, left))
            yield self._numbers(own)
            self._own = np.concatenate([self._own, own], axis=1)
            self.report(self._own.shape[1] / self.n)
        self._believe()

    @property
    def order(self) -> IntArray:
        """(R, m) the ranking of the `siamnas.candidates.window.reference`; (R, 0) where nothing is learnt."""
        scores = self._scores([known.add(self._home.rows) for known in self._known])
        if np.isnan(scores).any():
            return np.empty((len(scores), 0), dtype=np.int64)
        return rank(scores, streams(self.state.seeds, "ties"))

    def _chosen(self, count: int) -> IntArray:
        """(R, count) what is evaluated next, by the numbers of each repeat."""
        rows = zip(self._proposals, self._own, self.labels, strict=True)
        found = [[one.arch for one in made.propose(own, labels, [], count)] for made, own, labels in rows]
        if (most := self._own.shape[1] + min(map(len, found))) < self.n and min(map(len, found)) < count:
            raise InputError(f"search.n={self.n}: only {most} different architectures of {self._home.name} are found")
        return np.array(found)

    def _numbers(self, own: IntArray) -> IntArray:
        """(R, m) the numbers of the oracle, from those of each repeat."""
        rows = zip(self._known, own.tolist(), strict=True)
        return np.array([[self._seen.add(known[number]) for number in row] for known, row in rows])

    def _scores(self, wanted: Sequence[Sequence[int]] | IntArray) -> FloatArray:
        """(R, m) predictions for architectures (R, m) of each repeat; NaN while nothing can be learnt."""
        rows = zip(self._proposals, self._own, self.labels, wanted, strict=True)
        return np.stack([made.predict(own, labels, np.asarray(row))[0] for made, own, labels, row in rows])

    def _believe(self) -> None:
        """Note what the predictors think best, where that is recommended."""
        if not isinstance(self.recommendation, BestPosterior) or not self._own.shape[1]:
            return
        scores = self._scores(self._own)
        if not np.isnan(scores).any():
            best = np.where(np.isnan(self.labels), -np.inf, scores).argmax(axis=1)[:, None]
            self.recommendation.believe(self._own.shape[1], self._numbers(np.take_along_axis(self._own, best, axis=1)))
