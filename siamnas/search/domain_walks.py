"""Searches of a space without a list that learn no predictor; each says what is next from what is evaluated."""

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from siamnas.benchmarks.pareto import front
from siamnas.candidates.known import Known
from siamnas.config.translate import TARGET
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import check_column
from siamnas.search.proposals import Proposal, Proposals
from siamnas.seeding import stream
from siamnas.spaces.domain import Rows

TRIES = 64  # neighbours of which one is new


class Walk(Proposals):
    """One architecture after the other, none of them equal to one that is evaluated or pending.

    Args:
        known: numbers of architectures; what is proposed gets one.
        seed: of everything random.
        first: random architectures at the beginning.
    """

    def __init__(self, known: Known, seed: int, first: int) -> None:
        self.known, self.domain = known, known.domain
        self._seed, self.first = seed, first

    def predict(self, archs: IntArray, labels: FloatArray, wanted: IntArray) -> tuple[FloatArray, FloatArray]:
        """See `Proposals`; nothing is predicted."""
        unknown = np.full(len(wanted), np.nan)
        return unknown, unknown

    def learnt(self, labels: FloatArray) -> tuple[FloatArray, float]:
        """See `Proposals`; nothing is learnt."""
        return labels, 0.0

    @abstractmethod
    def step(self, archs: list[int], labels: FloatArray, rng: np.random.Generator) -> Rows:
        """(n, ...) what might be next, the first choice first; some may be known.

        Args:
            archs: (n,) evaluated so far, at least one.
            labels: (n,) of them, -inf where the evaluation failed.
            rng: for everything random.
        """

    def next(self, archs: IntArray, labels: FloatArray, pending: list[int]) -> Proposal | None:
        """See `Proposals`."""
        told = archs.tolist()
        asked = dict.fromkeys(told + pending)
        rng = stream(self._seed, f"propose {len(asked)}")
        if told and len(asked) >= self.first:
            rows = self.step(told, np.nan_to_num(labels, nan=-np.inf), rng)
            if (arch := self.known.first_new(rows, asked)) is not None:
                return Proposal(arch, type(self).__name__.lower())
        arch = self.known.drawn_new(self.domain, rng, asked)
        return None if arch is None else Proposal(arch, "random")


class Evolution(Walk):
    """Regularised evolution, see `siamnas.search.evolution`; the oldest are those whose values came first.

    Args:
        known: see `Walk`.
        seed: see `Walk`.
        population: P, architectures that live at a time; the first ones are random.
        tournament: S, those that compete for a child, drawn with replacement.
    """

    def __init__(self, known: Known, seed: int, population: int, tournament: int) -> None:
        super().__init__(known, seed, population)
        self.population, self.tournament = population, tournament

    def step(self, archs: list[int], labels: FloatArray, rng: np.random.Generator) -> Rows:
        """See `Walk`; neighbours of the best of a tournament."""
        alive = np.arange(max(len(archs) - self.population, 0), len(archs))
        drawn = rng.choice(alive, self.tournament)
        return self.domain.neighbours(self.known[archs[drawn[labels[drawn].argmax()]]], rng, TRIES)


class Local(Walk):
    """Local search: a neighbour of the best, or of the next best where all of its neighbours are known.

    In a list it begins again at random instead, see `siamnas.search.local`.

    Args:
        known: see `Walk`.
        seed: see `Walk`.
        start: random architectures at the beginning.
    """

    def __init__(self, known: Known, seed: int, start: int) -> None:
        super().__init__(known, seed, start)

    def step(self, archs: list[int], labels: FloatArray, rng: np.random.Generator) -> Rows:
        """See `Walk`."""
        best = np.argsort(-labels, kind="stable")[: self.first]
        return np.concatenate([self.domain.neighbours(self.known[archs[seat]], rng, TRIES) for seat in best])


class NSGA2(Walk):
    """NSGA-II, one child at a time; see `siamnas.search.nsga2`.

    Those live that are the best by rank and crowding of all that is evaluated. A child of two of them, each the better
    of two, is changed in one choice.

    Args:
        known: see `Walk`.
        seed: see `Walk`.
        population: P, architectures that live at a time; the first ones are random.
        column: the second objective, lower is better.
    """

    def __init__(self, known: Known, seed: int, population: int, column: str) -> None:
        super().__init__(known, seed, population)
        self.population, self.column = population, column

    def step(self, archs: list[int], labels: FloatArray, rng: np.random.Generator) -> Rows:
        """See `Walk`."""
        rows = self.domain.stack([self.known[arch] for arch in archs])
        order = by_rank(self.domain.graphs(rows).columns[self.column], labels)[: self.population]
        one, other = np.sort(rng.integers(len(order), size=(2, 2)), axis=1)[:, 0]
        child = self.domain.crossover(rows[order[one]], rows[order[other]], rng)
        return self.domain.neighbours(child, rng, TRIES)


def of(fields: Mapping[str, Any], known: Known, seed: int) -> Walk:
    """What stands for a search of lists, see `conf/search`.

    Args:
        fields: of its configuration.
        known: see `Walk`.
        seed: see `Walk`.

    Raises:
        InputError: it needs a list, or the column is not free.
    """
    walks = {"evolution": Evolution, "local": Local, "nsga2": NSGA2}
    name = str(fields[TARGET]).split(".")[-2]
    if name not in walks:
        raise InputError(
            f"search={name}: looks at a list of all architectures, and {known.domain.name} has none; choose one of "
            f"active, {', '.join(walks)}"
        )
    if (column := fields.get("column")) is not None:
        check_column(column, f"search.column={column}", known.domain.columns)
    made = walks[name]
    return made(known, seed, **{key: fields[key] for key in inspect.signature(made).parameters if key in fields})


def by_rank(cost: FloatArray, label: FloatArray) -> IntArray:
    """(n,) seats in the order of their front, and in a front those first that have the most room around them.

    Args:
        cost: (n,) lower is better.
        label: (n,) higher is better; of a failed evaluation -inf.
    """
    label = np.where(np.isfinite(label), label, np.min(label, where=np.isfinite(label), initial=0) - 1)
    cost = np.where(np.isfinite(cost), cost, np.max(cost, where=np.isfinite(cost), initial=0) + 1)
    left, order = np.arange(len(cost)), list[int]()
    while len(left):
        seats = left[front(cost[left], label[left])]
        order += seats[np.argsort(-_room(cost[seats], label[seats]), kind="stable")].tolist()
        left = np.setdiff1d(left, seats)
    return np.array(order)


def _room(cost: FloatArray, label: FloatArray) -> FloatArray:
    """(n,) crowding distances on a front in ascending order of costs: how far apart the neighbours of each are."""
    room = np.zeros(len(cost))
    room[[0, -1]] = np.inf
    for values in (cost, label):
        room[1:-1] += np.abs(values[2:] - values[:-2]) / (np.ptp(values) or 1.0)
    return room
