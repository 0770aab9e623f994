"""Architectures that fulfil constraints: drawn until enough do, or led there where few do."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.described.limits import Effort, Limits
from siamnas.spaces.domain import Rows

WALK = 12  # steps of a walk
PATIENCE = 60  # steps without any that comes nearer to what is allowed
STUCK = 2  # steps without one that comes nearer, after which half of the next ones change two choices
HOPS, BACK = 2, 30  # changes that break constraints, and steps on which one is led back from each
PAIRS = 16  # times as many changes of two choices are tried as neighbours are wanted

Draw = Callable[[np.random.Generator, int], Rows]
Step = Callable[[Rows, np.random.Generator], Rows]


class Feasible:
    """Random architectures that fulfil constraints.

    Where they are not rare, all are equally likely that are so without constraints. Where they are, walks over
    neighbours begin at some that were found by going down the violation; so those near a limit are more likely. Where
    hardly any neighbour is allowed, as where all choices must differ or a band is narrow, walks hop: a choice is
    changed, whatever that breaks, and others are changed until all is kept again.

    Args:
        draw: (n, ...) random architectures.
        step: (n, ...) a random neighbour of each.
        violation: (n,) how far architectures are from what is allowed, 0 for allowed.
        closest: says what the closest of some architectures is.
        name: of the space, for messages.
        effort: see `Effort`.
    """

    def __init__(
        self,
        draw: Draw,
        step: Step,
        violation: Callable[[Rows], FloatArray],
        closest: Callable[[Rows], str],
        name: str,
        effort: Effort,
    ) -> None:
        self.draw, self.step, self.violation, self.closest = draw, step, violation, closest
        self.name, self.effort = name, effort

    def within(self, limits: Limits) -> "Feasible":
        """The same with other constraints."""
        return Feasible(self.draw, self.step, limits.violation, limits.closest, self.name, limits.effort)

    def sample(self, rng: np.random.Generator, count: int) -> Rows:
        """(count, ...) architectures that fulfil the constraints.

        Raises:
            InputError: none was found; names the closest violation.
        """
        if self.share >= self.effort.rare:
            return self._drawn(rng, count)
        return self._walked(rng, count)

    @cached_property
    def share(self) -> float:
        """Of all architectures, those that fulfil the constraints; from a sample that is always the same."""
        probe = self.draw(np.random.default_rng(0), self.effort.probe)
        return float((self.violation(probe) == 0).mean())

    def led(self, rows: Rows, rng: np.random.Generator, steps: int | None = None) -> Rows:
        """The same architectures, changed in as many choices as it takes; those that are not led there stay outside."""
        rows, violation, tries = rows.copy(), self.violation(rows), self.effort.tries
        waited = np.zeros(len(rows), int)
        for _ in range(steps or self.effort.lead):
            left = np.flatnonzero(violation > 0)
            if not len(left) or waited[left].min() >= PATIENCE:
                break
            tried = self._tried(np.repeat(rows[left], tries, axis=0), np.repeat(waited[left] >= STUCK, tries), rng)
            values = self.violation(tried).reshape(len(left), tries)
            best = values.argmin(axis=1)
            nearest = values[np.arange(len(left)), best]
            waited[left] = np.where(nearest < violation[left], 0, waited[left] + 1)
            # As far as before is good enough: there may be a way around.
            kept = np.flatnonzero(nearest <= violation[left])
            rows[left[kept]] = tried[kept * tries + best[kept]]
            violation[left[kept]] = nearest[kept]
        return rows

    def _tried(self, rows: Rows, stuck: NDArray[np.bool_], rng: np.random.Generator) -> Rows:
        """A random neighbour of each; of every second one that is stuck, a neighbour of that."""
        tried = self.step(rows, rng)
        twice = np.flatnonzero(stuck)[::2]
        if len(twice):
            tried[twice] = self.step(tried[twice], rng)
        return tried

    def pairs(self, archs: Rows, rng: np.random.Generator, most: int) -> Rows:
        """(m, ...) allowed ones that differ from one architecture (1, ...) in two choices; some may be equal."""
        rows = np.repeat(archs, PAIRS * most, axis=0)
        rows = self.step(self.step(rows, rng), rng)
        return rows[self.violation(rows) == 0]

    def _drawn(self, rng: np.random.Generator, count: int) -> Rows:
        """Drawn until there are enough."""
        found: list[Rows] = []
        missing = count
        while missing > 0:
            rows = self.draw(rng, int(missing / self.share * 1.1) + 8)
            rows = rows[self.violation(rows) == 0][:missing]
            found.append(rows)
            missing -= len(rows)
        return np.concatenate(found) if found else self.draw(rng, 0)

    def _walked(self, rng: np.random.Generator, count: int) -> Rows:
        """Walks from random ones of the store."""
        rows = self.store[rng.integers(0, len(self.store), count)]
        for _ in range(HOPS if self.isolated else WALK):
            moved = self.step(rows, rng)
            moved = self.led(moved, rng, BACK) if self.isolated else moved
            allowed = self.violation(moved) == 0
            rows[allowed] = moved[allowed]
        return rows

    @cached_property
    def isolated(self) -> bool:
        """Whether so few neighbours are allowed that a walk would hardly move."""
        rows = self.store[np.arange(self.effort.probe // 2) % len(self.store)]
        near = self.step(rows, np.random.default_rng(2))
        return bool((self.violation(near) == 0).mean() < 1 / WALK)

    @cached_property
    def store(self) -> Rows:
        """Some that fulfil the constraints, always the same."""
        rng = np.random.default_rng(1)
        rows = self.led(self.draw(rng, self.effort.store), rng)
        allowed = self.violation(rows) == 0
        if not allowed.any():
            closest = self.closest(rows)
            raise InputError(
                f"{self.name}: no architecture fulfils the constraints; of the closest one found {closest}"
            )
        return rows[allowed]
