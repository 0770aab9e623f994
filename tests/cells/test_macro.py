"""The network of NAS-Bench-Macro."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.cells import macro
from siamnas.cells.macro import MobileBlock
from siamnas.errors import InputError
from siamnas.spaces.public import Space
from tests.cells.gradients import backward


def chain(*layers: str) -> Space:
    return Space.of_graphs(
        [["input", *layers, "output"]], [[(i, i + 1) for i in range(len(layers) + 1)]], ["chain"], name="own"
    )


def test_the_published_network(nb_macro):
    network = macro.build(nb_macro, 5000, 10, [2, 3, 3], 32, 1280)
    shapes = []
    for layer in network.features:
        layer.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    assert network(torch.randn(2, 3, 32, 32)).shape == (2, 10)
    assert shapes == [(32, 32, 32), *[(64, 16, 16)] * 2, *[(128, 8, 8)] * 3, *[(256, 4, 4)] * 3, (1280, 4, 4)]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(macro.DIGITS), min_size=4, max_size=4))
def test_every_parameter_gets_a_finite_gradient(layers: list[str]):
    network, x = macro.build(chain(*layers), 0, 5, [1, 3], 4, 8), torch.randn(2, 3, 8, 8)
    assert network(x).shape == (2, 5)
    assert backward(network, x) == {name for name, _ in network.named_parameters()}


def test_a_block_adds_its_input_where_the_shape_stays():
    x = torch.randn(2, 4, 6, 6)
    for outputs, stride, residual in ((4, 1, 1), (4, 2, 0), (8, 1, 0)):
        block = MobileBlock(4, outputs, stride, expansion=3, kernel=5)
        assert block.layers[1][0].weight.shape == (12, 1, 5, 5)
        torch.nn.init.zeros_(block.layers[-1][1].weight)
        assert torch.equal(block(x), residual * x if residual else torch.zeros(2, outputs, 6 // stride, 6 // stride))


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (chain("identity", "mb3_k3"), "network.stages=[1, 2]: must sum to 2, the layers of chain"),
        (chain("identity", "mb3_k3", "mb6"), "chain: unknown layer 'mb6'; must be one of identity, mb3_k3, mb6_k5"),
        (Space.of_graphs([["input", "output"]], [[]], ["two"]), "two: must be a chain from input to output"),
        (Space.of_graphs([["identity", "output"]], [[(0, 1)]], ["two"]), "two: must be a chain from input to output"),
    ],
)
def test_what_is_no_chain_of_its_layers_is_named(space: Space, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        macro.build(space, 0, 10, [1, 2], 4, 8)
