"""A search space as a few arrays: what is known of its architectures for free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.spaces import classes, live
from siamnas.spaces.operations import Operations, by_name

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]


@dataclass(frozen=True)
class Space:
    """M architectures of V nodes over F node types.

    Nothing here has to be measured by training: accuracies and Estimation Codes belong to an oracle, see
    `siamnas.oracle`.

    Attributes:
        name: for people, for example `nb201_c100`.
        node_types: the F names behind the one-hot node features.
        types: (M, V) uint8, the node type of every node.
        adjacency: A + I as float32, (V, V) where all architectures share it, else (M, V, V); entry (i, j) is an edge
            i -> j.
        archs: (M,) str, each architecture in its own notation, all different.
        columns: name -> (M,) float64, what is known without training, such as `flops` and `params`; NaN where unknown.
        card: where it comes from.
        table: what the node types do; None for what their names say, see `siamnas.spaces.operations.by_name`.
        unique: a search pays for one of equal architectures only, see `siamnas.spaces.classes`.
    """

    name: str
    node_types: tuple[str, ...]
    types: NDArray[np.uint8]
    adjacency: NDArray[np.float32]
    archs: NDArray[np.str_]
    columns: Mapping[str, FloatArray] = field(default_factory=dict)
    card: Mapping[str, str] = field(default_factory=dict)
    table: Operations | None = None
    unique: bool = False

    def __len__(self) -> int:
        return len(self.types)

    def operations(self, arch: int) -> list[str]:
        """The operation on each of the V nodes of an architecture."""
        return [self.node_types[number] for number in self.types[arch]]

    def edges(self, arch: int) -> list[tuple[int, int]]:
        """Pairs (from, to) of node numbers of an architecture in ascending order, without the self loops."""
        adjacency = self.adjacency if self.adjacency.ndim == 2 else self.adjacency[arch]
        return [(begin, end) for begin, end in np.argwhere(adjacency).tolist() if begin != end]

    @cached_property
    def support(self) -> NDArray[np.bool_]:
        """(V, V) True where any architecture has the edge."""
        return np.logical_or.reduce(self.adjacency.reshape(-1, *self.adjacency.shape[-2:]) != 0, axis=0)

    @cached_property
    def live(self) -> live.Live:
        """The architectures without what their output does not depend on."""
        return live.of(self.types, self.adjacency, self.node_types, self.roles)

    @property
    def roles(self) -> Operations:
        """The operation table."""
        return self.table or by_name(self.node_types)

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """(M,) equal numbers for equal architectures, see `siamnas.spaces.classes.of`."""
        return classes.of_live(self.live)

    def distinct(self, archs: NDArray[np.bool_] | None = None) -> int:
        """How many architectures a search can pay for, in all or among some (M,): of equal ones one, if `unique`."""
        archs = np.ones(len(self), dtype=bool) if archs is None else archs
        return len(np.unique(self.classes[archs])) if self.unique else int(archs.sum())
