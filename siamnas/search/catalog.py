"""The architectures of a space by number and by text, whether or not there is a list of them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Collection
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.objectives import Objectives
from siamnas.candidates.known import Known
from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import IntArray
from siamnas.graphs.batch import GraphBatch
from siamnas.search.architecture import Architecture, Facts
from siamnas.spaces.domain import Domain, Rows
from siamnas.spaces.listed import Space

LONGEST = 500  # characters of why a text is no architecture


class Catalog(ABC):
    """Number <-> text of architectures.

    Attributes:
        title: of the space.
        grows: whether architectures get their numbers when they are seen.
    """

    title: str
    grows: bool

    @property
    @abstractmethod
    def size(self) -> int:
        """How many architectures have a number."""

    @property
    @abstractmethod
    def most(self) -> int | None:
        """How many architectures can be evaluated; None where they can't be counted."""

    @property
    @abstractmethod
    def total(self) -> int | None:
        """How many architectures the space has, equal ones and those that break a constraint of a domain included.

        None where they can't be counted.
        """

    @property
    @abstractmethod
    def numbered(self) -> Space | Known:
        """What numbers stand for: a list, or what a search has seen of a domain."""

    @abstractmethod
    def left(self, archs: Collection[int]) -> float:
        """How many architectures, at most, can be evaluated beside some; infinity where they can't be counted."""

    def different(self, archs: Collection[int]) -> list[int]:
        """Of some architectures, in their order, those that a search tells apart: of equal ones the first."""
        return list(dict.fromkeys(archs))

    @abstractmethod
    def text(self, number: int) -> str:
        """The text of an architecture."""

    @abstractmethod
    def number(self, text: str, new: bool = False) -> int | None:
        """The number of a text; None where it has none.

        Args:
            text: of an architecture.
            new: whether an architecture of the space that has no number gets one.
        """

    def forget(self) -> None:  # noqa: B027 (a list stays)
        """Forget what numbers have been given to."""

    @abstractmethod
    def facts(self, number: int) -> Facts:
        """What is known of an architecture."""

    def architecture(self, number: int) -> Architecture:
        """An architecture, to be handed out."""
        return Architecture(number, lambda: self.facts(number))


class Listed(Catalog):
    """The catalog of a list.

    Args:
        space: the list.
        shipped: the name of the shipped space that it is; empty for one of the user's.
        allowed: (M,) what may be evaluated; None for all.
    """

    grows = False

    def __init__(self, space: Space, shipped: str = "", allowed: NDArray[np.bool_] | None = None) -> None:
        self.space = space
        self._allowed = np.ones(len(space), dtype=bool) if allowed is None else allowed
        self.title = space.name
        self.shipped = shipped

    @property
    def size(self) -> int:
        """See `Catalog`."""
        return len(self.space)

    total = size

    @property
    def numbered(self) -> Space:
        """See `Catalog`."""
        return self.space

    @cached_property
    def most(self) -> int:
        """See `Catalog`."""
        return self.space.distinct(self._allowed)

    def left(self, archs: Collection[int]) -> float:
        """See `Catalog`; whoever is equal to an evaluated one is evaluated as well."""
        taken = np.array(list(archs), dtype=np.int64)
        return self.most - int(self._open[np.unique(self._own[taken])].sum())

    def different(self, archs: Collection[int]) -> list[int]:
        """See `Catalog`."""
        first: dict[int, int] = {}
        for arch in archs:
            first.setdefault(int(self._own[arch]), arch)
        return list(first.values())

    @cached_property
    def _own(self) -> IntArray:
        """(M,) what stands for each architecture: itself, or its class of equal ones."""
        return self.space.classes if self.space.unique else np.arange(len(self.space))

    @cached_property
    def _open(self) -> NDArray[np.bool_]:
        """(M,) which of these can be evaluated."""
        found = np.zeros(len(self.space), dtype=bool)
        found[self._own[self._allowed]] = True
        return found

    def text(self, number: int) -> str:
        """See `Catalog`."""
        return str(self.space.archs[number])

    def number(self, text: str, new: bool = False) -> int | None:
        """See `Catalog`; all have a number."""
        return self._numbers.get(text)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.space.archs.tolist())}

    def facts(self, number: int) -> Facts:
        """See `Catalog`."""
        space, operations = self.space, self.space.operations(number)
        columns = {name: float(values[number]) for name, values in space.columns.items()}
        choices = dict(enumerate(operations))
        return Facts(self.text(number), operations, space.edges(number), columns, choices, self.shipped)


class Described(Catalog):
    """The catalog of a domain: what a search has seen of it.

    Args:
        domain: without a list.

    Attributes:
        known: grows with what is proposed, told or added.
    """

    grows = True
    most = None

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.title = domain.name
        self.known = Known(domain)
        self._numbers: dict[str, int] = {}  # texts that were read

    @property
    def size(self) -> int:
        """See `Catalog`."""
        return len(self.known)

    @property
    def total(self) -> int | None:
        """See `Catalog`."""
        return self.domain.size

    def left(self, archs: Collection[int]) -> float:
        """See `Catalog`; fewer where some are equal, or break a constraint."""
        return math.inf if self.domain.size is None else self.domain.size - len(archs)

    @property
    def numbered(self) -> Known:
        """See `Catalog`."""
        return self.known

    def text(self, number: int) -> str:
        """See `Catalog`."""
        return self.domain.describe(self.known[number])

    def number(self, text: str, new: bool = False) -> int | None:
        """See `Catalog`."""
        if text in self._numbers:
            return self._numbers[text]
        try:
            arch = self.domain.parse(text)
        except InputError:
            return None
        (found,) = self.known.add(self._batch(arch)) if new else [self.known.number(arch)]
        if found is not None:
            self._numbers[text] = found
        return found

    def forget(self) -> None:
        """See `Catalog`."""
        self.known = Known(self.domain)
        self._numbers = {}

    def facts(self, number: int) -> Facts:
        """See `Catalog`."""
        arch = self.known[number]
        graphs = self.domain.graphs(self._batch(arch))
        columns = {name: float(values[0]) for name, values in graphs.columns.items()}
        operations = [graphs.node_types[one] for one in graphs.types[0]]
        text, choices = self.domain.describe(arch), self.domain.choices(arch)
        built = self.domain.network, self.domain.classes
        return Facts(text, operations, _edges(graphs), columns, choices, "", *built)

    def _batch(self, arch: Rows) -> Rows:
        """(1, ...) one architecture (...)."""
        return self.domain.stack([arch])


def catalog(space: Space | Domain, shipped: str = "", several: Objectives | None = None) -> Catalog:
    """The catalog of a space.

    Args:
        space: a list, or a domain.
        shipped: see `Listed`.
        several: what is searched for, where limits on free columns say what may be evaluated.

    Raises:
        InputError: nothing keeps them.
    """
    if isinstance(space, Domain):
        return Described(space)
    return Listed(space, shipped, several.allowed(space.columns, len(space)) if several else None)


def _edges(graphs: GraphBatch) -> list[tuple[int, int]]:
    """Those of the only graph, without self loops."""
    adjacency = graphs.adjacency.reshape(-1, *graphs.adjacency.shape[-2:])[0]
    return [(begin, end) for begin, end in np.argwhere(adjacency).tolist() if begin != end]


def unknown(catalog: Catalog, given: object) -> InputError:
    """What is said of something that is no architecture of a space, or of one that has no number."""
    if not isinstance(catalog, Described):
        return InputError(f"{shown(str(given))}: is no architecture of {catalog.title}")
    try:
        catalog.domain.parse(str(given))
    except InputError as error:
        return InputError(shown(str(error), LONGEST))
    return InputError(f"{shown(str(given))}: was neither asked for nor added")
