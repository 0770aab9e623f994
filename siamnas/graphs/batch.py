"""A batch of graphs with operations on their nodes."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siamnas.graphs import canonical, pruning
from siamnas.graphs.arrays import FloatArray, Types
from siamnas.graphs.roles import Roles, by_name

if TYPE_CHECKING:
    from siamnas.graphs.features.base import FeatureSet


@dataclass(frozen=True, kw_only=True)
class GraphBatch:
    """M graphs of V nodes over F node types.

    Attributes:
        node_types: the F names behind the one-hot node features.
        types: (M, V) the node type of every node; uint8, or int16 where there are more than 256.
        adjacency: A + I as float32, (V, V) where all graphs share it, else (M, V, V); entry (i, j) is an edge i -> j.
        columns: name -> (M,) float64, what is known without training, such as `flops` and `params`; NaN where unknown.
        table: what the node types do; None for what their names say, see `siamnas.graphs.roles.by_name`.
    """

    node_types: tuple[str, ...]
    types: Types
    adjacency: NDArray[np.float32]
    columns: Mapping[str, FloatArray] = field(default_factory=dict)
    table: Roles | None = None

    def __len__(self) -> int:
        return len(self.types)

    @cached_property
    def support(self) -> NDArray[np.bool_]:
        """(V, V) True where any graph has the edge."""
        return np.logical_or.reduce(self.adjacency.reshape(-1, *self.adjacency.shape[-2:]) != 0, axis=0)

    @cached_property
    def pruned(self) -> pruning.Pruned:
        """The graphs without what their output does not depend on."""
        return pruning.prune(self.types, self.adjacency, self.node_types, self.roles)

    @property
    def roles(self) -> Roles:
        """What the node types do."""
        return self.table or by_name(self.node_types)

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """(M,) equal numbers for equal graphs, see `siamnas.graphs.canonical.classes`."""
        return self.kept("classes", lambda: {"classes": canonical.classes(self.pruned)})["classes"]

    def kept(self, name: str, make: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Arrays by name that are computed of the graphs alone; a large list may have them on the disk."""
        return make()

    @property
    def reference(self) -> "GraphBatch":
        """The batch that says which features there are, and in which unit, see `siamnas.graphs.features`."""
        return self

    @property
    def choices(self) -> "FeatureSet | None":
        """The choices that the graphs are made of, where these are known."""
        return None

    def sets(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The sets of features that stand for those of `names`, where others say the same of these graphs."""
        return names

    def cost(self, column: str) -> FloatArray:
        """(M,) a column that counts operations, the least of equal graphs: some tables count dead ones."""
        cost = np.full(len(self), np.nan)
        np.fmin.at(cost, self.classes, self.columns[column])
        return cost[self.classes]

    @cached_property
    def derived(self) -> dict[Hashable, Any]:
        """What others have computed of the graphs and will need again; never changed, and pickled with them."""
        return {}
