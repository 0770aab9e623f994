"""Number <-> architecture of all that a search on a domain has seen."""

from collections.abc import Collection

import numpy as np

from siamnas.spaces.domain import Domain, Rows

DRAWN = (64, 256, 1024, 4096)  # at random, until one of them is new


class Known:
    """The architectures of a domain that have a number, from 0 in the order in which they were added.

    A number is stable over the life of a journal, and means nothing in another one; the text of an architecture does.

    Args:
        domain: where they come from.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._rows: list[Rows] = []
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> Rows:
        """(...) the architecture of a number."""
        return self._rows[number]

    @property
    def rows(self) -> Rows:
        """(n, ...) all of them."""
        return self.domain.stack(self._rows)

    def number(self, arch: Rows) -> int | None:
        """The number of an architecture (...) or of one equal to it; None if it has none."""
        return self._numbers.get(self.domain.key(self.domain.stack([arch]))[0])

    def first_new(self, archs: Rows, taken: Collection[int]) -> int | None:
        """The number of the first of (n, ...) that is equal to none of those `taken`; None where all are."""
        for arch in archs:
            number = self.add(self.domain.stack([arch]))[0]
            if number not in taken:
                return number
        return None

    def drawn_new(self, domain: Domain, rng: np.random.Generator, taken: Collection[int]) -> int | None:
        """The number of a random architecture that is equal to none of those `taken`; None where none is found.

        Few are left of a small space that is nearly searched, so that more are drawn the longer none is new.

        Args:
            domain: in which it lies.
            rng: draws it.
            taken: by number.
        """
        for count in DRAWN:
            if (found := self.first_new(domain.sample(rng, count), taken)) is not None:
                return found
        return None

    def add(self, archs: Rows) -> list[int]:
        """The numbers of architectures (n, ...); those that are new, and equal to no other, get the next ones."""
        numbers = []
        for arch, key in zip(archs, self.domain.key(archs), strict=True):
            if key not in self._numbers:
                self._numbers[key] = len(self._rows)
                self._rows.append(arch)
            numbers.append(self._numbers[key])
        return numbers
