"""The architectures that the searches of a job have asked for, all repeats together."""

from collections.abc import Iterable

from siamnas.graphs.arrays import FloatArray
from siamnas.spaces.domain import Domain, Rows


class Seen:
    """Number <-> text of architectures of a domain, from 0 in the order in which they were added.

    Unlike those of `Known`, two architectures that are equal as graphs have two numbers if they are written in two
    ways, so that no repeat of a job depends on how another one has written an architecture.

    Args:
        domain: where they come from.

    Attributes:
        texts: of all, by number.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.texts: list[str] = []
        self._rows: list[Rows] = []
        self._numbers: dict[str, int] = {}

    def add(self, arch: Rows) -> int:
        """The number of an architecture (...)."""
        text = self.domain.describe(arch)
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
            self._rows.append(arch)
        return self._numbers[text]

    def rows(self, numbers: Iterable[int]) -> Rows:
        """(n, ...) the architectures of numbers."""
        return self.domain.stack([self._rows[number] for number in numbers])

    def column(self, name: str) -> FloatArray:
        """(m,) a free column of all."""
        return self.domain.graphs(self.rows(range(len(self.texts)))).columns[name]
