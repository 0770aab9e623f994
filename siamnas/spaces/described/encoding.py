"""Rows of small integers: which choices play a part, and how rows are drawn, changed and mixed."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.arrays import IntArray
from siamnas.spaces.described.lowered import Gate, Lowered

OUT = -1  # of a choice that plays no part
Rows = NDArray[np.int16]


class RowSpace:
    """The rows (n, C) of a description; entry (i, c) is the number of an option, -1 where the choice plays no part.

    Args:
        lowered: the description.
    """

    def __init__(self, lowered: Lowered) -> None:
        self.columns = lowered.columns
        self.sizes = np.array([len(column.options) for column in lowered.columns], np.int64)
        self._columns = np.array([condition.column for condition in lowered.conditions], np.int64)
        tables = [(False, *condition.allowed) for condition in lowered.conditions]
        self._begins = np.cumsum([0, *map(len, tables)])[:-1].astype(np.int64) + 1
        self._allowed = np.array([value for table in tables for value in table], bool)
        self._levels = self._ordered(lowered)
        self._forbidden = self.gates([[gate] for gate in lowered.forbidden])

    def _ordered(self, lowered: Lowered) -> list[tuple[IntArray, NDArray[np.intp]]]:
        """Columns that depend on columns before, level by level, with their alternative gates (c, A, K)."""
        level: list[int] = []
        order = sorted(range(len(self.columns)), key=lambda c: self.columns[c].shared)
        depth = dict.fromkeys(order, 0)
        for number in order:
            parents = [lowered.conditions[c].column for gate in self.columns[number].when for c in gate]
            always = () in self.columns[number].when
            depth[number] = 0 if always else 1 + max(depth[parent] for parent in parents)
        for value in sorted(set(depth.values()) - {0}):
            level.append(value)
        found = []
        for value in level:
            these = [number for number in range(len(self.columns)) if depth[number] == value]
            found.append((np.array(these), self.gates([self.columns[number].when for number in these])))
        return found

    def gates(self, several: Sequence[Sequence[Gate]]) -> NDArray[np.intp]:
        """(m, A, K) numbers of conditions: one of A gates must hold, all K conditions of it.

        The first column of `hold` is always True, the second one always False.
        """
        most = max((len(gates) for gates in several), default=1)
        long = max((len(gate) for gates in several for gate in gates), default=0) or 1
        found = np.zeros((len(several), most, long), np.intp)
        for seat, gates in zip(found, several, strict=True):
            seat[len(gates) :] = 1
            for line, gate in zip(seat, gates, strict=False):
                line[: len(gate)] = np.array(gate, int) + 2
        return found

    def hold(self, rows: Rows) -> NDArray[np.bool_]:
        """(n, 2 + conditions) True, False, and which conditions hold."""
        found = np.empty((len(rows), 2 + len(self._columns)), bool)
        found[:, 0], found[:, 1] = True, False
        found[:, 2:] = self._allowed[rows[:, self._columns] + self._begins]
        return found

    def holding(self, rows: Rows) -> Callable[[Gate], NDArray[np.bool_]]:
        """A gate -> (n,) for which of rows (n, C) it holds."""
        held = self.hold(rows)
        return lambda gate: np.all(held[:, np.array(gate, int) + 2], axis=1)

    def forbidden(self, rows: Rows) -> IntArray:
        """(n,) how many forbidden combinations rows (n, C) have."""
        return met(self.hold(rows), self._forbidden).sum(axis=1)

    def normalised(self, rows: Rows) -> Rows:
        """The same rows with -1 where a choice plays no part; entries of choices that do must be options."""
        rows = rows.copy()
        for columns, gates in self._levels:
            active = met(self.hold(rows), gates)
            part = rows[:, columns]
            part[~active] = OUT
            rows[:, columns] = part
        return rows

    def drawn(self, rng: np.random.Generator, count: int) -> Rows:
        """(count, C) options of all choices, each as likely as the others, whether they play a part or not."""
        return (rng.random((count, len(self.sizes)), dtype=np.float32) * self.sizes.astype(np.float32)).astype(np.int16)

    def filled(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Normalised rows, with random options for choices that were -1 and now play a part."""
        return self.normalised(np.where(rows < 0, self.drawn(rng, len(rows)), rows))

    def neighbours(self, row: Rows, rng: np.random.Generator, most: int) -> Rows:
        """At most `most` of the rows that differ from (C,) in one choice, in random order.

        What comes into play by this choice, such as the choices of one more layer, is random.
        """
        columns = np.repeat(np.arange(len(row)), np.where(row < 0, 0, self.sizes))
        options = np.concatenate([np.arange(size) for size in self.sizes[row >= 0]] or [np.arange(0)])
        other = np.flatnonzero(options != row[columns])
        kept = rng.permutation(other)[:most]
        rows = np.tile(row, (len(kept), 1))
        rows[np.arange(len(kept)), columns[kept]] = options[kept]
        return self.filled(rows, rng)

    def steps(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """(n, C) one random neighbour of each row that has one."""
        chance = rng.random(rows.shape, dtype=np.float32)
        chance[(rows < 0) | (self.sizes < 2)] = -1
        column = chance.argmax(axis=1)
        seat = np.arange(len(rows)), column
        sizes = np.maximum(self.sizes[column], 2)
        changed = rows.copy()
        moved = (rows[seat] + 1 + rng.integers(0, sizes - 1)) % sizes
        changed[seat] = np.where(chance[seat] >= 0, moved, rows[seat])
        return self.filled(changed, rng)

    def mixed(self, one: Rows, other: Rows, rng: np.random.Generator, count: int) -> Rows:
        """(count, C) children that have each choice from one of the parents (C,) where it plays a part in both."""
        first = rng.random((count, len(one))) < 0.5
        child = np.where(first, one, other)
        return self.filled(np.where(child < 0, np.where(first, other, one), child).astype(np.int16), rng)


def met(hold: NDArray[np.bool_], gates: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(n, m) whether one of the alternative gates (m, A, K) is met by what holds (n, 2 + conditions)."""
    return np.logical_or.reduce(np.logical_and.reduce(hold[:, gates], axis=3), axis=2)
