"""Architectures that fulfil constraints: drawn until enough do, or led there where few do."""

from collections.abc import Callable

import numpy as np

from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.domain import Rows

PROBE = 2048  # draws that tell how rare what is allowed is
RARE = 0.02  # share of all below which drawing again and again is too slow
STORE = 256  # architectures from which walks begin where it is rare
LEAD = 400  # steps on which one is led there
TRIES = 8  # neighbours that are looked at in one of these steps
WALK = 12  # steps of a walk

Draw = Callable[[np.random.Generator, int], Rows]
Step = Callable[[Rows, np.random.Generator], Rows]


class Feasible:
    """Random architectures that fulfil constraints.

    Where they are not rare, all are equally likely that are so without constraints. Where they are, walks over
    neighbours begin at some that were found by going down the violation; so those near a limit are more likely.

    Args:
        draw: (n, ...) random architectures.
        step: (n, ...) a random neighbour of each.
        violation: (n,) how far architectures are from what is allowed, 0 for allowed.
        closest: says what the closest of some architectures is.
        name: of the space, for messages.
    """

    def __init__(
        self, draw: Draw, step: Step, violation: Callable[[Rows], FloatArray], closest: Callable[[Rows], str], name: str
    ) -> None:
        self.draw, self.step, self.violation, self.closest, self.name = draw, step, violation, closest, name
        self._share: float | None = None
        self._store: Rows | None = None

    def sample(self, rng: np.random.Generator, count: int) -> Rows:
        """(count, ...) architectures that fulfil the constraints.

        Raises:
            InputError: none was found; names the closest violation.
        """
        if self.share >= RARE:
            return self._drawn(rng, count)
        return self._walked(rng, count)

    @property
    def share(self) -> float:
        """Of all architectures, those that fulfil the constraints; from a sample that is always the same."""
        if self._share is None:
            probe = self.draw(np.random.default_rng(0), PROBE)
            self._share = float((self.violation(probe) == 0).mean())
        return self._share

    def led(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """The same architectures, changed in as many choices as it takes; those that are not led there stay outside."""
        rows, violation = rows.copy(), self.violation(rows)
        for _ in range(LEAD):
            left = np.flatnonzero(violation > 0)
            if not len(left):
                break
            tried = self.step(np.repeat(rows[left], TRIES, axis=0), rng)
            values = self.violation(tried).reshape(len(left), TRIES)
            best = values.argmin(axis=1)
            # As far as before is good enough: there may be a way around.
            better = np.flatnonzero(values[np.arange(len(left)), best] <= violation[left])
            rows[left[better]] = tried[better * TRIES + best[better]]
            violation[left[better]] = values[better, best[better]]
        return rows

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
        for _ in range(WALK):
            moved = self.step(rows, rng)
            allowed = self.violation(moved) == 0
            rows[allowed] = moved[allowed]
        return rows

    @property
    def store(self) -> Rows:
        """Some that fulfil the constraints, always the same."""
        if self._store is None:
            rng = np.random.default_rng(1)
            rows = self.led(self.draw(rng, STORE), rng)
            allowed = self.violation(rows) == 0
            if not allowed.any():
                raise InputError(
                    f"{self.name}: no architecture that fulfils the constraints was found; of the closest one "
                    f"{self.closest(rows)}"
                )
            self._store = rows[allowed]
        return self._store
