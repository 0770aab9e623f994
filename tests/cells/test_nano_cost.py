"""FLOPs and parameters of Nano cells by arithmetic are those of torch's counter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.cells.cost import Cost, count
from siamnas.cells.nano import network
from siamnas.spaces.nano.cells import Cell, cells
from siamnas.spaces.nano.cost import PUBLISHED, Body, cost
from tests.cells.nano import Graph, graphs, nodes


def counted(cell: Cell, body: Body) -> Cost:
    with torch.device("meta"):
        made = network(nodes(list(cell.operations), cell.edges), body.stem, body.widths, body.cells, body.classes)
    return count(made, (3, body.size, body.size))


@st.composite
def bodies(draw: st.DrawFn) -> Body:
    """Small ones; odd numbers of channels occur."""
    widths = draw(st.lists(st.integers(1, 13), min_size=1, max_size=3))
    return Body(draw(st.integers(1, 13)), tuple(widths), draw(st.integers(1, 2)), draw(st.integers(1, 5)), 4 * 2)


@settings(max_examples=40)
@given(graphs(), bodies())
def test_cells_in_small_networks(graph: Graph, body: Body):
    operations, edges = graph
    successors = tuple(tuple(end for begin, end in edges if begin == node) for node in range(len(operations)))
    cell = Cell(tuple(operations), successors)
    assert Cost(*cost(cell, body)) == counted(cell, body)


def check_published(number: int) -> None:
    """Random cells of the space in the published network."""
    listed = [cell for size in range(2, 8) for cell in cells(size)]
    for arch in np.random.default_rng(0).choice(len(listed), number, replace=False):
        assert Cost(*cost(listed[arch])) == counted(listed[arch], PUBLISHED), listed[arch]


def test_the_published_network():
    check_published(4)


@pytest.mark.slow
def test_many_published_networks():
    check_published(100)
