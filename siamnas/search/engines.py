"""What a search of one's own hands out next: one architecture at a time, or batches that need all their values."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.objectives import Objectives
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Prior
from siamnas.predictors.calibration import Predictions
from siamnas.search import halving, proposing
from siamnas.search.base import Search as Strategy
from siamnas.search.left_out import left_out
from siamnas.search.proposals import Proposals
from siamnas.search.recommendation import best_so_far
from siamnas.search.record import Record
from siamnas.search.setting import Setting
from siamnas.search.told import named
from siamnas.spaces.listed import Space

NEEDED = "needs a search that learns from every evaluation: search=active without search.batch, as predictor=gp has it"
Chosen = list[tuple[int, str]]
"""Architectures, and why each was chosen."""


class Engine(ABC):
    """Chooses by what the story of a search says, and by nothing else.

    Args:
        record: of the search.
        metric: of its values.
    """

    def __init__(self, record: Record, metric: Metric) -> None:
        self.record = record
        self.metric = metric

    @abstractmethod
    def more(self, count: int) -> Chosen:
        """At most `count` architectures that were not asked for; none where the search has ended, or has to wait."""

    @property
    @abstractmethod
    def waiting(self) -> str:
        """What has to be told before there is more; empty where there is more, or the search has ended."""

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether there is no more to evaluate, whatever is told."""

    @abstractmethod
    def believed(self) -> int:
        """The evaluated architecture that the predictor thinks best; that of the best value before it was fitted."""

    @abstractmethod
    def predict(self, archs: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Scores and spreads, see `siamnas.search.proposals.Proposals.predict`.

        Raises:
            InputError: the search can't say it.
        """

    @abstractmethod
    def left_out(self) -> Predictions:
        """The prediction of each evaluation from all others, see `siamnas.search.left_out.left_out`.

        Raises:
            InputError: the search can't say it.
        """

    @property
    def told(self) -> tuple[IntArray, FloatArray]:
        """(n,) evaluated architectures in the order in which their values came, and (n,) labels; higher is better.

        One that was evaluated several times is there as often, each time with the mean: that is a mean with less noise.
        """
        story = self.record.story
        values = halving.learnt(story)
        archs = [arch for arch, number in story.evaluations if story.counts(arch, number)]
        labels = self.metric.sign * np.array([values[arch] for arch in archs], dtype=np.float64)
        return np.array(archs, dtype=np.int64), labels


class Asynchronous(Engine):
    """What is open is taken into account, not waited for.

    Args:
        record: see `Engine`.
        metric: see `Engine`.
        proposals: of the search.
        several: what the search is for, where an evaluation tells several numbers, T.
    """

    def __init__(self, record: Record, metric: Metric, proposals: Proposals, several: Objectives | None = None) -> None:
        super().__init__(record, metric)
        self._proposals = proposals
        self._several = several
        self._none_left = False

    @property
    def told(self) -> tuple[IntArray, FloatArray]:
        """See `Engine`; labels are (T, n) where an evaluation tells several numbers."""
        archs, labels = super().told
        return archs, self._several.labels(named(self.record.story.values.values())) if self._several else labels

    def more(self, count: int) -> Chosen:
        """See `Engine`."""
        story = self.record.story
        found = self._proposals.propose(*self.told, list(story.open), count)
        # What is told now may be evaluated again.
        self._none_left = len(found) < count and not (story.header.get("replicate") and (story.open or found))
        return [(proposal.arch, proposal.why) for proposal in found]

    @property
    def waiting(self) -> str:
        """See `Engine`; it never waits."""
        return ""

    @property
    def ended(self) -> bool:
        """See `Engine`."""
        return self._none_left

    def believed(self) -> int:
        """See `Engine`."""
        archs, labels = self.told
        scores, _ = self._proposals.predict(archs, labels, archs)
        finished = halving.finished(self.record.story)
        labels = self.metric.sign * np.array([finished[arch] for arch in archs.tolist()])
        if np.isnan(scores).all():
            scores = labels
        return int(archs[np.where(np.isnan(labels) | np.isnan(scores), -np.inf, scores).argmax()])

    def predict(self, archs: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """See `Engine`."""
        return self._proposals.predict(*self.told, np.array(archs, dtype=np.int64))

    def left_out(self) -> Predictions:
        """See `Engine`."""
        return left_out(self._proposals, *self.told)


class Synchronous(Engine):
    """A strategy that needs all values of a batch before it chooses the next one.

    The order in which values come changes nothing. The same seed and values bring the same strategy to the same place,
    so that nothing else of it has to be kept; it is followed, not trusted to repeat itself, because another processor
    may rank two close architectures otherwise. So it is told of what was chosen, in the order of the record, cut into
    the sizes of its batches.

    Args:
        record: see `Engine`.
        metric: see `Engine`.
        make: the strategy, of one repeat.
        before: what a full batch is followed by, for people.
    """

    def __init__(self, record: Record, metric: Metric, make: Callable[[], Strategy], before: str) -> None:
        super().__init__(record, metric)
        self._make = make
        self._before = before
        self._strategy: Strategy | None = make()
        self._done = 0  # so many of those chosen it was told of
        self._size = 0  # of its batch

    def more(self, count: int) -> Chosen:
        """See `Engine`."""
        story = self.record.story
        while batch := self._batch():
            fresh = [arch for arch in batch if arch not in story.trials]
            if fresh or not self._tell(batch):
                return [(arch, "") for arch in fresh[:count]]
        return []

    @property
    def waiting(self) -> str:
        """See `Engine`."""
        story = self.record.story
        batch = self._chosen[self._done : self._done + self._size]
        left = sum(arch not in story.values for arch in batch)
        if self.ended or not left or any(arch not in story.trials for arch in batch):
            return ""
        return f"{left} of {len(batch)} open before {self._before}"

    @property
    def ended(self) -> bool:
        """See `Engine`."""
        return self._size == 0 and self._done > 0

    def believed(self) -> int:
        """See `Engine`."""
        while (batch := self._batch()) and self._tell(batch):
            pass
        archs, labels = self.record.story.trials, halving.finished(self.record.story)
        told = np.array([[arch for arch in archs if arch in labels]])
        values = self.metric.sign * np.array([[labels[arch] for arch in told[0].tolist()]])
        strategy = self._strategy
        best = best_so_far(told, values) if strategy is None else strategy.recommendation.after(told, values)
        return int(best[0, -1])

    def predict(self, archs: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """See `Engine`."""
        raise InputError(f"predict: {NEEDED}")

    def left_out(self) -> Predictions:
        """See `Engine`."""
        raise InputError(f"predictions: {NEEDED}")

    @property
    def _chosen(self) -> list[int]:
        """What was chosen; of equal architectures that were added the first alone, as the strategy counts them."""
        return self.record.catalog.different(self.record.story.chosen)

    def _batch(self) -> list[int]:
        """The batch of the strategy, or what stands for it in the record; empty at the end."""
        strategy = self._restarted() if self._strategy is None else self._strategy
        self._strategy = None  # an exception leaves nothing that could go on
        asked = strategy.ask()
        self._size = 0 if asked is None else asked.shape[1]
        batch = self._chosen[self._done : self._done + self._size]
        if asked is not None and len(batch) < self._size:
            # None that is known, or is equal to one that is.
            known, batch = len(batch), self.record.catalog.different(batch + asked[0].tolist())[: self._size]
            self.record.add_batch(batch[known:])
        self._strategy = strategy
        return batch

    def _tell(self, batch: list[int]) -> bool:
        """Tell the strategy a batch; False where values are missing."""
        values, strategy = halving.learnt(self.record.story), self._strategy
        if strategy is None or any(arch not in values for arch in batch):
            return False
        self._strategy = None
        try:
            strategy.tell(np.array([batch]), np.array([[values[arch] for arch in batch]]))
        except ValueError as error:
            raise InputError(f"the journal does not belong to this search: {error}") from error
        self._done += len(batch)
        self._strategy = strategy
        return True

    def _restarted(self) -> Strategy:
        """The strategy at its beginning."""
        self._done = self._size = 0
        return self._make()


def make(record: Record, prior: Prior, setting: Setting) -> Engine:
    """What chooses in a search of one's own.

    Args:
        record: of the search.
        prior: where Estimation Codes come from.
        setting: what is asked for.

    Raises:
        InputError: it does not fit the space.
    """
    # The metric is of no known unit: 0.7 may be an accuracy or a loss, so that ranks are learnt.
    metric, numbered = Metric("value", setting.maximise, unit=""), record.catalog.numbered
    try:
        if not setting.waits and record.version != 1:
            proposals = proposing.proposals(
                setting.compose(), numbered, prior, metric, setting.seed, setting.several, setting.replicate
            )
            if proposals is not None:
                return Asynchronous(record, metric, proposals, setting.several)
        if setting.replicate:
            raise InputError("replicate=True: needs a search that learns from every evaluation, without search.batch")
        if setting.several:
            raise InputError("objectives: need a search that learns from every evaluation, without search.batch")
        if not isinstance(numbered, Space):
            raise InputError(
                f"{record.catalog.title} has no list of its architectures: it needs a search that learns from every "
                "evaluation, such as predictor=gp without search.batch"
            )
        config, seeds = setting.compose(_added(record, setting)), range(setting.seed, setting.seed + 1)
        strategy = functools.partial(build.search, config, numbered, prior, metric, seeds)
        return Synchronous(record, metric, strategy, "the ranking" if "k" in config["search"] else "the next choice")
    except InputError as error:
        raise InputError(f"budget={setting.budget}, predictor={setting.predictor}: {error}") from error


def _added(record: Record, setting: Setting) -> int:
    """How many evaluations a strategy gets beside those of its budget."""
    story, most = record.story, record.catalog.most
    added = len(record.catalog.different(story.trials)) - story.paid
    return added if most is None else min(added, most - setting.budget)
