"""A space that nobody can list: what a search needs of it instead of the list."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs.batch import GraphBatch
from siamnas.graphs.features.base import FeatureSet

CLASSES = 10  # of the images that a network tells apart, if nothing is said

Rows = NDArray[Any]
"""(n, ...) architectures of a domain in its own form: rows of small integers, or (n,) objects of the user's."""


class Domain(ABC):
    """Where architectures come from.

    Every architecture that a method returns fulfils the constraints of the domain, and all random numbers come from the
    generator that is given. All graphs have the same node types, and are padded to the same number of nodes, so that
    what is learnt on some architectures can be applied to any others.

    Attributes:
        name: for people.
        node_types: F names.
        nodes: V, of every graph, padding included.
        columns: names of what is known of an architecture without training, such as `params`.
        size: number of architectures before constraints; None where it can't be counted.
        network: the option of the group `network` that builds architectures of their `choices`; empty where none does.
        classes: how many outputs such a network has if nothing is said.
    """

    name: str
    node_types: tuple[str, ...]
    nodes: int
    columns: tuple[str, ...]
    size: int | None
    network: str = ""
    classes: int = CLASSES

    @abstractmethod
    def sample(self, rng: np.random.Generator, count: int) -> Rows:
        """(count, ...) random architectures; some may be equal.

        Raises:
            InputError: nothing was found that fulfils the constraints; names the closest violation.
        """

    def within(self, constraints: Sequence[str]) -> "Domain":
        """The same architectures, of which only those are drawn that keep more constraints, such as `params<=4e6`.

        A domain that does not know how draws all of its own.
        """
        return self

    @abstractmethod
    def neighbours(self, arch: Rows, rng: np.random.Generator, most: int) -> Rows:
        """(m, ...) at most `most` different architectures, of those that differ from `arch` (...) in one choice.

        Where no such one is allowed, of those that differ in two.
        """

    @abstractmethod
    def crossover(self, one: Rows, other: Rows, rng: np.random.Generator) -> Rows:
        """(...) a child that has each choice from one of its parents."""

    @abstractmethod
    def graphs(self, archs: Rows) -> GraphBatch:
        """The graphs of architectures (n, ...), with their free columns."""

    @abstractmethod
    def features(self, archs: Rows) -> FeatureSet:
        """The choices of architectures (n, ...) as features: numbers where choices have an order, one-hot elsewhere.

        Always the same features in the same order; NaN where a choice plays no part.
        """

    @abstractmethod
    def key(self, archs: Rows) -> list[bytes]:
        """For each of (n, ...) a key: equal keys, equal (isomorphic) architectures."""

    @abstractmethod
    def describe(self, arch: Rows) -> str:
        """A short stable text of an architecture (...), for journals, rows and results."""

    @abstractmethod
    def parse(self, text: str) -> Rows:
        """(...) the architecture of a text.

        Raises:
            InputError: there is no such architecture in the domain.
        """

    @abstractmethod
    def choices(self, arch: Rows) -> dict[str, Any]:
        """The choices of an architecture (...) by name, as a training of the user's reads them."""

    @property
    @abstractmethod
    def definition(self) -> str | None:
        """The domain as text that `siamnas.Space` can read again; None where it holds functions of the user's."""

    def stack(self, archs: Sequence[Rows]) -> Rows:
        """(n, ...) several architectures (...) together."""
        return np.stack(archs)
