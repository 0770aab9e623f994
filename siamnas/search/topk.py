"""Train N, rank the space, evaluate the top K."""

from typing import Literal

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.ranking import to_back
from siamnas.acquisition.state import State
from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Count, Natural
from siamnas.errors import InputError
from siamnas.graphs.arrays import IntArray
from siamnas.oracle.base import Prior
from siamnas.predictors.base import Predictor
from siamnas.runtime.progress import part_of
from siamnas.search.base import Search, Steps
from siamnas.seeding import streams

FIT_SHARE = 0.95  # of the progress bar; ranking and scoring take the rest
CLOSING_TOP = 30  # architectures that the closing selection re-ranks by the fine score (published code)


class TopK(Search):
    """The search of the paper: fit a predictor on N evaluations, rank the whole space, evaluate its top (Figure 6).

    One fit at N serves every K up to the depth min(M - N, max(k, depth)). The ranking is evaluated from the top,
    without what was evaluated before, so that at K there are N + K different evaluations. A predictor that learns
    nothing needs no N: all N + K are the top of its order.

    Args:
        predictor: not yet fitted.
        acquisition: how the training set of N grows.
        prior: where Estimation Codes come from.
        metric: of the values.
        n: N, evaluations of each repeat before the ranking.
        k: K, evaluated architectures in the tables.
        rerank: this many of the coarse top are re-ordered by the fine score; 0 switches it off.
        depth: the largest K of the curves.
        closing: which share of the space the closing evaluations rank: a `random` one of each repeat, or the `first` of
            the list, the same for all (published).
        sample: of a space without a list, architectures that stand for it (10,000 if None): always the same ones.

    Raises:
        InputError: the space is too small for N and K, or N for the predictor; `closing` has no effect.
    """

    def __init__(
        self,
        predictor: Predictor,
        acquisition: Acquisition,
        prior: Prior,
        metric: Metric,
        n: Count,
        k: Count,
        rerank: Natural,
        depth: Count,
        closing: Literal["random", "first"] = "random",
        sample: Count | None = None,  # see `siamnas.experiment.build.searched`
    ) -> None:
        super().__init__(State(predictor, prior, metric), n, min(max(k, depth), predictor.space.distinct() - n))
        acquisition.check(predictor)
        self.predictor = predictor
        self.acquisition = acquisition
        self.rerank = rerank
        self.closing = closing
        self._trained = 0.0
        self._order: IntArray | None = None
        check_budget(predictor, prior, n, k)
        if closing == "first" and not predictor.closing:
            raise InputError("search.closing=first: has no effect, this predictor has no closing evaluations")

    @property
    def order(self) -> IntArray:
        """See `Search`."""
        if self._order is None:
            raise RuntimeError("the search has not ended")
        return self._order

    def steps(self) -> Steps:
        """See `Search`."""
        self.state.survey()
        if self.predictor.learns:
            yield from self._learn()
        order = self.state.refined(self.state.final_ranking(), self.rerank)
        evaluations = self.evaluations
        # Repeats whose closing evaluations agree have spent less than N, those with many failures more.
        spent = min(len(np.unique(row)) for row in evaluations)
        if left := max(self.n + self.depth - spent, 0):
            # All at once: their values change nothing in the ranking, so any number of workers can evaluate them.
            yield to_back(self.state.one_each(order, len(self.state.space)), evaluations)[:, :left]
        self._order = self.state.one_each(order, self.n + self.depth)
        self.report(1.0)

    def _learn(self) -> Steps:
        """Grow the training set, train the predictor in between, and let evaluations choose its final state."""
        n = self.n - self.predictor.closing
        least = self.predictor.least
        for index, round_ in enumerate(self.acquisition.rounds(n, least)):
            if not round_.count:
                continue
            if index == 0:
                yield from self.at_random(round_.count)
            else:
                self._fit(round_.trained, n)
                yield from self.chosen(self.acquisition, round_.count, index)
        self._fit(1.0, n)
        yield from self._close()
        self.predictor.finish()

    def _fit(self, until: float, n: int) -> None:
        """Train the predictor as far as the share `until`."""
        self.state.fit(until, n, part_of(self.report, FIT_SHARE * self._trained, FIT_SHARE * until))
        self._trained = until

    def _close(self) -> Steps:
        """After each closing epoch evaluate the first of a fixed share of the space; the best state is kept."""
        if not self.predictor.closing:
            return
        # One share for all closing epochs: states that are compared must have ranked the same architectures.
        size = max(round(self.predictor.trainer["ranked_share"] * len(self.state.space)), 1)
        if self.closing == "first":
            share = np.tile(np.arange(size), (len(self.state.seeds), 1))
        else:
            draws = streams(self.state.seeds, "closing")
            share = np.stack([rng.choice(len(self.state.space), size, replace=False) for rng in draws])
        for _ in range(self.predictor.closing):
            self.predictor.close()
            _, labels = yield self.state.representatives(self.state.best(share, CLOSING_TOP)[:, :1])
            self.predictor.keep(labels[:, 0])


def check_budget(predictor: Predictor, prior: Prior, n: int, k: int) -> None:
    """N and K must fit the space, and N what the predictor needs.

    Raises:
        InputError: names the key, the value and what is allowed.
    """
    archs, coded = predictor.space.distinct(), predictor.space.distinct(prior.coded)
    least = predictor.closing + predictor.least
    if predictor.learns and n < least:
        closing = f" ({predictor.closing} of the N queries choose its final state)" if predictor.closing else ""
        raise InputError(f"search.n={n}: must be at least {least} for this predictor{closing}")
    if n > coded:
        raise InputError(
            f"search.n={n}: must be at most {coded}, the architectures of {predictor.space.name} to learn from"
        )
    if n + k > archs:
        raise InputError(
            f"search.k={k}: search.n + search.k = {n + k} must be at most {archs}, the size of {predictor.space.name}"
        )
