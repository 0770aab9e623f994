"""Candidates of a domain: random ones, mutants and children of the best, and a climb on the acquisition function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from siamnas.config.validate import Count, Natural
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.spaces.domain import Domain, Rows

Value = Callable[[Rows], FloatArray]
"""(n, ...) architectures -> (n,) what it is worth to evaluate them; NaN where that is not known."""


@dataclass(frozen=True)
class Counts:
    """How many candidates there are.

    Attributes:
        random: drawn anew.
        mutants: neighbours of the best that were evaluated.
        children: of two of these.
        parents: so many are the best.
        climbs: that begin at the best candidates.
        steps: of a climb, each to the best of some neighbours, as long as that is better.
        neighbours: that a step looks at.
    """

    random: Count = 200
    mutants: Natural = 100
    children: Natural = 20
    parents: Count = 5
    climbs: Natural = 8
    steps: Natural = 6
    neighbours: Count = 20


class Candidates:
    """Different candidates, and what they are worth.

    Args:
        domain: where they come from.
        value: of them.
        known: (n, ...) architectures that are no candidates.
    """

    def __init__(self, domain: Domain, value: Value, known: Rows) -> None:
        self._domain, self._value = domain, value
        self._seats = dict.fromkeys(self._names(known), -1)
        self.rows: Rows = known[:0]
        self.values: FloatArray = np.empty(0)

    def add(self, rows: Rows) -> IntArray:
        """(n,) the seats of (n, ...), which join the candidates if they are new; -1 for those that are known."""
        names, fresh = self._names(rows), list[int]()
        for number, name in enumerate(names):
            if name not in self._seats:
                self._seats[name] = len(self.rows) + len(fresh)
                fresh.append(number)
        if fresh:
            # In single precision equal ones are equal, whatever they were computed together with.
            values = np.nan_to_num(self._value(rows[fresh]).astype(np.float32), nan=-np.inf).astype(np.float64)
            self.rows, self.values = np.concatenate([self.rows, rows[fresh]]), np.concatenate([self.values, values])
        return np.array([self._seats[name] for name in names], dtype=np.int64)

    def best(self, count: int) -> IntArray:
        """Seats of the best, the best first."""
        return np.argsort(-self.values, kind="stable")[:count]

    def _names(self, rows: Rows) -> Sequence[str | bytes]:
        """What tells architectures apart as they are written."""
        if rows.dtype == object:
            return [self._domain.describe(row) for row in rows]
        return [row.tobytes() for row in rows]


def look(domain: Domain, counts: Counts, known: Rows, best: Rows, value: Value, rng: np.random.Generator) -> None:
    """Ask for the values of different candidates: random and bred ones, then those of climbs.

    Args:
        domain: where they come from.
        counts: how many.
        known: (m, ...) architectures that are none; others may be equal to them as graphs.
        best: (p, ...) evaluated architectures, the best first.
        value: see `Value`.
        rng: for everything random.
    """
    found = Candidates(domain, value, known)
    found.add(np.concatenate([domain.sample(rng, counts.random), *_bred(domain, counts, best[: counts.parents], rng)]))
    tops = found.best(counts.climbs).tolist()
    for _ in range(counts.steps):
        tops = _step(domain, counts, found, tops, rng)


def _bred(domain: Domain, counts: Counts, parents: Rows, rng: np.random.Generator) -> list[Rows]:
    """Mutants and children."""
    if not len(parents):
        return []
    each = -(-counts.mutants // len(parents))
    mutants = [domain.neighbours(parent, rng, each) for parent in parents] if each else []
    pairs = rng.integers(len(parents), size=(counts.children, 2)).tolist()
    children = [domain.crossover(parents[one], parents[other], rng) for one, other in pairs if one != other]
    return mutants + ([domain.stack(children)] if children else [])


def _step(domain: Domain, counts: Counts, found: Candidates, tops: list[int], rng: np.random.Generator) -> list[int]:
    """Where climbs at the seats `tops` go; those that have arrived are left out."""
    near = [domain.neighbours(found.rows[top], rng, counts.neighbours) for top in tops]
    if not sum(map(len, near)):
        return []
    ends = np.cumsum([len(rows) for rows in near])
    reached = np.split(found.add(np.concatenate(near)), ends[:-1])
    better: dict[int, None] = {}
    for top, seats in zip(tops, reached, strict=True):
        seats = seats[seats >= 0]
        if len(seats) and found.values[best := seats[found.values[seats].argmax()]] > found.values[top]:
            better[int(best)] = None
    return list(better)
