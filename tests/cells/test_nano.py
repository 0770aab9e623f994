"""The Nano cell: what its nodes do, how wide they are, and which graphs are refused."""

import re
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from siamnas.cells.nano import Block, Cell, network
from siamnas.cells.nano_graph import OPERATIONS, read
from siamnas.cells.nano_layers import Attention, Expand, Split
from siamnas.errors import InputError
from siamnas.spaces.public import Space
from tests.cells.gradients import backward
from tests.cells.nano import Graph, graphs, nodes


def images(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def chain(*operations: str) -> Graph:
    return ["input", *operations, "output"], [(node, node + 1) for node in range(len(operations) + 1)]


def widths(operations: list[str], edges: list[tuple[int, int]], inputs: int, width: int) -> list[int]:
    """Channels that each node takes, from what its predecessors send."""
    sends: dict[str, Callable[[int], int]] = {
        "conv1x1": lambda channels: width,
        "expand": lambda channels: 3 * channels,
        "split": lambda channels: (channels + channels % 2) // 2,
    }

    def taken(node: int) -> int:
        return sum(sent(begin) for begin, end in edges if end == node) if node else inputs

    def sent(node: int) -> int:
        return sends.get(operations[node], lambda channels: channels)(taken(node))

    return [taken(node) for node in range(len(operations))]


@given(graphs(), st.integers(1, 9), st.integers(1, 9))
def test_channels_of_every_node(graph: Graph, inputs: int, width: int):
    cell = Cell(nodes(*graph), inputs, width)
    seen = [inputs]
    for operation in cell.operations:
        operation.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[1]))
    assert cell(images(2, inputs, 4, 4)).shape == (2, width, 4, 4)
    assert seen == widths(*graph, inputs, width)


@settings(max_examples=50)
@given(graphs())
def test_every_parameter_of_a_valid_cell_gets_a_finite_gradient(graph: Graph):
    small = network(nodes(*graph), 8, [8, 12, 16], 3, 5)
    x = images(2, 3, 32, 32)
    assert small(x).shape == (2, 5)
    assert backward(small, x) == {name for name, _ in small.named_parameters()}


def test_the_network_has_the_published_widths():
    full = network(nodes(*chain("expand", "dwconv3x3")), 128, [128, 256, 512], 3, 10)
    shapes = []
    for layer in full.features:
        layer.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    assert full(images(2, 3, 32, 32)).shape == (2, 10)
    assert shapes == [(128, 32, 32)] * 2 + [(128, 16, 16), (256, 16, 16), (256, 8, 8), (512, 8, 8)]
    assert all(len(block.others) == 2 for block in full.features if isinstance(block, Block))


def test_halves_go_to_the_two_successors_and_come_back_in_order():
    x = images(2, 6, 4, 4)
    both = ["input", "split", "none", "none", "output"], [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)]
    assert torch.equal(Cell(nodes(*both), 6, 6)(x), 2 * x)  # the input is added
    # The second half on its way by another node; the numbers of the nodes are the order of concatenation.
    turned = ["input", "split", "output", "none", "none"], [(0, 1), (1, 3), (1, 4), (3, 2), (4, 2)]
    assert torch.equal(Cell(nodes(*turned), 6, 6)(x), 2 * x)
    direct = ["input", "split", "none", "output"], [(0, 1), (1, 2), (1, 3), (2, 3)]
    assert torch.equal(Cell(nodes(*direct), 6, 6)(x), torch.cat([x[:, 3:], x[:, :3]], dim=1) + x)


def test_an_odd_number_of_channels_is_rounded_up_before_a_split():
    first, second = Split(5)(images(2, 5, 4, 4))
    assert first.shape == second.shape == (2, 3, 4, 4)
    assert not list(Split(6).parameters())


def test_expand_adds_its_input_to_three_chained_convolutions():
    expand, x = Expand(4), images(2, 4, 6, 6)
    one, two, three = expand.chain
    a = one(x) + x
    b = two(a) + x
    torch.testing.assert_close(expand(x), torch.cat([a, b, three(b) + x], dim=1))


def test_attention_weighs_the_channels():
    attention, x = Attention(8), images(2, 8, 6, 6)
    factor = attention(x) / x
    torch.testing.assert_close(factor, factor[..., :1, :1].expand_as(x))
    mean = x.mean(dim=(2, 3))
    q, k, v = (
        nn.functional.mish(mean @ layer.weight[..., 0, 0].T)
        for layer in (attention.query, attention.key, attention.value)
    )
    assert q.shape == (2, 2)
    for i in range(2):
        mixed = torch.softmax(torch.outer(q[i], k[i]), dim=1) @ v[i]
        expected = nn.functional.hardsigmoid(attention.factor.weight[..., 0, 0] @ mixed)
        torch.testing.assert_close(factor[i, :, 0, 0], expected)


def test_dwconv_and_conv_are_conv_bn_mish_and_only_the_output_lacks_the_mish():
    cell = Cell(nodes(*chain("dwconv3x3", "conv1x1", "expand")), 4, 6)
    depthwise, pointwise, _, output = cell.operations
    assert [type(layer) for layer in depthwise] == [nn.Conv2d, nn.BatchNorm2d, nn.Mish] == list(map(type, pointwise))
    assert [type(layer) for layer in output] == [nn.Conv2d, nn.BatchNorm2d]
    assert depthwise[0].weight.shape == (4, 1, 3, 3)
    assert pointwise[0].weight.shape == (6, 4, 1, 1)
    assert output[0].weight.shape == (6, 18, 1, 1)


def test_the_first_cell_of_a_block_is_added_to_its_last():
    block, x = Block(nodes(*chain("none")), 4, 4, 3), images(2, 4, 4, 4)
    assert torch.equal(block(x), 10 * x)  # a cell doubles: 2 x + 8 x
    assert torch.equal(Block(nodes(*chain("none")), 4, 4, 1)(x), 2 * x)


def test_padding_of_smaller_cells_is_no_part_of_them():
    own = Space.of_graphs(*zip(chain("none", "atten"), chain("conv1x1"), strict=True))
    assert own.operations(1) == ["input", "conv1x1", "output", "none"]
    assert [node.operation for node in read(own, 1)] == ["input", "conv1x1", "output"]
    assert [node.operation for node in read(own, 0)] == ["input", "none", "atten", "output"]


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (chain("maxpool3x3"), "unknown operation 'maxpool3x3' on node 1; must be one of " + ", ".join(OPERATIONS)),
        (chain("split"), "node 1 is a split: must have two successors, has 1"),
        ((["input", "none", "atten", "output"], [(0, 1), (0, 2), (1, 3)]), "'output' and no other must have no succ"),
        ((["input", "none", "atten", "output"], [(0, 1), (1, 3), (2, 3)]), "'input' and no other must have no pred"),
        ((["none", "atten"], [(0, 1)]), "one node 'input' and no other must have no predecessor; nodes [0] have none"),
        ((["input", "input", "output"], [(0, 1), (1, 2)]), "one node 'input' and no other"),
        ((["input", "none"], [(0, 1)]), "one node 'output' and no other must have no successor; nodes [1] have none"),
        ((["none"], []), "one node 'input' and no other"),
    ],
)
def test_an_invalid_cell_is_named(graph: Graph, message: str):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        nodes(*graph)
    assert str(caught.value).startswith("cell: ")
