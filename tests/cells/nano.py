"""Valid Nano cells at random."""

from hypothesis import strategies as st

from siamnas.cells.nano_graph import OPERATIONS, Node, read
from siamnas.spaces.public import Space

Graph = tuple[list[str], list[tuple[int, int]]]


@st.composite
def graphs(draw: st.DrawFn, nodes: int = 7) -> Graph:
    """At most `nodes` nodes in topological order: a `split` has two successors, any other node but the output one."""
    size = draw(st.integers(2, nodes))
    inner = [draw(st.sampled_from(OPERATIONS[:-2] if node == size - 2 else OPERATIONS)) for node in range(1, size - 1)]
    operations = ["input", *inner, "output"]
    successors = [
        draw(
            st.lists(
                st.integers(node + 1, size - 1),
                min_size=1 + (operation == "split"),
                max_size=1 + (operation == "split"),
                unique=True,
            )
        )
        for node, operation in enumerate(operations[:-1])
    ]
    # Every node leads to the output; what the input does not lead to is left out.
    led = {0}
    for node in range(size - 1):
        led |= set(successors[node]) if node in led else set()
    number = {node: place for place, node in enumerate(sorted(led))}
    edges = [(number[begin], number[end]) for begin in number if begin < size - 1 for end in successors[begin]]
    return [operations[node] for node in number], edges


def nodes(operations: list[str], edges: list[tuple[int, int]]) -> list[Node]:
    """A cell as its network takes it."""
    return read(Space.of_graphs([operations], [edges], ["cell"]), 0)
