"""What a round of a search on a domain looks at, as a list."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs import features
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.features.base import FeatureSet
from siamnas.seeding import stream
from siamnas.spaces.domain import Domain, Rows
from siamnas.spaces.listed import Space

REFERENCE = 2000  # architectures on which features are fitted
SAID_BY_CHOICES = ("graph", "paths", "onehot")  # sets of features, of a chain
UNCOUNTED = 2**62  # stands for the size of a domain that is not known


@dataclass(frozen=True, kw_only=True, repr=False)
class Window(Space):
    """Architectures of a domain as a list, for everything that works on lists.

    Attributes:
        domain: where they come from.
        rows: (M, ...) the architectures.
        home: the window on whose architectures features are fitted; None: this one.
    """

    domain: Domain
    rows: Rows
    home: "Window | None" = None

    @classmethod
    def of(cls, domain: Domain, rows: Rows, home: "Window | None" = None) -> Self:
        """The window of some architectures (M, ...)."""
        graphs = domain.graphs(rows)
        return cls(
            name=domain.name,
            archs=np.broadcast_to(np.array(""), len(rows)),  # texts are for journals, which speak of few
            node_types=graphs.node_types,
            types=graphs.types,
            adjacency=graphs.adjacency,
            columns=graphs.columns,
            table=graphs.table,
            domain=domain,
            rows=rows,
            home=home,
        )

    def joined(self, other: "Window") -> "Window":
        """The architectures of both; features that are known of this window are not computed again."""
        one, two = self, other
        adjacency = one.adjacency if one.adjacency.ndim == 2 else np.concatenate([one.adjacency, two.adjacency])
        both = replace(
            one,
            archs=np.broadcast_to(np.array(""), len(one) + len(two)),
            types=np.concatenate([one.types, two.types]),
            adjacency=adjacency,
            columns={name: np.concatenate([values, two.columns[name]]) for name, values in one.columns.items()},
            rows=np.concatenate([one.rows, two.rows]),
        )
        features.join(one, two, both)
        return both

    @property
    def reference(self) -> "Window":
        """See `GraphBatch`."""
        return self.home or self

    @cached_property
    def choices(self) -> FeatureSet:
        """See `GraphBatch`."""
        return self.domain.features(self.rows)

    def sets(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """See `GraphBatch`; the choices of a chain are its operations, and take a fraction of the time of its graph."""
        size = self.types.shape[1]
        if self.adjacency.ndim == 3 or not (self.adjacency == np.eye(size) + np.eye(size, k=1)).all():
            return names
        return tuple(dict.fromkeys("choices" if name in SAID_BY_CHOICES else name for name in names))

    def cost(self, column: str) -> FloatArray:
        """See `GraphBatch`; of equal graphs none is there to compare with."""
        return self.columns[column]

    def distinct(self, archs: NDArray[np.bool_] | None = None) -> int:
        """See `Space`; as far as the domain can be counted."""
        return UNCOUNTED if self.domain.size is None else self.domain.size


def reference(domain: Domain) -> Window:
    """A sample of a domain, always the same."""
    return Window.of(domain, domain.sample(stream(0, "reference"), REFERENCE))
