"""Graphs of operations -> a search space: node types, padding, adjacency."""

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.runtime.names import alike, look
from siamnas.spaces import given
from siamnas.spaces.listed import Space

PADDING = "none"
MOST_TYPES = 256  # node types are bytes
LARGEST = 1 << 33  # bytes of all adjacency matrices


def of_lists(
    operations: Sequence[Sequence[str]],
    edges: Sequence[Sequence[tuple[int, int]]],
    names: Sequence[str] | None,
    columns: Mapping[str, FloatArray],
    name: str,
    node_types: Sequence[str] | None = None,
    card: Mapping[str, str] | None = None,
) -> Space:
    """See `Space.of_graphs`, and `build` for the last two arguments.

    Raises:
        InputError: names the architecture and what is wrong with it.
    """
    operations = [
        [given.text("operations", node) for node in given.several("operations", nodes)]
        for nodes in given.several("operations", operations)
    ]
    edges = [given.several("edges", pairs) for pairs in given.several("edges", edges)]
    if len(operations) != len(edges):
        raise InputError(f"{len(operations)} lists of operations, but {len(edges)} of edges: must be one each")
    names = [f"arch_{i}" for i in range(len(operations))] if names is None else _names(names)
    if len(names) != len(operations):
        raise InputError(f"names: must be {len(operations)}, one per architecture, not {len(names)}")
    matrices = []
    for arch, nodes, pairs in zip(names, operations, edges, strict=True):
        matrix = np.zeros((len(nodes), len(nodes)), dtype=np.float32)
        for pair in pairs:
            try:
                begin, end = map(index, pair)
            except (TypeError, ValueError):
                raise InputError(f"{arch}: edge {pair}: must be a pair of node numbers") from None
            if not (0 <= begin < len(nodes) and 0 <= end < len(nodes)):
                raise InputError(f"{arch}: edge {tuple(pair)}: must join two of its {len(nodes)} nodes, from 0")
            matrix[begin, end] = 1
        check_acyclic(matrix, arch)
        matrices.append(matrix)
    return build(names, operations, matrices, node_types, given.columns(columns, names), given.text("name", name), card)


def _names(names: Any) -> list[str]:
    """The names of architectures, which may be numbers."""
    texts = [str(name) if isinstance(name, int | np.integer) else name for name in given.several("names", names)]
    return [given.text("names", text) for text in texts]


def build(
    names: Sequence[str],
    operations: Sequence[Sequence[str]],
    matrices: Sequence[NDArray[np.float32]],
    node_types: Sequence[str] | None,
    columns: Mapping[str, FloatArray],
    name: str,
    card: Mapping[str, str] | None = None,
) -> Space:
    """A space of checked graphs; smaller ones are padded with `none` nodes, and every node gets a self loop.

    Args:
        names: of the architectures.
        operations: of each, the names on its nodes.
        matrices: of each, (v, v) 0/1 without self loops.
        node_types: the F names that may occur; None for those that do.
        columns: free columns, each (M,).
        name: of the space.
        card: of the space.

    Raises:
        InputError: two architectures have one name, a name of an operation is unknown, or there are none.
    """
    if not names:
        raise InputError(f"{name}: must hold at least one architecture")
    seen: set[str] = set()
    for arch in names:
        if not (seen_as := look(arch)):
            raise InputError(f"{arch!r}: must be the name of an architecture")
        if seen_as in seen:
            raise InputError(f"{arch}: two architectures have this name")
        seen.add(seen_as)
    size = max(map(len, operations))
    if not size:
        raise InputError(f"{names[0]}: must have at least one node")
    padded = any(len(nodes) < size for nodes in operations)
    if node_types is None:
        occurring = {operation for nodes in operations for operation in nodes}
        node_types = sorted(occurring | ({PADDING} if padded else set()))
    if alike(node_types) is not None or not 1 <= len(node_types) <= MOST_TYPES:
        named = shown(",".join(map(str, node_types)))
        raise InputError(f"space.node_types={named}: must be 1 to {MOST_TYPES} different names, to the eye as well")
    if PADDING not in node_types and padded:
        raise InputError(
            f"space.node_types={','.join(node_types)}: must include {PADDING}, which pads smaller architectures"
        )
    number = {operation: i for i, operation in enumerate(node_types)}
    if (space := len(names) * size * size * 4) > LARGEST:
        raise InputError(
            f"{name}: {len(names):,} architectures of up to {size} nodes take {space / 2**30:,.0f} GiB, must be at "
            f"most {LARGEST >> 30}; siamnas.Space.of_choices describes a space that no list can hold"
        )
    types = np.full((len(names), size), number.get(PADDING, 0), np.uint8)
    adjacency = np.tile(np.eye(size, dtype=np.float32), (len(names), 1, 1))
    for i, (arch, nodes, matrix) in enumerate(zip(names, operations, matrices, strict=True)):
        unknown = [operation for operation in nodes if operation not in number]
        if unknown:
            raise InputError(f"{arch}: unknown operation {unknown[0]!r}; space.node_types has {', '.join(node_types)}")
        types[i, : len(nodes)] = [number[operation] for operation in nodes]
        adjacency[i, : len(nodes), : len(nodes)] += matrix
    # Equal edges are kept once: the kernels and the ranking have a faster way for them.
    if (adjacency == adjacency[0]).all():
        adjacency = adjacency[0]
    free = {key: np.asarray(values, dtype=np.float64) for key, values in columns.items()}
    for key, values in free.items():
        if values.shape != (len(names),):
            raise InputError(f"columns[{key!r}]: must be {len(names)} numbers, one per architecture, is {values.shape}")
    return Space(
        name=name,
        node_types=tuple(node_types),
        types=types,
        adjacency=adjacency,
        archs=np.array(names),
        columns=free,
        card=card or {},
    )


def check_acyclic(matrix: NDArray[np.float32], arch: str) -> None:
    """Check that an adjacency matrix without self loops is a DAG.

    Raises:
        InputError: names the architecture and the nodes.
    """
    if matrix.diagonal().any():
        raise InputError(f"{arch}: has a self loop; leave it out, every node gets one")
    left = np.ones(len(matrix), dtype=bool)
    while left.any():
        sources = left & ~matrix[left].any(axis=0)
        if not sources.any():
            raise InputError(f"{arch}: has a cycle among nodes {np.flatnonzero(left).tolist()}")
        left &= ~sources
