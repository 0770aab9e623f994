"""A search space as a list of all its architectures, with what is known of them for free."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import shown
from siamnas.graphs.batch import GraphBatch
from siamnas.runtime import notebook

COLUMNS = 6  # free columns that are shown by name


@dataclass(frozen=True, kw_only=True)
class Space(GraphBatch):
    """A list of M architectures, each a graph of the batch.

    Nothing here has to be measured by training: accuracies and Estimation Codes belong to an oracle, see
    `siamnas.oracle`.

    Attributes:
        name: for people, for example `nb201_c100`.
        archs: (M,) str, each architecture in its own notation, all different.
        card: where it comes from.
        unique: a search evaluates one of equal architectures only, see `classes`.
    """

    name: str
    archs: NDArray[np.str_]
    card: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self._shown().items())
        return f"<{type(self).__name__} {shown(self.name)!r}: {told}>"

    def _repr_html_(self) -> str:
        return notebook.table([self._shown()], self.name)

    def _shown(self) -> dict[str, str]:
        """A space in a few words, none of which has to be computed."""
        names = [repr(shown(name)) for name in self.columns]
        more = [f"... ({len(names)} in all)"] if len(names) > COLUMNS else []
        return {
            "architectures": f"{len(self):,}",
            "nodes": str(self.types.shape[1]),
            "node types": str(len(self.node_types)),
            "free columns": ", ".join(names[:COLUMNS] + more) or "none",
        }

    def operations(self, arch: int) -> list[str]:
        """The operation on each of the V nodes of an architecture."""
        return [self.node_types[number] for number in self.types[arch]]

    def edges(self, arch: int) -> list[tuple[int, int]]:
        """Pairs (from, to) of node numbers of an architecture in ascending order, without the self loops."""
        adjacency = self.adjacency if self.adjacency.ndim == 2 else self.adjacency[arch]
        return [(begin, end) for begin, end in np.argwhere(adjacency).tolist() if begin != end]

    def distinct(self, archs: NDArray[np.bool_] | None = None) -> int:
        """How many architectures a search can evaluate, in all or among some (M,): of equal ones one, if `unique`."""
        archs = np.ones(len(self), dtype=bool) if archs is None else archs
        return len(np.unique(self.classes[archs])) if self.unique else int(archs.sum())
