"""The protocol of all searches: ask for evaluations, tell their values."""

from abc import ABC, abstractmethod
from collections.abc import Generator

import numpy as np

from siamnas.acquisition.base import Acquisition
from siamnas.acquisition.state import State
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.runtime.progress import Report, tell_listener
from siamnas.search.recommendation import BestLabel, Recommendation

Steps = Generator[IntArray, tuple[IntArray, FloatArray], None]
"""Yields architectures (R, m) to evaluate, and is sent those that were, with their labels, (R, m) both."""


class Search(ABC):
    """R searches at once, one per repeat, on one space.

    The loop is

        while (archs := search.ask()) is not None:
            search.tell(archs, oracle.query(archs))

    Every repeat evaluates `n + depth` different architectures, all of which count: see `evaluated`.

    Args:
        state: of a fresh predictor.
        n: N, evaluations that the predictor learns from first.
        depth: further ones; the search is shown for each K up to it.

    Attributes:
        report: called with the finished share of the whole search in [0, 1].
        recommendation: says which of the evaluated architectures the search recommends.
    """

    results_version = 1
    """Raised when the same options give other numbers than before; results of another version do not count then."""

    def __init__(self, state: State, n: int, depth: int) -> None:
        self.state = state
        self.n = n
        self.depth = depth
        self.report: Report = tell_listener
        self.recommendation: Recommendation = BestLabel()
        self._evaluations: list[tuple[IntArray, FloatArray]] = []
        self._steps = self.steps()
        self._asked: IntArray | None = None
        self._told: tuple[IntArray, FloatArray] | None = None
        self._ended = False

    @abstractmethod
    def steps(self) -> Steps:
        """The whole search as a generator, see `Steps`."""

    @property
    def device(self) -> str:
        """Where its predictors compute: cpu or cuda."""
        return self.state.predictor.device

    @property
    def parallel(self) -> bool:
        """Whether chunks of repeats are worth processes of their own (on a CPU)."""
        return self.state.predictor.parallel

    @property
    @abstractmethod
    def order(self) -> IntArray:
        """(R, M) the predictor's ranking of the whole space, best first; there when `ask` has returned None."""

    @property
    def evaluations(self) -> IntArray:
        """(R, m) what was evaluated so far, in this order; an architecture asked for twice is there twice."""
        none = np.empty((len(self.state.seeds), 0), dtype=np.int64)
        return np.concatenate([none, *(archs for archs, _ in self._evaluations)], axis=1)

    @property
    def labels(self) -> FloatArray:
        """(R, m) the labels of `evaluations`; higher is better, NaN where an evaluation failed."""
        none = np.empty((len(self.state.seeds), 0))
        return np.concatenate([none, *(labels for _, labels in self._evaluations)], axis=1)

    @property
    def counted(self) -> IntArray:
        """(R, n + depth) which columns of `evaluations` count against the budget, in this order.

        An architecture that is evaluated again costs nothing. There when `ask` has returned None.

        Raises:
            InputError: a repeat has evaluated fewer.
        """
        first, total = [np.sort(np.unique(row, return_index=True)[1]) for row in self.evaluations], self.n + self.depth
        if (least := min(map(len, first))) < total:
            raise InputError(
                f"{self._named}: must evaluate n + depth = {total} different architectures, and has evaluated {least}"
            )
        return np.stack([row[:total] for row in first])

    @property
    def evaluated(self) -> tuple[IntArray, FloatArray]:
        """The first n + depth different architectures that each repeat has evaluated, and their labels.

        Both (R, n + depth), in the order of their evaluation; see `counted`.
        """
        counted = self.counted
        return np.take_along_axis(self.evaluations, counted, axis=1), np.take_along_axis(self.labels, counted, axis=1)

    @property
    def incumbents(self) -> IntArray:
        """(R, n + depth) the architecture that is recommended after each of the evaluations that count."""
        return self.recommendation.after(*self.evaluated)

    def at_random(self, count: int) -> Steps:
        """Begin the training set at random, and with more where so many evaluations fail that nothing can be learnt."""
        self.state.add(*(yield self.state.at_random(count)))
        while short := self.state.short:
            self.state.add(*(yield self.state.at_random(short)))

    def chosen(self, acquisition: Acquisition, count: int, index: int) -> Steps:
        """Add what an acquisition function chooses; fewer where failures have left fewer free."""
        if count := min(count, self.state.room):
            self.state.add(*(yield acquisition.choose(self.state, count, index)))

    def ask(self) -> IntArray | None:
        """(R, m) architectures to evaluate, all different in a row, or None at the end.

        Until they are told, the answer stays the same.

        Raises:
            InputError: a search or an acquisition function of a user asks for what are no such architectures.
        """
        if self._asked is None and not self._ended:
            try:
                self._asked = self._checked(next(self._steps) if self._told is None else self._steps.send(self._told))
            except StopIteration:
                self._ended = True
        return self._asked

    def _checked(self, asked: IntArray) -> IntArray:
        try:
            archs = np.asarray(asked)
        except ValueError:  # lines of different length
            archs = np.empty(0, dtype=np.int64)
        if archs.ndim != 2 or len(archs) != len(self.state.seeds) or archs.dtype.kind not in "iu":
            asks = f"asks for an array of shape {archs.shape} and type {archs.dtype}"
            raise InputError(f"{self._named}: {asks}; must be ({len(self.state.seeds)}, m) numbers of architectures")
        size = len(self.state.space)
        if archs.size and not 0 <= archs.min() <= archs.max() < size:
            outside = archs[(archs < 0) | (archs >= size)][0]
            raise InputError(f"{self._named}: asks for architecture {outside}; must be from 0 to {size - 1}")
        if (np.diff(np.sort(archs, axis=1), axis=1) == 0).any():
            raise InputError(f"{self._named}: asks for an architecture twice at once")
        return archs

    @property
    def _named(self) -> str:
        """It, and its acquisition function, as a message says them."""
        chooses = [type(each).__name__ for each in (self, getattr(self, "acquisition", None)) if each is not None]
        return f"search: {' with '.join(chooses)}"

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
        # From here on higher is better: acquisition functions and predictors need not know the direction of the metric.
        labels = self.state.metric.sign * np.asarray(values, dtype=np.float64)
        self._told, self._asked = (np.asarray(archs), labels), None
        self._evaluations.append(self._told)
