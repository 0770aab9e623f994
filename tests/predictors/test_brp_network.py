"""The network of BRP-NAS against slow references, one architecture after the other."""

import numpy as np
import pytest
import torch

from siamnas.nn.brp import Rectify, Unfolding, training_inputs
from siamnas.seeding import streams
from tests.predictors.brp import network, slow_embedding, slow_log_odds
from tests.support import own_edges, tiny_benchmark


@pytest.fixture(params=["shared", "own edges"])
def space(request):
    shared = tiny_benchmark(40).space
    return shared if request.param == "shared" else own_edges(shared)


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_forward_equals_slow_reference(space, layers):
    net = network(layers=layers)
    training_set = np.array([[3, 1, 4], [9, 2, 6]])
    counts, adjacency = (torch.from_numpy(array) for array in training_inputs(space, training_set))
    embedding = net(counts, adjacency)
    f, g = net.odds(embedding)
    for r in range(2):
        slow = [slow_embedding(net, r, space, arch) for arch in training_set[r]]
        torch.testing.assert_close(embedding[r], torch.stack(slow))
        for i in range(3):
            for j in range(3):
                torch.testing.assert_close(f[r, i] + g[r, j], slow_log_odds(net, r, slow[i], slow[j]))


def test_dropout_equals_slow_reference(space):
    net = network(dropout=0.3)
    training_set = np.array([[3, 1], [9, 2]])
    counts, adjacency = (torch.from_numpy(array) for array in training_inputs(space, training_set))
    dropped = net.draw_dropped(streams(range(2), "dropout"), 11, [2, 2])
    embedding = net(counts, adjacency, dropped)
    for r in range(2):
        for i, arch in enumerate(training_set[r]):
            masks = [layer[r, :, i] for layer in dropped]
            torch.testing.assert_close(embedding[r, i], slow_embedding(net, r, space, arch, masks))


def test_dropout_has_its_rate_and_ignores_neighbours():
    net = network(repeats=3, width=64, dropout=0.2)
    dropped = net.draw_dropped(streams(range(3), "dropout"), 11, [20] * 3)
    assert [tuple(layer.shape) for layer in dropped] == [(3, 11, 20, 64)] * 3 + [(3, 1, 20, 64)]
    assert torch.cat([layer.flatten() for layer in dropped]).float().mean() == pytest.approx(0.2, abs=0.01)
    alone = net.draw_dropped(streams(range(2, 3), "dropout"), 11, [20])
    assert all(torch.equal(many[2], one[0]) for many, one in zip(dropped, alone, strict=True))
    assert network(dropout=0.0).draw_dropped(streams(range(2), "dropout"), 11, [20] * 2) is None


def test_rectify_is_relu_and_mask():
    x = torch.randn(50, dtype=torch.float64, requires_grad=True)
    dropped = torch.rand(50) < 0.3
    torch.testing.assert_close(Rectify.apply(x, dropped), torch.relu(x).masked_fill(dropped, 0))
    torch.autograd.gradcheck(lambda x: Rectify.apply(x, dropped), x)
    torch.autograd.gradcheck(lambda x: Rectify.apply(x, None), x)


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_unfolding_equals_forward(space, layers):
    net = network(layers=layers)
    archs = np.tile(np.arange(len(space)), (2, 1))
    counts, adjacency = (torch.from_numpy(array) for array in training_inputs(space, archs))
    expected = net(counts, adjacency)
    unfolding = Unfolding.of(space, layers)
    for r in range(2):
        for block in (7, 4096):
            torch.testing.assert_close(unfolding.embed(net, r, block)[unfolding.arch], expected[r])


def test_unfolding_shares_rows():
    unfolding = Unfolding.of(tiny_benchmark(5**6).space, 4)
    assert [len(offsets) for offsets in unfolding.offsets] == [276, 15_626, 25_286, 15_625]
