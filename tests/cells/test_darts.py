"""The networks of DARTS: what they cost, what a cell computes, and how a search gets them."""

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import siamnas
from siamnas.cells.cost import count
from siamnas.cells.darts import Cell, Halve, Network, build
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build as builder
from siamnas.experiment import configuration
from siamnas.spaces.darts.cost import NORMAL, REDUCE, Body, Cost, Images, Place, edges, fixed
from siamnas.spaces.darts.space import Darts
from tests.cells.gradients import backward

SPACE = Darts("darts", "cifar10")


def choices(seed: int) -> dict[str, dict[str, str]]:
    return SPACE.choices(SPACE.sample(np.random.default_rng(seed), 1)[0])


@settings(max_examples=5)
@given(st.integers(0, 999), st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(1, 12))
def test_the_cost_is_that_of_the_network(seed: int, half: int, cells: int, large: bool, classes: int):
    body, images, chosen = Body(2 * half, cells, large), Images(classes, 64), choices(seed)
    with torch.device("meta"):
        network = Network(chosen, body, classes)
    known = edges(body, images)
    begins = [(cell, int(edge[0]) < 2, name) for cell in (NORMAL, REDUCE) for edge, name in chosen[cell].items()]
    total = sum((known[one] for one in begins), fixed(body, images))
    counted = count(network, (3, images.size, images.size))
    assert total == Cost(counted.params, counted.multiply_adds)


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "size"), [("cifar10", 32), ("cifar100", 32), ("imagenet", 224)])
def test_the_columns_are_the_cost_of_the_published_network(dataset: str, size: int):
    space = Darts("darts", dataset)
    archs = space.sample(np.random.default_rng(1), 200)
    columns = space.graphs(archs).columns
    dearest = int(columns["macs"].argmax())
    with torch.device("meta"):
        network = siamnas.networks(space, space.network, space.classes)(space.describe(archs[dearest]))
    cost = count(network, (3, size, size))
    assert (cost.params, cost.multiply_adds) == (columns["params"][dearest], columns["macs"][dearest])


def test_a_cell_sums_up_and_concatenates():
    skips = {edge: "skip_connect" for edge in ("0->2", "1->2", "0->3", "2->3", "2->4", "3->4", "1->5", "4->5")}
    cell = Cell(skips, Place(NORMAL, (3, 5), 4, larger=False)).eval()
    before, last = torch.randn(2, 3, 6, 6), torch.randn(2, 5, 6, 6)
    s0, s1 = cell.sources[0](before), cell.sources[1](last)
    nodes = [s0 + s1, 2 * s0 + s1, 3 * s0 + 2 * s1, 3 * s0 + 3 * s1]
    assert torch.allclose(cell(before, last), torch.cat(nodes, dim=1), atol=1e-5)


@settings(max_examples=4)
@given(st.integers(0, 999), st.booleans())
def test_every_parameter_gets_a_finite_gradient(seed: int, large: bool):
    network, images = build(choices(seed), 5, 4, 3, large), torch.randn(2, 3, 64, 64)
    assert network(images).shape == (2, 5)
    assert backward(network, images) == {name for name, _ in network.named_parameters()}


def test_reduction_cells_halve_and_the_first_source_keeps_up():
    cell = Cell(choices(3)["reduce"], Place(REDUCE, (3, 4), 4, larger=True))
    assert cell(torch.randn(2, 3, 16, 16), torch.randn(2, 4, 8, 8)).shape == (2, 16, 4, 4)
    for size, half in ((8, 4), (7, 4), (1, 1)):
        assert Halve(3, 6)(torch.randn(2, 3, size, size)).shape == (2, 6, half, half)


def test_a_search_hands_out_networks():
    arch = siamnas.Search("darts", budget=2).ask()[0]
    for one in (arch, pickle.loads(pickle.dumps(arch))):
        network = one.network()
        assert sum(p.numel() for p in network.parameters()) == arch.columns["params"]
    small = siamnas.networks(SPACE, "darts", 3, ["network.channels=4", "network.cells=3"])
    assert small(arch.choices)(torch.randn(2, 3, 8, 8)).shape == (2, 3)
    with pytest.raises(InputError, match="channels=3: must be even"):
        siamnas.networks(SPACE, "darts", 3, ["network.channels=3"])(arch.name)
    own = siamnas.Search(siamnas.Space.of_choices({"a": [1, 2, 3]}), budget=2).ask()[0]
    with pytest.raises(InputError, match="siamnas builds the networks of shipped spaces"):
        own.network()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["space=darts"], "its own is network=darts"),  # oracle=train has that of NAS-Bench-201
        (["space=darts", "network=darts", "network.channels=3"], "channels=3: must be even"),
        (["space=gpt", "network=gpt"], "network: is none for images of cifar10_sample in gpt_s"),
    ],
)
def test_a_network_that_can_not_be_trained_is_refused_before_the_search(words: list[str], message: str):
    job = configuration.load(*compose([*words, "oracle=train", "predictor=gp", "search=active", "logger=none"]))
    with pytest.raises(InputError, match=message):
        builder.any_benchmark(job.config)
