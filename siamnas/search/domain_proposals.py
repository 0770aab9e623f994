"""Active search of a space without a list, whose evaluations come in any order."""

import functools
from collections.abc import Callable

import numpy as np

from siamnas.acquisition import replication
from siamnas.acquisition.random import Random as RandomAcquisition
from siamnas.acquisition.state import State
from siamnas.acquisition.success import Success
from siamnas.candidates.known import Known
from siamnas.candidates.sampled import look
from siamnas.candidates.window import Window
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.columns import ColumnCodes
from siamnas.predictors.base import Predictor
from siamnas.predictors.random import Random
from siamnas.search.active import Active
from siamnas.search.active_proposals import REPEATED, learnt, once_more, predicted, repeatable
from siamnas.search.proposals import Proposal, Proposals
from siamnas.seeding import stream
from siamnas.spaces.domain import Domain, Rows


class DomainProposals(Proposals):
    """What an active search of a domain proposes, one architecture after the other; see `ActiveProposals`.

    The Estimation Code of an architecture is its free columns.

    It looks at a window: what is evaluated, in its order, what is pending, and candidates. No architecture is proposed
    that is equal, as a graph, to one that is evaluated or pending.

    Args:
        known: numbers of architectures; what is proposed gets one.
        drawn: the domain, as far as what is drawn and proposed may lie in it.
        home: the window on which features are fitted.
        search: says how the search begins and goes on, and is made for `home`; it is not run.
        make: a predictor of `home` that has learnt nothing yet.
        seed: of everything random.
        replicate: see `ActiveProposals`.
    """

    def __init__(
        self,
        known: Known,
        drawn: Domain,
        home: Window,
        search: Active,
        make: Callable[[], Predictor],
        seed: int,
        replicate: bool = False,
    ) -> None:
        self._replicate = replicate
        self._known, self._search, self._make, self._seed = known, search, make, seed
        self._counts = search.candidates
        self._domain, self._home = drawn, home
        self._predictor = search.state.predictor
        self._told: tuple[list[int], bytes] | None = None  # what the predictor has been fitted on, and the labels
        self._at_random = isinstance(search.acquisition, RandomAcquisition) or isinstance(self._predictor, Random)
        self._fits, self._success = 0, Success(make)
        self._numbers: list[int] = []  # of what is evaluated
        self._evaluated: Window | None = None
        self.first, self.device = search.first, self._predictor.device

    def predict(self, archs: IntArray, labels: FloatArray, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """See `Proposals`; all NaN while so few are evaluated that nothing can be learnt."""
        unknown = np.full((*labels.shape[:-1], len(wanted)), np.nan)
        if not self._enough(labels):
            return unknown, unknown
        self._fit(archs.tolist(), labels)
        self._predictor.move(self._window(archs.tolist(), wanted.tolist()))
        places = len(archs) + np.arange(len(wanted))
        score = self._predictor.score(places).reshape(unknown.shape)
        if not self._predictor.spreads:
            return score, unknown
        return score, self._predictor.calibrated_spread(places).reshape(unknown.shape)

    def learnt(self, labels: FloatArray) -> tuple[FloatArray, float]:
        """See `Proposals`."""
        return learnt(self._predictor, self._search.state.metric, labels)

    def next(self, archs: IntArray, labels: FloatArray, pending: list[int]) -> Proposal | None:
        """See `Proposals`."""
        told, count = archs.tolist(), len(archs) + len(pending)
        if self._replicate and replication.is_due(count) and (again := self._once_more(told, labels, pending)):
            return again
        fresh = self._fresh(told, labels, pending)
        return self._once_more(told, labels, pending) if fresh is None and self._replicate else fresh

    def _fresh(self, told: list[int], labels: FloatArray, pending: list[int]) -> Proposal | None:
        """A new architecture; None where none is found."""
        known, asked, count = self._known, dict.fromkeys(told + pending), len(told) + len(pending)
        rng = stream(self._seed, f"propose {count}")
        begun = len(asked) >= self._search.first
        if not begun and (arch := known.first_new(self._design, asked)) is not None:
            return Proposal(arch, "initial design")
        if not begun or self._at_random or not self._enough(labels):
            arch = known.drawn_new(self._domain, rng, asked)
            return None if arch is None else Proposal(arch, "random")
        return self._chosen(told, labels, pending, rng)

    def _once_more(self, archs: list[int], labels: FloatArray, pending: list[int]) -> Proposal | None:
        """What to evaluate again."""
        seats = repeatable(archs, labels, pending) if self._enough(labels) else []
        if not seats:
            return None
        self._fit(archs, labels)
        self._predictor.move(self._window(archs, pending))
        seat = once_more(self._predictor, np.array(seats), len(archs) + np.arange(len(pending))[None])
        return None if seat is None else Proposal(archs[seats[seat]], REPEATED)

    def _chosen(
        self, archs: list[int], labels: FloatArray, pending: list[int], rng: np.random.Generator
    ) -> Proposal | None:
        """What the acquisition function chooses among candidates."""
        self._fit(archs, labels)
        acquisition, known = self._search.acquisition, self._window(archs, pending)
        asked = dict.fromkeys(archs + pending)
        order = acquisition.best_first(labels, {name: values[: len(archs)] for name, values in known.columns.items()})
        best = self._rows(list(dict.fromkeys(archs[seat] for seat in order))[: self._counts.parents])

        looked: list[Window] = []  # at

        def value(rows: Rows) -> FloatArray:
            looked.append(self._of(rows))
            state = self._state(known.joined(looked[-1]), archs, labels, pending)
            return acquisition.value(state)[0, len(known) :]

        look(self._domain, self._counts, known.rows, best, value, rng)
        if not looked:  # all that there is has been asked for
            return None
        window = known.joined(functools.reduce(Window.joined, looked))
        state = self._state(window, archs, labels, pending)
        while state.room:
            place = acquisition.choose(state, 1, len(archs) + len(pending) - self._search.first + 1)[0]
            arch = self._known.first_new(window.rows[place], asked)
            if arch is not None:
                return Proposal(arch, f"{acquisition.name}, {predicted(state.predictor, place)}")
            state.prior.coded[place] = False
        return None

    def _state(self, window: Window, archs: list[int], labels: FloatArray, pending: list[int]) -> State:
        """What an acquisition function reads, in a window."""
        self._predictor.move(window)
        state = State(self._predictor, ColumnCodes(window), self._search.state.metric)
        state.resume(np.arange(len(archs))[None], np.atleast_2d(labels), len(archs) + np.arange(len(pending))[None])
        state.success = self._success
        return state

    @functools.cached_property
    def _design(self) -> Rows:
        """The initial design, and what can take its place."""
        rows = self._domain.sample(stream(self._seed, "design"), self._counts.random)
        window = self._of(rows)
        predictor = self._make()
        predictor.move(window)
        state = State(predictor, ColumnCodes(window), self._search.state.metric)
        return rows[self._search.design(state, self._search.first)[0]]

    def _enough(self, labels: FloatArray) -> bool:
        """Whether there is enough to learn from."""
        return int((~np.isnan(np.atleast_2d(labels)[0])).sum()) >= self._predictor.least

    def _fit(self, archs: list[int], labels: FloatArray) -> None:
        """Fit the predictor on what is evaluated."""
        told = archs, labels.tobytes()
        if self._fits and told == self._told:
            return
        grown = self._told is not None and archs[: len(self._told[0])] == self._told[0]
        if self._fits and not (self._predictor.pure_fit and grown):
            self._predictor = self._make()
        self._fits, self._told, self._success = self._fits + 1, None, Success(self._make)
        state = self._state(self._window(archs, []), archs, labels, [])
        state.fit(1.0, len(archs))
        if not self._predictor.pure_fit:
            self._predictor.finish()
        self._told = told

    def _window(self, archs: list[int], more: list[int]) -> Window:
        """What is evaluated, then others."""
        if self._evaluated is None or archs[: len(self._numbers)] != self._numbers:
            self._evaluated, self._numbers = self._of(self._rows(archs)), list(archs)
        elif fresh := archs[len(self._numbers) :]:
            self._evaluated, self._numbers = self._evaluated.joined(self._of(self._rows(fresh))), list(archs)
        return self._evaluated.joined(self._of(self._rows(more))) if more else self._evaluated

    def _of(self, rows: Rows) -> Window:
        """A window of some architectures (n, ...)."""
        return Window.of(self._domain, rows, self._home)

    def _rows(self, numbers: list[int]) -> Rows:
        """(n, ...) architectures of numbers."""
        return self._domain.stack([self._known[number] for number in numbers])
