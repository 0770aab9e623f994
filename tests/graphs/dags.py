"""Random graphs of operations, and the obvious way to remove what is dead from one."""

import networkx
import numpy as np

from siamnas.spaces.public import Space

OPERATIONS = ("conv", "deep", "max_pool", "skip_connect", "zero")
DEAD, PASSED = {"zero"}, {"skip_connect", "input", "output"}
Graph = tuple[list[str], list[tuple[int, int]]]


def random_graph(rng: np.random.Generator, most: int = 5, share: float = 0.5) -> Graph:
    """Up to `most` operations between an input and an output, numbered in any order."""
    inner = int(rng.integers(0, most + 1))
    operations = ["input", *rng.choice(OPERATIONS, inner, p=[0.3, 0.1, 0.1, 0.35, 0.15]).tolist(), "output"]
    size = len(operations)
    edges = [(i, j) for j in range(size) for i in range(j) if rng.random() < share]
    return renumbered((operations, edges), rng)


def renumbered(graph: Graph, rng: np.random.Generator) -> Graph:
    """The same graph, its nodes in another order."""
    operations, edges = graph
    order = rng.permutation(len(operations))
    place = np.argsort(order)
    return [operations[node] for node in order], sorted((int(place[i]), int(place[j])) for i, j in edges)


def space_of(graphs: list[Graph], **options) -> Space:
    operations, edges = zip(*graphs, strict=True)
    return Space.of_graphs(operations, edges, **options)


def pruned_graph(graph: Graph) -> networkx.DiGraph:
    """What is left of a graph: nodes with a `label`, edges with a `weight`; by definition, one step after the other."""
    operations, edges = graph
    found = networkx.DiGraph()
    found.add_nodes_from((node, {"label": label}) for node, label in enumerate(operations))
    found.add_node("begin", label="begin")
    found.add_node("end", label="end")
    for begin, end in edges:
        found.add_edge(begin, end, weight=1)
    for node, label in enumerate(operations):
        if label == "input":
            found.add_edge("begin", node, weight=1)
        if label == "output":
            found.add_edge(node, "end", weight=1)
    found.remove_nodes_from([node for node, label in enumerate(operations) if label in DEAD])
    for node in list(found):
        ends = node in ("begin", "end")
        if not ends and not (networkx.has_path(found, "begin", node) and networkx.has_path(found, node, "end")):
            found.remove_node(node)
    for node in [node for node in found if found.nodes[node]["label"] in PASSED]:
        for before, _, into in list(found.in_edges(node, data="weight")):
            for _, after, out in list(found.out_edges(node, data="weight")):
                known = found.edges[before, after]["weight"] if found.has_edge(before, after) else 0
                found.add_edge(before, after, weight=known + into * out)
        found.remove_node(node)
    return found


def equal(one: networkx.DiGraph, other: networkx.DiGraph) -> bool:
    """Whether two pruned graphs are the same but for the numbers of their nodes."""
    return networkx.is_isomorphic(
        one, other, lambda a, b: a["label"] == b["label"], lambda a, b: a["weight"] == b["weight"]
    )


def paths_of(graph: Graph) -> list[list[str]]:
    """The operations with a role in numbers along every path from input to output, skips left out; one list a path."""
    operations, edges = graph
    after: dict[int, list[int]] = {node: [] for node in range(len(operations))}
    for begin, end in edges:
        after[begin].append(end)
    found, todo = [], [[operations.index("input")]]
    while todo:
        path = todo.pop()
        if operations[path[-1]] == "output":
            found.append([operations[node] for node in path])
        todo += [[*path, node] for node in after[path[-1]]]
    kept = [path for path in found if not DEAD & set(path)]
    return [[operation for operation in path if operation not in PASSED] for path in kept]
