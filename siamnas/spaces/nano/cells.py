"""The cells of the Nano space (Siamese-NAS, arXiv 2210.00546), each once however its nodes are numbered."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product

from siamnas.spaces.from_graphs import PADDING

SPLIT = "split"
OPERATIONS = ("dwconv3x3", "conv1x1", "atten", "expand", SPLIT, PADDING)  # the last one passes on what it takes
INPUT, OUTPUT = "input", "output"

Successors = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Cell:
    """A cell, its nodes in topological order.

    Attributes:
        operations: of the nodes: `input`, then some of OPERATIONS, then `output`.
        successors: of every node, ascending.
    """

    operations: tuple[str, ...]
    successors: Successors

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Pairs (from, to) of node numbers in ascending order."""
        return [(begin, end) for begin, ends in enumerate(self.successors) for end in ends]

    @property
    def name(self) -> str:
        """Node by node from 1, the operation and what it takes: `split~0|atten~1|output~1~2`."""
        parts = [[operation] for operation in self.operations]
        for begin, end in self.edges:
            parts[end].append(str(begin))
        return "|".join(map("~".join, parts[1:]))


def cells(nodes: int) -> Iterator[Cell]:
    """All cells of some number of nodes, input and output included.

    A `split` has two successors and any other node has one: the published network gives nothing to a further one. Every
    node is on a path from input to output. Of cells that are equal but for the numbers of their nodes there is one.
    """
    for graph in _graphs(nodes):
        symmetries = _symmetries(graph)
        if symmetries is None:
            continue
        free = [name for name in OPERATIONS if name != SPLIT]
        for inner in product(*([SPLIT] if len(ends) == 2 else free for ends in graph[1:-1])):
            operations = (INPUT, *inner, OUTPUT)
            # A symmetry of the graph exchanges operations; of these cells the first one stands for all.
            if all(operations <= tuple(operations[node] for node in symmetry) for symmetry in symmetries):
                yield Cell(operations, graph)


def _graphs(nodes: int) -> Iterator[Successors]:
    """All graphs in topological order: every node has a predecessor, and one successor or, inside, maybe two."""
    last = nodes - 1
    choices: list[list[tuple[int, ...]]] = []
    for node in range(last):
        later = range(node + 1, nodes)
        choices.append([*combinations(later, 1), *(combinations(later, 2) if node else [])])
    for graph in product(*choices):
        if len(set().union(*graph)) == last:
            yield (*graph, ())


def _symmetries(graph: Successors) -> list[tuple[int, ...]] | None:
    """The new numbers of the nodes that give the same graph; None if another order of the nodes gives a smaller one."""
    found = []
    last = len(graph) - 1
    for inner in permutations(range(1, last)):
        number = (0, *inner, last)
        if any(number[begin] > number[end] for begin, ends in enumerate(graph) for end in ends):
            continue
        rows = {number[begin]: tuple(sorted(number[end] for end in ends)) for begin, ends in enumerate(graph)}
        renamed = tuple(rows[node] for node in range(last + 1))
        if renamed < graph:
            return None
        if renamed == graph:
            found.append(number)
    return found
