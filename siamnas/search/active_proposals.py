"""Active search whose evaluations come in any order."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from siamnas.acquisition import replication
from siamnas.acquisition.labels import learnable
from siamnas.acquisition.state import State
from siamnas.acquisition.success import Success
from siamnas.benchmarks.metric import Metric
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.predictors.base import Predictor
from siamnas.search.active import Active
from siamnas.search.proposals import Proposal, Proposals

REPEATED = "evaluated again"  # why
NONE = np.empty((1, 0), dtype=np.int64)


class ActiveProposals(Proposals):
    """What an active search of one repeat proposes, one architecture after the other.

    With nothing pending it goes as `Active` does with batches of one, but for what is drawn at random. An architecture
    that is pending counts as evaluated at its predicted value (the kriging believer, see `GreedyBatch`), so that
    `count` of them are the same as `count` times one. A predictor that goes on from the fit before is made anew for
    every fit.

    Args:
        search: says how the search begins and goes on; it is not run.
        make: a predictor that has learnt nothing yet.
        replicate: whether architectures are evaluated again, see `siamnas.acquisition.replication`.
    """

    def __init__(self, search: Active, make: Callable[[], Predictor], replicate: bool = False) -> None:
        self._search = search
        self._replicate = replicate
        self._make = make
        self._state = search.state
        self._state.survey()
        self._fits = 0  # of the predictor
        self._learnt = b""  # what it has been fitted on

    def next(self, archs: IntArray, labels: FloatArray, pending: list[int]) -> Proposal | None:
        """See `Proposals`."""
        self._state.resume(archs[None], np.atleast_2d(labels), np.array([pending], dtype=np.int64))
        count = len(archs) + len(pending)
        if self._replicate and not self._state.short and (replication.is_due(count) or not self._state.room):
            self._fit()
            seats = repeatable(archs.tolist(), labels, pending)
            places, open_ = archs[seats], np.array([pending], dtype=np.int64)
            if (seat := once_more(self._state.predictor, places, open_)) is not None:
                return Proposal(int(places[seat]), REPEATED)
        return self._chosen(count) if self._state.room else None

    def predict(self, archs: IntArray, labels: FloatArray, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """See `Proposals`; all NaN while so few are evaluated that nothing can be learnt."""
        self._state.resume(archs[None], np.atleast_2d(labels), NONE)
        unknown = np.full((*labels.shape[:-1], len(wanted)), np.nan)
        if self._state.short:
            return unknown, unknown
        self._fit()
        predictor = self._state.predictor
        score = predictor.score(wanted).reshape(unknown.shape)
        return score, predictor.calibrated_spread(wanted).reshape(unknown.shape) if predictor.spreads else unknown

    def learnt(self, labels: FloatArray) -> tuple[FloatArray, float]:
        """See `Proposals`."""
        return learnt(self._state.predictor, self._state.metric, labels)

    def _chosen(self, asked: int) -> Proposal:
        """What to evaluate when so many are evaluated or pending."""
        first, free = self._search.first, self._state.free[0]
        if asked < first and (left := [arch for arch in self._design if free[arch]]):
            return Proposal(left[0], "initial design")
        if asked < first or self._state.short:
            return Proposal(int(self._state.at_random(1)[0, 0]), "random")
        self._fit()
        acquisition = self._search.acquisition
        arch = acquisition.choose(self._state, 1, asked - first + 1)[0]
        return Proposal(int(arch[0]), f"{acquisition.name}, {predicted(self._state.predictor, arch)}")

    @cached_property
    def _design(self) -> list[int]:
        """The initial design."""
        state = State(self._state.predictor, self._state.prior, self._state.metric, distinct=True)
        found: list[int] = self._search.design(state, self._search.first)[0].tolist()
        return found

    def _fit(self) -> None:
        """Fit the predictor on the training set of the state."""
        told = self._state.archs.tobytes() + self._state.labels.tobytes()
        if self._fits and told == self._learnt:
            return
        # One whose last fit was interrupted is made anew, too.
        if self._fits and not (self._state.predictor.pure_fit and self._learnt):
            self._renew()
        self._fits, self._learnt = self._fits + 1, b""
        self._state.fit(1.0, self._state.archs.shape[1])
        if not self._state.predictor.pure_fit:
            self._state.predictor.finish()
        self._state.success = Success(self._make)
        self._learnt = told

    def _renew(self) -> None:
        """Go on with a predictor that has learnt nothing."""
        before = self._state
        self._state = State(self._make(), before.prior, before.metric, distinct=True)
        self._state.allow(before.allowed)
        self._state.survey()
        self._state.resume(before.archs, before.labels, before.pending)


def predicted(predictor: Predictor, arch: IntArray) -> str:
    """What is predicted of an architecture (1,), by each repeat."""
    scores = [f"{score:.3g}" for score in predictor.score(arch)[:, 0]]
    if predictor.spreads:
        spreads = predictor.calibrated_spread(arch)[:, 0]
        scores = [f"{score} +- {own:.2g}" for score, own in zip(scores, spreads, strict=True)]
    return f"predicted {', '.join(scores)}"


def learnt(predictor: Predictor, metric: Metric, labels: FloatArray) -> tuple[FloatArray, float]:
    """See `Proposals.learnt`; what corrects the spread of a fitted predictor corrects its noise, too."""
    targets = predictor.as_learnt(learnable(np.atleast_2d(labels), metric))
    return targets.reshape(labels.shape), float(predictor.noise * predictor.correction[0] ** 2)


def repeatable(archs: list[int], labels: FloatArray, pending: list[int]) -> list[int]:
    """The seats of what can be evaluated again, each architecture once: it has a label, and is not pending."""
    known = {arch: seat for seat, arch in enumerate(archs) if not np.isnan(labels[seat])}
    return [seat for arch, seat in known.items() if arch not in pending]


def once_more(predictor: Predictor, places: IntArray, pending: IntArray) -> int | None:
    """Which of some architectures `places` (m,) of a space to evaluate again; None where there is none.

    Args:
        predictor: fitted, with a spread.
        places: of those that can be.
        pending: (1, p) places of what is being evaluated.
    """
    if not len(places):
        return None
    score, spread = predictor.score(places)[0], predictor.spread_after(places, pending)[0]
    return int(replication.worth(score, spread, predictor.noise).argmax())
