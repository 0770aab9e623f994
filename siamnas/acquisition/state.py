"""What an acquisition function can read: the training set, the predictor as it is, and what is still free."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from siamnas.acquisition.labels import learnable
from siamnas.acquisition.ranking import rank, rerank
from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Prior
from siamnas.predictors import answers
from siamnas.predictors.base import Predictor, Stage
from siamnas.runtime.progress import Report, tell_listener
from siamnas.seeding import random_orders, streams
from siamnas.spaces.listed import Space
from siamnas.training.training_set import TrainingSet

ROUNDING = 1e-9  # relative difference of two numbers that would be equal without rounding
Generators = Sequence[np.random.Generator]


class State:
    """A search so far, of R repeats.

    Args:
        predictor: fitted by `fit`.
        prior: Estimation Codes; asked only where the predictor reads them.
        metric: of the labels.
        distinct: whether what is chosen at once must be of different classes of equal architectures (see
            `GraphBatch.classes`), as far as there are enough.

    Attributes:
        archs: (R, n) the training set: architectures to learn from, in the order of their evaluation.
        labels: (R, n) of them, higher is better; NaN where the evaluation failed.
        pending: (R, p) architectures that are being evaluated: not free, and believed at their predicted value.
        orders: (R, M) the random order of each repeat, by which `at_random` goes.
        allowed: (M,) what may be evaluated at all.
        success: (M,) logarithm of the probability that an evaluation does not fail, see `siamnas.acquisition.success`;
            None where they don't.
    """

    def __init__(self, predictor: Predictor, prior: Prior, metric: Metric, distinct: bool = False) -> None:
        answers.check(predictor)
        self.predictor = predictor
        self.prior = prior
        self.metric = metric
        self.distinct = distinct
        self.space: Space = predictor.space
        self.seeds = predictor.seeds
        self.archs: IntArray = np.empty((len(self.seeds), 0), dtype=np.int64)
        self.labels: FloatArray = np.empty((len(self.seeds), 0))
        self.pending: IntArray = np.empty((len(self.seeds), 0), dtype=np.int64)
        self.success: Callable[[State], FloatArray] | None = None
        self._generators: dict[str, list[np.random.Generator]] = {}
        self._moment = ""
        self.orders = random_orders(self.seeds, len(self.space))
        self.allow(np.ones(len(self.space), dtype=bool))
        self._codes: FloatArray = np.empty((len(self.seeds), 0, prior.code_length if predictor.coded else 0))

    def allow(self, allowed: NDArray[np.bool_]) -> None:
        """Let no others be evaluated than some (M,)."""
        self.allowed = allowed
        self._stands = self._representatives()
        self._stand = self._stands == np.arange(len(self.space))  # for themselves

    def resume(self, archs: IntArray, labels: FloatArray, pending: IntArray) -> None:
        """Be where `archs` (R, n) with their labels are the training set, whatever was before; (1, n) stand for all R.

        What is random from here on depends on the number of evaluated and pending architectures alone.
        """
        self.archs, self.labels, self._codes = self.archs[:, :0], self.labels[:, :0], self._codes[:, :0]
        self.add(np.broadcast_to(archs, labels.shape), labels)
        self.pending = np.broadcast_to(pending, (len(labels), pending.shape[1]))
        self._moment = f" {archs.shape[1] + pending.shape[1]}"
        self._generators = {}

    def generators(self, purpose: str) -> Generators:
        """One generator per repeat for what is random for this purpose; they live on."""
        if purpose not in self._generators:
            self._generators[purpose] = streams(self.seeds, purpose + self._moment)
        return self._generators[purpose]

    @property
    def ties(self) -> Generators:
        """One generator per repeat, for what is chosen by a ranking."""
        return self.generators("select")

    @property
    def log_success(self) -> FloatArray:
        """(M,) logarithm of the probability that an evaluation does not fail."""
        return np.zeros(len(self.space)) if self.success is None else self.success(self)

    @property
    def room(self) -> int:
        """How many architectures are free in the repeat with the fewest."""
        return int(self.free.sum(axis=1).min())

    def survey(self) -> None:
        """Measure what the predictor reads of the whole space, if anything."""
        if self.predictor.surveys:
            self.predictor.survey(self.prior.survey(self.predictor.surveys))

    def add(self, archs: IntArray, labels: FloatArray) -> None:
        """Put architectures (R, m) with their labels (R, m) into the training set."""
        self.archs = np.concatenate([self.archs, archs], axis=1)
        self.labels = np.concatenate([self.labels, labels], axis=1)
        # A code costs something: only those of the training set are asked for, and only if the predictor reads them.
        codes = self.prior.codes(archs) if self.predictor.coded else np.empty((*archs.shape, 0))
        self._codes = np.concatenate([self._codes, codes], axis=1)

    @property
    def training_set(self) -> TrainingSet:
        """The training set as predictors take it."""
        return TrainingSet(self.archs, self._codes)

    @property
    def curves(self) -> dict[str, FloatArray]:
        """What the training has left: name -> (epochs, R)."""
        return {name: np.stack(curve) for name, curve in self.predictor.curves.items()}

    @property
    def short(self) -> int:
        """How many more labels the repeat with the fewest usable ones needs for a fit."""
        usable = self.training_set.usable(self.labels).sum(axis=1)
        return max(self.predictor.least - int(usable.min()), 0)

    @property
    def free(self) -> NDArray[np.bool_]:
        """(R, M) True for what can be added to the training set: not in it or pending, not known to have no code.

        Where `space.unique`, it is no other than `representatives` says, and none equal to it is in the training set.
        """
        # What is known to have no code can't be learnt from: its evaluation would be wasted.
        free = self.prior.coded & self._stand & self.allowed
        np.put_along_axis(free, self.representatives(self._asked), False, axis=1)
        return free

    @property
    def _asked(self) -> IntArray:
        """(R, n + p) the training set, and what is pending."""
        return np.concatenate([self.archs, self.pending], axis=1)

    def representatives(self, archs: IntArray) -> IntArray:
        """(R, m) what stands for architectures (R, m): they themselves or, where `space.unique`, one of those equal.

        That is the first in the random order of the repeat, of those that are allowed and have a code if there are any.
        """
        return np.take_along_axis(self._stands, archs, axis=1)

    def _representatives(self) -> IntArray:
        """(R, M) see `representatives`."""
        if not self.space.unique:
            return np.broadcast_to(np.arange(len(self.space)), self.orders.shape)
        kinds = np.unique(self.space.classes, return_inverse=True)[1]
        stands = np.empty_like(self.orders)
        for row, order in zip(stands, self.orders, strict=True):
            free = (self.prior.coded & self.allowed)[order]
            line = np.concatenate([order[free], order[~free]])
            row[:] = line[np.unique(kinds[line], return_index=True)[1]][kinds]
        return stands

    def one_each(self, order: IntArray, count: int) -> IntArray:
        """`order` (R, M) with architectures that stand for themselves in its first `count` places, as far as there are.

        Those that were before them follow, and the rest stays: it is still the order of the scores but for these.
        """
        stand = np.take_along_axis(self._stand, order, axis=1)
        first = stand & (np.cumsum(stand, axis=1) <= count)
        return np.take_along_axis(order, np.argsort(~first, axis=1, kind="stable"), axis=1)

    def fit(self, until: float, total: int, report: Report = tell_listener) -> None:
        """Fit the predictor on the training set, up to the share `until` of its training."""
        self.predictor.stage = Stage(until, total, report)
        self.predictor.fit(self.training_set, learnable(self.labels, self.metric))

    def at_random(self, count: int) -> IntArray:
        """(R, count) free architectures: the next ones in the random order of each repeat, see `random_orders`.

        Raises:
            InputError: fewer than `count` are free.
        """
        self._check_room(count)
        return np.stack([order[free[order]][:count] for order, free in zip(self.orders, self.free, strict=True)])

    @functools.cached_property
    def kinds(self) -> IntArray:
        """(M,) the class of equal architectures that each belongs to; each is its own where copies do not matter."""
        return self.space.classes if self.distinct else np.arange(len(self.space))

    def first(self, order: IntArray, count: int) -> IntArray:
        """(R, count) the first free ones of `order` (R, M), different as `distinct` says."""
        chosen = []
        for row, free, open_ in zip(order, self.free, self.pending, strict=True):
            line = row[free[row]]
            if self.distinct and (count > 1 or open_.size):
                seats = np.sort(np.unique(self.kinds[line], return_index=True)[1])  # the first of each class
                seats = seats[~np.isin(self.kinds[line[seats]], self.kinds[open_])]
                line = np.concatenate([line[seats], np.delete(line, seats)])
            chosen.append(line[:count])
        return np.stack(chosen)

    def top(self, worth: FloatArray, chosen: IntArray) -> IntArray:
        """(R, 1) the free one of the largest `worth` (R, M), besides those `chosen` (R, c) already.

        Of equally good ones it is a random one. NaN is worth nothing. After `resume` a difference that rounding makes
        is none: it depends on what was computed together.
        """
        best = []
        for row, free, own, rng in zip(worth, self.free, chosen, self.ties, strict=True):
            free[own] = False
            if own.size and self.distinct and (others := free & ~np.isin(self.kinds, self.kinds[own])).any():
                free = others
            row = np.where(free, np.nan_to_num(row, nan=-np.inf), -np.inf)
            best_of_all = row.max()
            nearly = abs(best_of_all) * ROUNDING if self._moment and np.isfinite(best_of_all) else 0.0
            equal = np.flatnonzero(free & (row >= best_of_all - nearly))
            best.append([rng.choice(equal)])
        return np.array(best)

    def draw(self, count: int, generators: Generators) -> IntArray:
        """(R, count) free architectures, uniformly without replacement, one generator per repeat.

        Raises:
            InputError: fewer than `count` are free.
        """
        self._check_room(count)
        free = self.free
        return np.stack([rng.choice(np.flatnonzero(free[r]), count, replace=False) for r, rng in enumerate(generators)])

    def _check_room(self, count: int) -> None:
        if count > (room := self.room):
            raise InputError(
                f"cannot draw {count} architectures: only {room} of {len(self.space)} are free and have a code"
            )

    def ranking(self, ties: Generators) -> IntArray:
        """(R, M) the whole space by the coarse score, best first; equal scores in random order."""
        return rank(self.predictor.score(np.arange(len(self.space))), ties)

    def final_ranking(self) -> IntArray:
        """(R, M) the ranking that a search ends with; its ties have a stream of their own, whatever was drawn."""
        return self.ranking(streams(self.seeds, "ties"))

    def best(self, archs: IntArray, top: int) -> IntArray:
        """(R, top) the best of `archs` (R, m) in order: by the coarse score, then among them by the fine one."""
        # Equal scores keep the order of `archs`, which is random already.
        order = rank(self.predictor.score(archs))[:, :top]
        return self.refined(np.take_along_axis(archs, order, axis=1), top)

    def refined(self, order: IntArray, top: int) -> IntArray:
        """`order` (R, m), whose first `top` are put into the order of the fine score, where the predictor has one."""
        head = order[:, :top]
        if not self.predictor.coded or not head.shape[1]:
            return order
        return rerank(order, self.predictor.refine(head, self.prior.codes(head)))
