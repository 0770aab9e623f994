"""What all rivals share: they suggest rows of options, and a list evaluates the nearest architecture that is free."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

START = 10  # random architectures at the beginning, of every rival that lets one say so


class Rival(ABC):
    """A method that searches the product of all choices.

    Where a space is a list, a suggestion may be known already, or be no architecture of it: the nearest one that is not
    known is evaluated, a random one of several, and the rival is told of that.

    Args:
        space: as the referee tells it, see `docs/referee.md`.
        seed: of everything random.
        budget: evaluations.
    """

    def __init__(self, space: dict[str, Any], seed: int, budget: int) -> None:
        self.options = [len(choice["options"]) for choice in space["choices"]]
        self.names = [f"{i:03}" for i in range(len(self.options))]
        self.rng, self.seed, self.budget = np.random.default_rng(seed), seed, budget
        self.rows = np.array(space["rows"]) if "rows" in space else None
        self.free = np.ones(0 if self.rows is None else len(self.rows), bool)
        self.known: set[tuple[int, ...]] = set()
        self.begin()

    @abstractmethod
    def begin(self) -> None:
        """Prepare a search."""

    @abstractmethod
    def suggest(self) -> list[int]:
        """The number of an option for every choice."""

    @abstractmethod
    def observe(self, row: list[int], value: float | None) -> None:
        """Learn the value of a row, larger is better; None where its evaluation failed or it is not allowed."""

    def ask(self) -> Any:
        """The number of an architecture of a list, or a row."""
        row = np.array(self.suggest())
        if self.rows is None:
            while tuple(row.tolist()) in self.known:  # one choice is drawn anew
                place = self.rng.integers(len(row))
                row[place] = self.rng.integers(self.options[place])
            self.known.add(tuple(row.tolist()))
            return row.tolist()
        far = np.where(self.free, (self.rows != row).sum(axis=1), len(row) + 1)
        arch = int(self.rng.choice(np.flatnonzero(far == far.min())))
        self.free[arch] = False
        return arch

    def tell(self, arch: Any, value: float | None) -> None:
        """What the referee says."""
        self.observe(arch if self.rows is None else self.rows[arch].tolist(), value)

    def at_random(self) -> list[int]:
        """A random row."""
        return [int(self.rng.integers(count)) for count in self.options]
