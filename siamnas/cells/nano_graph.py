"""The graph of a Nano cell, read from a space and checked."""

from dataclasses import dataclass

from siamnas.errors import InputError
from siamnas.spaces.from_graphs import PADDING
from siamnas.spaces.listed import Space
from siamnas.spaces.nano.cells import INPUT, OPERATIONS, OUTPUT, SPLIT


@dataclass(frozen=True)
class Node:
    """One node of a cell.

    Attributes:
        operation: one of OPERATIONS, `input` or `output`.
        sources: what it concatenates, in this order: (number of a node, which half of a `split`, else 0). Numbers are
            positions in the list of nodes.
    """

    operation: str
    sources: tuple[tuple[int, int], ...]


def read(space: Space, arch: int) -> list[Node]:
    """The nodes of an architecture in topological order, `input` first and `output` last; padding is left out.

    Raises:
        InputError: no valid cell: an operation is unknown, input and output are not one each, a `split` has other than
            two successors, or a node is not on a path from input to output; names the architecture and the node.
    """
    name, operations, edges = str(space.archs[arch]), space.operations(arch), space.edges(arch)
    linked = {node for edge in edges for node in edge}
    used = [node for node, operation in enumerate(operations) if node in linked or operation != PADDING]
    successors = {node: [end for begin, end in edges if begin == node] for node in used}
    sources = {node: [begin for begin, end in edges if end == node] for node in used}
    for node in used:
        if operations[node] not in (INPUT, OUTPUT, *OPERATIONS):
            allowed = ", ".join(OPERATIONS)
            raise InputError(f"{name}: unknown operation {operations[node]!r} on node {node}; must be one of {allowed}")
        if operations[node] == SPLIT and len(successors[node]) != 2:
            raise InputError(f"{name}: node {node} is a split: must have two successors, has {len(successors[node])}")
    # With one source and one sink in a DAG, every node is on a path between them.
    for word, neighbours, which in ((INPUT, sources, "predecessor"), (OUTPUT, successors, "successor")):
        ends = [node for node in used if not neighbours[node]]
        named = [node for node in used if operations[node] == word]
        if len(ends) != 1 or ends != named:
            raise InputError(f"{name}: one node {word!r} and no other must have no {which}; nodes {ends} have none")

    order: list[int] = []
    while left := [node for node in used if node not in order]:
        order.append(next(node for node in left if set(sources[node]) <= set(order)))
    halves = {node: successors[node] if operations[node] == SPLIT else [] for node in used}
    return [
        Node(
            operations[node],
            tuple((order.index(begin), halves[begin].index(node) if halves[begin] else 0) for begin in sources[node]),
        )
        for node in order
    ]
