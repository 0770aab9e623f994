"""The only way to a label or a code: every query is counted."""

from dataclasses import dataclass

import numpy as np

from siamnas.errors import InputError
from siamnas.spaces.space import FloatArray, IntArray, Space


@dataclass(frozen=True)
class Cost:
    """What R repeats have spent, each array (R,).

    Attributes:
        queries: different cells whose accuracy was looked at.
        query_seconds: training time of those cells, from the table (cells without a time count 0).
        codes: different cells whose Estimation Code was computed.
        code_seconds: time of those codes, from the table (cells without a time count 0).
    """

    queries: IntArray
    query_seconds: FloatArray
    codes: IntArray
    code_seconds: FloatArray


class Oracle:
    """Answers for R repeats at once and remembers what each repeat has looked at.

    Attributes:
        space: the search space.
        repeats: R.
        pool: (R, n) indices of the labelled cells in the order of their queries; n is the same for all repeats.
    """

    def __init__(self, space: Space, repeats: int) -> None:
        self.space = space
        self.repeats = repeats
        self.pool: IntArray = np.empty((repeats, 0), dtype=np.int64)
        self._rows = np.arange(repeats)[:, None]
        self._queried = np.zeros((repeats, len(space)), dtype=bool)
        self._coded = np.zeros((repeats, len(space)), dtype=bool)

    @property
    def free(self) -> np.ndarray:
        """(R, M) True where a cell can still be added to the pool: not yet in it, and with a code."""
        free = np.tile(self.space.coded, (self.repeats, 1))
        free[self._rows, self.pool] = False
        return free

    def peek(self, cells: IntArray) -> FloatArray:
        """Labels of `cells` (R, m) as (R, m) fractions, paid but not added to the pool."""
        self._queried[self._rows, cells] = True
        return self.space.label[cells]

    def query(self, cells: IntArray) -> FloatArray:
        """Labels of `cells` (R, m) as (R, m) fractions, and add the cells to the pool."""
        self.pool = np.concatenate([self.pool, cells], axis=1)
        return self.peek(cells)

    def fill(self, size: int, generators: list[np.random.Generator]) -> None:
        """Query random free cells until the pool holds `size` of them; none where it does already.

        Raises:
            InputError: too few cells are free.
        """
        self.query(self.draw(max(size - self.pool.shape[1], 0), generators))

    def follow(self, cells: IntArray) -> tuple[FloatArray, IntArray, FloatArray]:
        """Peek at `cells` (R, m), different ones in each row, one after the other, with the bill after each.

        Returns:
            (R, m) labels as fractions, (R, m) different cells looked at until then, and (R, m) their training seconds;
            both counts include everything that was paid before.
        """
        before = self.cost()
        new = ~self._queried[self._rows, cells]
        seconds = np.where(new, np.nan_to_num(self.space.train_seconds)[cells], 0.0)
        queries = before.queries[:, None] + new.cumsum(axis=1)
        return self.peek(cells), queries, before.query_seconds[:, None] + seconds.cumsum(axis=1)

    def codes(self, cells: IntArray) -> np.ndarray:
        """Estimation Codes of `cells` (R, m) as (R, m, L); NaN for a cell that has none."""
        self._coded[self._rows, cells] = True
        return self.space.code[cells]

    def cost(self) -> Cost:
        """What every repeat has spent so far."""
        coded = self._coded & self.space.coded & (self.space.code.shape[1] > 0)
        return Cost(
            queries=self._queried.sum(axis=1),
            query_seconds=self._queried @ np.nan_to_num(self.space.train_seconds),
            codes=coded.sum(axis=1),
            code_seconds=coded @ np.nan_to_num(self.space.code_seconds),
        )

    def draw(self, count: int, generators: list[np.random.Generator]) -> IntArray:
        """(R, count) free cells, uniformly without replacement, one generator per repeat.

        Raises:
            InputError: fewer than `count` cells are free.
        """
        free = self.free
        least = int(free.sum(axis=1).min())
        if count > least:
            raise InputError(f"cannot draw {count} cells: only {least} of {len(self.space)} are free and have a code")
        return np.stack([rng.choice(np.flatnonzero(free[r]), count, replace=False) for r, rng in enumerate(generators)])
