"""The protocol of all searches: ask for evaluations, tell their values."""

from abc import ABC, abstractmethod
from collections.abc import Generator

import numpy as np

from siamnas.acquisition.base import Rule
from siamnas.acquisition.state import State
from siamnas.runtime.progress import Report, no_report
from siamnas.search.recommendation import ByLabel, Choice
from siamnas.graphs.arrays import FloatArray, IntArray

Steps = Generator[IntArray, tuple[IntArray, FloatArray], None]
"""Yields architectures (R, m) to evaluate, and is sent those that were, with their labels, (R, m) both."""


class Search(ABC):
    """R searches at once, one per repeat, on one space.

    The loop is

        while (archs := search.ask()) is not None:
            search.tell(archs, oracle.query(archs))

    Every repeat pays for `n + depth` different architectures, and is credited with all of them: see `account`.

    Args:
        state: of a fresh predictor.
        n: N, evaluations that the predictor learns from first.
        depth: further ones; the search is shown for each K up to it.

    Attributes:
        report: called with the finished share of the whole search in [0, 1].
        choice: says which of the architectures that were looked at would be handed over.
    """

    def __init__(self, state: State, n: int, depth: int) -> None:
        self.state = state
        self.n = n
        self.depth = depth
        self.report: Report = no_report
        self.choice: Choice = ByLabel()
        self._looked: list[tuple[IntArray, FloatArray]] = []
        self._steps = self.steps()
        self._asked: IntArray | None = None
        self._told: tuple[IntArray, FloatArray] | None = None
        self._ended = False

    @abstractmethod
    def steps(self) -> Steps:
        """The whole search as a generator, see `Steps`."""

    @property
    @abstractmethod
    def order(self) -> IntArray:
        """(R, M) the predictor's ranking of the whole space, best first; there when `ask` has returned None."""

    @property
    def looked(self) -> IntArray:
        """(R, m) what was evaluated so far, in this order; one that was asked for twice is there twice."""
        none = np.empty((len(self.state.identities), 0), dtype=np.int64)
        return np.concatenate([none, *(archs for archs, _ in self._looked)], axis=1)

    @property
    def labels(self) -> FloatArray:
        """(R, m) the labels of `looked`; higher is better, NaN where an evaluation failed."""
        none = np.empty((len(self.state.identities), 0))
        return np.concatenate([none, *(labels for _, labels in self._looked)], axis=1)

    @property
    def paid(self) -> IntArray:
        """(R, n + depth) which columns of `looked` each repeat has paid for, in this order.

        One that is looked at again costs nothing. There when `ask` has returned None.

        Raises:
            ValueError: a repeat has looked at fewer.
        """
        first, total = [np.sort(np.unique(row, return_index=True)[1]) for row in self.looked], self.n + self.depth
        if (least := min(map(len, first))) < total:
            raise ValueError(f"a search must pay for n + depth = {total} different architectures, not for {least}")
        return np.stack([row[:total] for row in first])

    @property
    def account(self) -> tuple[IntArray, FloatArray]:
        """The first n + depth different architectures that each repeat has looked at, and their labels.

        Both (R, n + depth), in the order of their evaluation; see `paid`.
        """
        return np.take_along_axis(self.looked, self.paid, axis=1), np.take_along_axis(self.labels, self.paid, axis=1)

    @property
    def held(self) -> IntArray:
        """(R, n + depth) what would be handed over after each evaluation of the account."""
        return self.choice.after(*self.account)

    def at_random(self, count: int) -> Steps:
        """Begin the pool with random architectures, and more of them where so many fail that nothing can be learnt."""
        self.state.add(*(yield self.state.at_random(count)))
        while short := self.state.short:
            self.state.add(*(yield self.state.at_random(short)))

    def chosen(self, acquire: Rule, count: int, index: int) -> Steps:
        """Add what a rule chooses, or as many as are left where failures have taken the place of others."""
        if count := min(count, self.state.room):
            self.state.add(*(yield acquire.choose(self.state, count, index)))

    def ask(self) -> IntArray | None:
        """(R, m) architectures to evaluate, all different in a row, or None at the end.

        Until they are told, the answer stays the same.
        """
        if self._asked is None and not self._ended:
            try:
                self._asked = next(self._steps) if self._told is None else self._steps.send(self._told)
            except StopIteration:
                self._ended = True
        return self._asked

    def tell(self, archs: IntArray, values: FloatArray) -> None:
        """Say what the architectures that were asked for are worth.

        Args:
            archs: as `ask` returned them. A search that is followed from a record may be told of others in their place.
            values: of the same shape, in the sense of the metric; NaN where an evaluation failed.

        Raises:
            ValueError: nothing was asked, or not so many.
        """
        if self._asked is None:
            raise ValueError("tell comes after ask")
        if np.shape(archs) != self._asked.shape or np.shape(values) != self._asked.shape:
            raise ValueError(f"{self._asked.shape} values were asked for, not {np.shape(archs)} and {np.shape(values)}")
        # From here on higher is better, whatever the metric: no rule and no predictor needs to know its direction.
        labels = self.state.metric.sign * np.asarray(values, dtype=np.float64)
        self._told, self._asked = (np.asarray(archs), labels), None
        self._looked.append(self._told)
