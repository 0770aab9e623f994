"""NAS-Bench-201: cells and networks, from arch strings and from a space."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from siamnas.cells.nb201 import Reduction, full, reduced
from siamnas.cells.nb201_cell import EDGES, Cell, checked, edge_operations, parse
from siamnas.errors import InputError
from siamnas.spaces.nb201 import OPERATIONS
from siamnas.spaces.public import Space
from tests.cells.gradients import backward

CELLS = st.lists(st.sampled_from(OPERATIONS), min_size=6, max_size=6)
FEW = np.random.default_rng(0).choice(15_625, 4, replace=False).tolist()


def images(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_the_graph_and_the_arch_string_of_every_architecture_are_one_cell(nb201):
    for arch, name in enumerate(nb201.archs):
        assert edge_operations(nb201, arch) == parse(str(name))


@pytest.mark.parametrize(
    ("arch", "message"),
    [
        ("|none~0|+|none~0|none~1|", "must have the form"),
        (
            "|none~0|+|none~0|none~1|+|none~0|none~1|conv~2|",
            "unknown operation 'conv' on edge 2->3; must be one of none",
        ),
    ],
)
def test_an_arch_string_that_is_none_is_named(arch: str, message: str):
    with pytest.raises(InputError, match=re.escape(f"{arch}: {message}")):
        parse(arch)
    with pytest.raises(InputError, match="cell: must have 6 operations, one per edge, not 1"):
        checked(["none"], "cell")


def test_a_graph_that_is_no_cell_is_named(nb201):
    nodes, edges = nb201.operations(0), nb201.edges(0)
    graphs = {
        "lacks an edge": (nodes, edges[1:]),
        "has another sum": ([*nodes[:5], "output", *nodes[6:]], edges),
        "has a sum on an edge": ([nodes[0], "none", *nodes[2:]], edges),
        "is small": (nodes[:3], edges[:1]),
        "is a cell": (nodes, edges),
    }
    own = Space.of_graphs([n for n, _ in graphs.values()], [e for _, e in graphs.values()], list(graphs))
    for arch, name in enumerate(graphs):
        if name == "is small":  # padded to ten nodes
            assert len(own.operations(arch)) == 10
        if name == "is a cell":
            assert edge_operations(own, arch) == edge_operations(nb201, 0)
        else:
            with pytest.raises(InputError, match=f"^{name}: (is no cell|unknown operation .* on edge 0->1)"):
                edge_operations(own, arch)


@given(CELLS)
def test_a_feature_map_is_the_sum_of_its_edges(operations: list[str]):
    cell, x = Cell(operations, 4), images(2, 4, 6, 6)
    modules = dict(zip([edge for edge, _ in cell.edges], cell.operations, strict=True))

    def feature_map(j: int) -> Tensor:
        if j == 0:
            return x
        terms = [modules[i, j](feature_map(i)) for i in range(j) if (i, j) in modules]
        return sum(terms, torch.zeros_like(x))

    assert set(modules) == {edge for edge, operation in zip(EDGES, operations, strict=True) if operation != "none"}
    torch.testing.assert_close(cell(x), feature_map(3))


def test_operations_do_what_their_names_say():
    x = images(2, 4, 6, 6)
    assert torch.equal(Cell(["skip_connect"] * 6, 4)(x), 4 * x)
    assert not Cell(["none"] * 6, 4)(x).any()

    def alone(operation: str) -> Cell:
        return Cell(["none"] * 3 + [operation] + ["none"] * 2, 4)

    pooled = alone("avg_pool_3x3")(x)
    torch.testing.assert_close(pooled[..., 0, 0], x[..., :2, :2].mean(dim=(2, 3)))  # without what is outside
    torch.testing.assert_close(pooled[..., 3, 3], x[..., 2:5, 2:5].mean(dim=(2, 3)))
    for operation, size in (("nor_conv_1x1", 1), ("nor_conv_3x3", 3)):
        cell = alone(operation)
        (weight,) = (parameter for parameter in cell.parameters() if parameter.ndim == 4)
        assert weight.shape == (4, 4, size, size)
        convolved = torch.nn.functional.conv2d(x.relu(), weight, padding="same")
        spread, mean = torch.var_mean(convolved, dim=(0, 2, 3), correction=0, keepdim=True)
        torch.testing.assert_close(cell(x), (convolved - mean) / (spread + 1e-5).sqrt())


def test_a_reduction_halves_the_image_and_has_a_shortcut():
    block, x = Reduction(4, 8), images(2, 4, 8, 8)
    for norm in (block.main[0][-1], block.main[1][-1]):
        assert block(x).shape == (2, 8, 4, 4)
        torch.nn.init.zeros_(norm.weight)
    shortcut = torch.nn.functional.conv2d(torch.nn.functional.avg_pool2d(x, 2), block.shortcut[1].weight)
    torch.testing.assert_close(block(x), shortcut)


@pytest.mark.parametrize("arch", FEW)
@pytest.mark.parametrize("classes", [10, 100])
def test_full_size_networks_classify_images(nb201, arch: int, classes: int):
    operations = edge_operations(nb201, arch)
    network = full(operations, [16, 32, 64], 5, classes)
    shapes = []
    for layer in network.features:
        layer.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    assert network(images(2, 3, 32, 32)).shape == (2, classes)
    stages = [(16, 32, 32)] * 6 + [(32, 16, 16)] * 6 + [(64, 8, 8)] * 6
    assert shapes == [*stages, (64, 8, 8), (64, 8, 8)]  # a stem or a reduction, five cells; BN and ReLU

    network, shapes = reduced(operations, 32, 4, classes), []
    for layer in network.features:
        layer.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    assert network(images(2, 3, 32, 32)).shape == (2, classes)
    assert shapes == [(32, 32, 32), (32, 32, 32), (32, 8, 8), (32, 8, 8)]


@given(CELLS)
def test_exactly_what_the_logits_depend_on_gets_a_gradient(operations: list[str]):
    network = full(operations, [4, 8], 2, 3)
    reached = backward(network, images(2, 3, 8, 8))
    kept = [edge for edge, operation in zip(EDGES, operations, strict=True) if operation != "none"]

    def leads(begin: int, end: int) -> bool:
        return begin == end or any(leads(j, end) for i, j in kept if i == begin)

    # The last module of a row that passes nothing on hides everything before it.
    layers = list(enumerate(network.features))
    hidden = [place for place, layer in layers if isinstance(layer, Cell) and not leads(0, 3)]
    last = max(hidden, default=-1)
    expected = {"linear.weight", "linear.bias"}
    for place, layer in layers:
        for name, _ in layer.named_parameters():
            if isinstance(layer, Cell):
                (_, end), _ = layer.edges[int(name.split(".")[1])]
                seen = place >= last and leads(end, 3)
            else:
                seen = place > last
            expected |= {f"features.{place}.{name}"} if seen else set()
    assert reached == expected


def test_every_stage_is_wider_by_a_reduction():
    network = full(["skip_connect"] * 6, [4, 6, 10, 12], 1, 3)
    reductions = [layer for layer in network.features if isinstance(layer, Reduction)]
    assert [layer.shortcut[1].weight.shape[:2] for layer in reductions] == [(b, a) for a, b in pairwise([4, 6, 10, 12])]
