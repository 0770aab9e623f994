"""An architecture as a picture: a cell as a graph from left to right, a long chain in lines as a text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.roles import table
from siamnas.runtime.drawing import INK, MUTED, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")  # Okabe and Ito
ACROSS = 12  # layers in one line
RADIUS, LINE = 0.3, 2.2  # of a node, and from line to line, in layers
BEND = 0.28  # of an arrow that passes a node
KEYS = 3  # of the legend beside one another

Edges = Sequence[tuple[int, int]]


def draw(
    operations: Sequence[str],
    edges: Edges,
    axes: "Axes | None" = None,
    title: str = "",
    hidden: Sequence[str] = (),
) -> "Axes":
    """Draw an architecture with its operations by colour and number, and a legend of them.

    Args:
        operations: the operation on each node.
        edges: pairs (from, to) of node numbers.
        axes: of matplotlib; new ones if None.
        title: above it.
        hidden: operations that do nothing; what leads to one leads to what follows it.
    """
    from matplotlib import pyplot as plt

    edges = _spliced(edges, {node for node, name in enumerate(operations) if name in hidden})
    kept = sorted({node for edge in edges for node in edge}) or list(range(len(operations)))
    number = {node: i for i, node in enumerate(kept)}
    joined = [(number[begin], number[end]) for begin, end in edges]
    names = [operations[node] for node in kept]
    places = layout(len(names), joined)
    with styled():
        if axes is None:
            width, height = np.ptp(places, axis=0) + 2
            axes = plt.subplots(figsize=(max(0.42 * width, 3.15), 0.42 * height + 0.7), layout="constrained")[1]
        _edges(axes, places, joined)
        _nodes(axes, places, names)
        axes.set(aspect="equal", title=title)
        axes.axis("off")
        axes.margins(0.1)
    return axes


def _spliced(edges: Edges, hidden: set[int]) -> list[tuple[int, int]]:
    """The edges without some nodes."""
    found = list(edges)
    for node in hidden:
        before, behind = [a for a, b in found if b == node], [b for a, b in found if a == node]
        found = [edge for edge in found if node not in edge] + [(a, b) for a in before for b in behind]
    return list(dict.fromkeys(found))


def layout(nodes: int, edges: Edges) -> FloatArray:
    """(V, 2) places: the layer of a node is the longest way to it; within a layer nodes lie beside what they take.

    Layers beyond `ACROSS` go on in the next line, in the other direction.
    """
    layer = layers(nodes, edges)
    down = layer // ACROSS
    across = np.where(down % 2 == 0, layer % ACROSS, ACROSS - 1 - layer % ACROSS)
    height = np.zeros(nodes)
    for place in range(int(layer.max(initial=0)) + 1):
        here = np.flatnonzero(layer == place)
        before = [np.mean([height[begin] for begin, end in edges if end == node] or [0.0]) for node in here]
        seats = np.empty(len(here))
        seats[np.argsort(before, kind="stable")] = np.arange(len(here)) - (len(here) - 1) / 2
        height[here] = seats
    widest = max((np.sum(layer == place) for place in layer), default=1)
    return np.stack([across, -height - down * (LINE + widest - 1)], axis=1).astype(np.float64)


def layers(nodes: int, edges: Edges) -> IntArray:
    """(V,) the number of edges on the longest way to each node."""
    found = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes):
        longer = found.copy()
        for begin, end in edges:
            longer[end] = max(longer[end], longer[begin] + 1)
        if (longer == found).all():
            break
        found = longer
    return found


def _edges(axes: "Axes", places: FloatArray, edges: Edges) -> None:
    """Arrows; those that pass other layers bend around them."""
    from matplotlib.patches import FancyArrowPatch

    for begin, end in edges:
        (x, y), (to, other) = places[begin], places[end]
        between = (places[:, 0] > min(x, to)) & (places[:, 0] < max(x, to)) & (np.abs(places[:, 1] - y) < 0.5)
        bend = BEND if abs(other - y) < 0.5 and between.any() else 0.0
        axes.add_patch(
            FancyArrowPatch(
                (x, y), (to, other), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=6,
                color=MUTED, linewidth=0.8, shrinkA=7, shrinkB=7, zorder=1,
            )
        )  # fmt: skip


def _nodes(axes: "Axes", places: FloatArray, names: Sequence[str]) -> None:
    """Circles by operation; input and output are dark, identities empty."""
    from matplotlib.patches import Circle

    types = list(dict.fromkeys(names))
    roles = table(types)
    plain = roles.input | roles.output
    numbered = [name for name in types if name not in plain]
    handles: dict[str, Any] = {}
    for (x, y), name in zip(places, names, strict=True):
        seat = numbered.index(name) if name in numbered else -1
        colour = INK if seat < 0 else "white" if name in roles.identity | roles.zero else COLOURS[seat % len(COLOURS)]
        handles[name] = axes.add_patch(Circle((x, y), RADIUS, facecolor=colour, edgecolor=INK, linewidth=0.7, zorder=2))
        said = "" if seat < 0 else str(seat + 1)
        axes.text(x, y, said, ha="center", va="center", fontsize=6.5, color=_ink(colour), zorder=3)
    keys = [f"{numbered.index(name) + 1}  {name}" if name in numbered else name for name in types]
    axes.legend(
        [handles[name] for name in types], keys, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=KEYS, fontsize=7,
        handlelength=1, columnspacing=1,
    )  # fmt: skip


def _ink(colour: str) -> str:
    """What can be read on a colour."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.4 else INK
