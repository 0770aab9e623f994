"""The network of space=gpt: its parameters, what it may look at, and how a search gets it."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import siamnas
from siamnas.cells.transformer import Transformer, rotated
from siamnas.errors import InputError
from siamnas.spaces import gpt
from tests.cells.gradients import backward

SMALL = {"embed": 12, "layers": [{"heads": 2, "mlp_ratio": 3}, {"heads": 1, "mlp_ratio": 2}]}


@pytest.mark.parametrize("scale", gpt.WIDTHS)
def test_its_parameters_are_those_of_the_column(scale: str):
    space = gpt.space("gpt", scale, [])
    assert space.network == "gpt" and space.classes == gpt.VOCABULARY
    archs = space.sample(np.random.default_rng(0), 2)
    for arch, params in zip(archs, space.graphs(archs).columns["params"], strict=True):
        with torch.device("meta"):
            network = siamnas.networks(space, space.network, space.classes)(space.describe(arch))
        linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
        biases = sum(module.bias.numel() for module in linear if module.bias is not None)
        assert bool(biases) == space.choices(arch)["bias"]
        assert sum(parameter.numel() for parameter in network.parameters()) - biases == params


def test_a_token_sees_itself_and_those_before():
    torch.manual_seed(0)
    network, tokens = Transformer(SMALL, 11, 4), torch.randint(11, (2, 9))
    logits = network(tokens)
    changed = tokens.clone()
    changed[:, 5] = (tokens[:, 5] + 1) % 11
    same = (network(changed) - logits).abs().amax(dim=(0, 2)) < 1e-6
    assert logits.shape == (2, 9, 11) and same.tolist() == [True] * 5 + [False] * 4


def test_attention_depends_on_distances_alone():
    q, k = torch.randn(1, 1, 1, 8), torch.randn(1, 1, 1, 8)
    turned_q, turned_k = (rotated(x.expand(1, 1, 6, 8))[0, 0] for x in (q, k))
    scores = turned_q @ turned_k.T
    for distance in range(-5, 6):
        line = scores.diagonal(distance)
        assert torch.allclose(line, line[:1].expand_as(line), atol=1e-5)
    assert scores[0, 0] == pytest.approx(float((q * k).sum()), abs=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_every_parameter_gets_a_finite_gradient(bias: bool):
    network = Transformer({**SMALL, "bias": bias}, 7, 4)
    assert backward(network, torch.arange(14).reshape(2, 7) % 7) == {name for name, _ in network.named_parameters()}


def test_a_search_hands_out_networks():
    arch = siamnas.Search("gpt", budget=2).ask()[0]
    with torch.device("meta"):
        network, small = arch.network(), arch.network(classes=5)
    assert len(network.layers) == len(arch.choices["layers"])
    assert (network.logits.out_features, small.logits.out_features) == (gpt.VOCABULARY, 5)


FILE = """
space: {embed: [8, 16], layers: {repeat: {heads: [1, 2], mlp_ratio: [1, 2]}, times: [1, 2]}}
network: gpt
classes: 9
"""


def test_a_file_can_name_its_network(tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(FILE)
    journal = tmp_path / "journal"
    siamnas.Search(file, budget=2, journal=journal).ask()
    arch = siamnas.Search.open(journal).open[0]  # by the text in the journal
    assert arch.network()(torch.zeros(1, 3, dtype=torch.int64)).shape == (1, 3, 9)
    for right, wrong, message in (
        ("classes: 9", "classes: 0", "classes=0: must be an integer of at least 1"),
        ("network: gpt", "network: [gpt]", "network=['gpt']: must be an option of the group network"),
    ):
        file.write_text(FILE.replace(right, wrong))
        with pytest.raises(InputError, match=re.escape(message)):
            siamnas.Space.of_file(file)
