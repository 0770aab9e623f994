"""Pictures of architectures: every node has a place of its own, arrows lead on, and the legend names all operations."""

import itertools

import matplotlib
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.patches import Circle, FancyArrowPatch  # noqa: E402

from siamnas.graphs import figure  # noqa: E402


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int]]]:
    """Operations and edges of an acyclic graph whose nodes come in any order."""
    names = draw(st.lists(st.sampled_from(["conv", "pool", "skip", "none", "$x_1$"]), min_size=1, max_size=20))
    order = draw(st.permutations(range(len(names))))
    pairs = list(itertools.combinations(order, 2))
    return names, draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []


@given(graphs())
def test_the_layer_of_a_node_is_its_longest_way(graph: tuple[list[str], list[tuple[int, int]]]):
    names, edges = graph

    def longest(node: int) -> int:
        return max((longest(begin) + 1 for begin, end in edges if end == node), default=0)

    assert figure.layers(len(names), edges).tolist() == [longest(node) for node in range(len(names))]


@given(graphs())
def test_no_two_nodes_touch(graph: tuple[list[str], list[tuple[int, int]]]):
    places = figure.layout(len(graph[0]), graph[1])
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    assert away.min(initial=np.inf) >= 2 * figure.RADIUS


def test_a_picture_has_all_nodes_all_edges_and_a_key_to_each_operation():
    operations = ["input", "conv", "skip", "a_b$c", "output", "unused"]
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)]
    axes = figure.draw(operations, edges, title="mine")
    try:
        assert sum(isinstance(patch, Circle) for patch in axes.patches) == 5
        assert sum(isinstance(patch, FancyArrowPatch) for patch in axes.patches) == len(edges)
        legend = axes.get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == ["input", "1  conv", "2  skip", "3  a_b$c", "output"]
        assert [text.get_text() for text in axes.texts] == ["", "1", "2", "3", ""]
        axes.figure.canvas.draw()
    finally:
        plt.close("all")


def test_what_does_nothing_is_spliced():
    operations = ["input", "absent", "conv", "absent", "absent", "output"]
    axes = figure.draw(operations, [(i, i + 1) for i in range(5)], hidden=["absent"])
    try:
        assert sum(isinstance(patch, Circle) for patch in axes.patches) == 3
        assert sum(isinstance(patch, FancyArrowPatch) for patch in axes.patches) == 2
    finally:
        plt.close("all")


def test_an_architecture_draws_itself():
    import siamnas

    (arch,) = siamnas.Search("nb201_c10", budget=3).ask()
    try:
        assert len(arch.plot().patches) > 5
    finally:
        plt.close("all")
