"""Results that architectures share while a whole space is ranked.

Where all architectures have the same edges, the features of a node after the network's first two groups depend on the
types of its neighbourhood only: of the 15,625 architectures of NAS-Bench-201, at most 125 differ at one node and
direction. They are computed once per network, and every architecture looks its nodes up, see
`siamnas.nn.fused.ranking`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from siamnas.graphs.arrays import IntArray


@dataclass(frozen=True)
class Neighbourhoods:
    """Which nodes of which architectures have the same features after two groups.

    A row of the table belongs to a node, a direction (along or against the edges) and the types of all nodes that it
    depends on.

    Attributes:
        examples: (E,) architectures in which every row occurs.
        example: (rows,) position in `examples` of an architecture with that row.
        place: (rows,) direction * V + node of the row.
        rows: (M, 2, V) the row of each direction of each node of each architecture.
    """

    examples: IntArray
    example: IntArray
    place: IntArray
    rows: IntArray

    @classmethod
    def of(cls, types: np.ndarray, adjacency: np.ndarray) -> "Neighbourhoods":
        """Find them.

        Args:
            types: (M, V) node types.
            adjacency: (V, V), non-zero where i -> j; with self loops.
        """
        archs, nodes = types.shape
        along = adjacency != 0
        after_one = along | along.T  # (V, V): what a node's features depend on after the first group
        base = int(types.max()) + 1
        found: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
        first, place, rows = [], [], np.empty((archs, 2, nodes), dtype=np.int64)
        count = 0
        for direction, edges in enumerate((along, along.T)):
            for node in range(nodes):
                depends = after_one[edges[node]].any(axis=0)
                # Nodes that depend on the same others share the search for different neighbourhoods.
                key = depends.tobytes()
                if key not in found:
                    # A number in base F for the types of the neighbourhood: equal numbers, equal features.
                    code = types[:, depends].astype(np.int64) @ base ** np.arange(depends.sum())
                    found[key] = np.unique(code, return_index=True, return_inverse=True)[1:]
                arch, inverse = found[key]
                rows[:, direction, node] = count + inverse
                first.append(arch)
                place.append(np.full(len(arch), direction * nodes + node))
                count += len(arch)
        examples, example = np.unique(np.concatenate(first), return_inverse=True)
        return cls(examples, example, np.concatenate(place), rows)

    def table(self, sides: Tensor) -> Tensor:
        """Features of every row, halved: a node's features are the sum of its two rows.

        Args:
            sides: (R, 2, C, V, E) what `GraphPredictorNetwork.stem_sides` makes of the examples.

        Returns:
            (R, rows, C)
        """
        features = sides.permute(0, 1, 3, 4, 2).flatten(1, 3)  # (R, 2 * V * E, C)
        position = torch.from_numpy(self.place * len(self.examples) + self.example)
        return features.index_select(1, position.to(sides.device)).div_(2)
