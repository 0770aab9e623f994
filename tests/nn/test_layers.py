"""The vectorised networks against a slow reference, cell by cell and node by node, and the kernels against PyTorch."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from siamnas.nn.fused import kernels, ops, ranking
from siamnas.nn.fused.ops import Graph
from siamnas.nn.fused.sharing import Neighbourhoods
from siamnas.nn.layers import EPS, GraphConvGroup, NormalisedMish
from siamnas.nn.networks import GraphPredictorNetwork, SiameseNetwork
from siamnas.nn.nsam import NodeSelfAttention
from siamnas.seeding import streams
from siamnas.training.batches import CellInputs
from tests.support import tiny_space

Array = NDArray[np.float64]


def random_graph(repeats: int, nodes: int, cells: int, shared: bool, seed: int = 0) -> Graph:
    """Random DAGs with self loops."""
    rng = np.random.default_rng(seed)
    shape = (1, nodes, nodes, 1) if shared else (repeats, nodes, nodes, cells)
    upper = np.triu(np.ones((nodes, nodes)), 1)[None, :, :, None]
    a = (rng.random(shape) < 0.4) * upper + np.eye(nodes)[None, :, :, None]
    a = np.ascontiguousarray(np.broadcast_to(a, (shape[0], nodes, nodes, cells)), dtype=np.float32)
    return Graph(torch.from_numpy(a), (a > 0).any(axis=(0, 3)), shared)


def without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "load", lambda *_, **__: None)


# --- the slow reference: one repeat, lists of cells, float64, straight from SCIENCE section 3


def mish(x: Array) -> Array:
    return x * np.tanh(np.log1p(np.exp(x)))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max())
    return e / e.sum()


def batch_norm(cells: list[Array], gamma: Array, beta: Array) -> list[Array]:
    """Per channel over all nodes of all cells; each cell is (V, C)."""
    rows = np.concatenate(cells)
    mean, var = rows.mean(axis=0), rows.var(axis=0)
    return [(cell - mean) / np.sqrt(var + EPS) * gamma + beta for cell in cells]


def numbers(tensor: Tensor) -> Array:
    return tensor.detach().double().numpy()


def group(module: GraphConvGroup, r: int, k: int, cells: list[Array], adjacencies: list[Array]) -> list[Array]:
    w, gamma, beta = (numbers(t)[r, k] for t in (module.weight, module.norm.gamma, module.norm.beta))
    sides = []
    for d, side in enumerate(([a for a in adjacencies], [a.T for a in adjacencies])):
        convolved = [a @ x @ w[d].T for a, x in zip(side, cells, strict=True)]
        sides.append([mish(x) for x in batch_norm(convolved, gamma[d], beta[d])])
    return [(one + two) / 2 for one, two in zip(*sides, strict=True)]


def attention(q: Array, k: Array, v: Array, a: Array) -> Array:
    out = np.zeros_like(v)
    for i in range(len(a)):
        for side in (a, a.T):
            weights = softmax(np.array([q[i] @ k[j] * side[i, j] for j in range(len(a))]))
            out[i] += sum(weights[j] * v[j] for j in range(len(a)))
    return out


def siamese(net: SiameseNetwork, r: int, cells: list[Array], codes: Array, adjacencies: list[Array]) -> Array:
    """(2, B) coarse and fine accuracies in training mode."""
    h = group(net.second, r, 0, group(net.first, r, 0, cells, adjacencies), adjacencies)
    if net.nsam is not None:
        q, k, v = (group(net.nsam.qkv, r, i, h, adjacencies) for i in range(3))
        h = [x + attention(*qkv, a) for x, *qkv, a in zip(h, q, k, v, adjacencies, strict=True)]
        h = group(net.nsam.group, r, 0, h, adjacencies)
    h = group(net.third, r, 0, h, adjacencies)

    fusion = net.fusion
    channels, nodes = fusion.shape[2:]
    code = [(numbers(fusion.expand)[r] @ c).reshape(channels, nodes).T for c in codes]
    norm = [numbers(t)[r, 0, 0] for t in (fusion.norm.gamma, fusion.norm.beta)]
    key = group(fusion.key, r, 0, [mish(x) for x in batch_norm(code, *norm)], adjacencies)
    q = group(fusion.query_value, r, 0, h, adjacencies)
    v = q if fusion.query_value.weight.shape[1] == 1 else group(fusion.query_value, r, 1, h, adjacencies)
    fused = [x + attention(*qkv, a) for x, *qkv, a in zip(h, q, key, v, adjacencies, strict=True)]
    fused = group(fusion.group, r, 0, fused, adjacencies)

    weight, bias = numbers(net.unit.weight)[r, 0], numbers(net.unit.bias)[r, 0, 0]
    pooled = [[x.mean(axis=1 if net.unit.axis == 1 else 0) for x in branch] for branch in (h, fused)]
    return np.array([[1 / (1 + np.exp(-(x @ weight + bias))) for x in branch] for branch in pooled])


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(
    ("nsam", "pooling", "shared_qv", "shared_graph"),
    [(True, "channels", True, True), (False, "nodes", False, False), (True, "nodes", False, False)],
)
def test_network_equals_slow_reference(
    nsam: bool, pooling: str, shared_qv: bool, shared_graph: bool, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fused:
        without_kernels(monkeypatch)
    repeats, cells, nodes, types, channels = 2, 5, 6, 4, 8
    net = SiameseNetwork(streams(range(repeats), "init"), types, nodes, channels, nsam, pooling, 3, shared_qv, True)
    for norm in (m for m in net.modules() if isinstance(m, NormalisedMish)):
        torch.nn.init.uniform_(norm.gamma, 0.5, 1.5)
        torch.nn.init.uniform_(norm.beta, -0.5, 0.5)
    graph = random_graph(repeats, nodes, cells, shared_graph)
    rng = np.random.default_rng(1)
    x = np.eye(types)[rng.integers(types, size=(repeats, cells, nodes))]  # (R, B, V, F)
    codes = rng.normal(2, 1, (repeats, cells, 3))
    predicted = net(
        torch.from_numpy(x).float().permute(0, 3, 2, 1).contiguous(),
        torch.from_numpy(codes).float().transpose(1, 2).contiguous(),
        graph,
    )
    adjacency = np.broadcast_to(numbers(graph.adjacency), (repeats, nodes, nodes, cells))
    for r in range(repeats):
        slow = siamese(net, r, list(x[r]), codes[r], [adjacency[r, :, :, b] for b in range(cells)])
        np.testing.assert_allclose(numbers(predicted)[:, r], slow, atol=2e-6)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("nodes", "cells", "groups", "directions"), [(10, 8, 1, 2), (4, 3, 3, 2), (7, 17, 2, 1)])
def test_kernels_equal_pytorch(shared: bool, nodes: int, cells: int, groups: int, directions: int) -> None:
    torch.manual_seed(0)
    repeats, channels = 3, 6
    graph = random_graph(repeats, nodes, cells, shared)
    y = (3 * torch.randn(repeats, groups, directions, channels, nodes, cells)).requires_grad_()
    gamma = torch.rand(repeats, groups, directions, channels).requires_grad_()
    beta = torch.randn(repeats, groups, directions, channels).requires_grad_()
    assert graph.kernels(y) is not None, "the tests need a C compiler"
    results = []
    for function in (ops.normalised_mish, ops.normalised_mish_reference):
        out, mean, var = function(y, gamma, beta, graph, 1e-4)
        gradients = torch.autograd.grad((out * out.detach().cos()).sum(), (y, gamma, beta))
        results.append([out.detach(), mean, var, *gradients])
    for fused, plain in zip(*results, strict=True):
        torch.testing.assert_close(fused, plain, atol=2e-5, rtol=1e-4)

    scale, shift = gamma.detach(), beta.detach()
    fused = ops.affine_mish(y.detach(), scale, shift, graph)
    with pytest.MonkeyPatch.context() as patch:
        without_kernels(patch)
        torch.testing.assert_close(fused, ops.affine_mish(y.detach(), scale, shift, graph), atol=1e-5, rtol=1e-5)


def test_a_batch_too_large_for_the_stack_trains_all_the_same() -> None:
    cells = 60_000  # crashed in the kernels
    graph = Graph(torch.eye(10)[None, :, :, None].repeat(1, 1, 1, cells), np.eye(10, dtype=bool), shared=True)
    x = torch.ones(1, 1, 10, cells, requires_grad=True)
    ops.attend(x, x, x, graph).sum().backward()
    assert x.grad is not None


def test_exponential_is_exact_to_float_over_its_range() -> None:
    """Through mish: far negative, around zero and far positive inputs."""
    values = torch.linspace(-100, 100, 4096).view(1, 1, 1, 1, 1, -1)
    graph = random_graph(1, 1, 4096, shared=True)
    one, zero = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
    fused = ops.affine_mish(values, one, zero, graph)[0, 0, 0, 0]
    exact = torch.nn.functional.mish(values.double())[0, 0, 0, 0, 0]
    torch.testing.assert_close(fused.double(), exact, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("shared", [True, False])
def test_attention_kernel_equals_pytorch(shared: bool) -> None:
    torch.manual_seed(0)
    graph = random_graph(3, 7, 8, shared)
    together = torch.randn(3, 15, 7, 8).requires_grad_()
    results = []
    for function in (ops.attend, ops.attend_reference):
        out = function(*together.chunk(3, dim=1), graph)
        (gradient,) = torch.autograd.grad((out * out.detach().sin()).sum(), together)
        results.append([out.detach(), gradient])
    for fused, plain in zip(*results, strict=True):
        torch.testing.assert_close(fused, plain, atol=1e-4, rtol=1e-4)


def test_non_contiguous_gradient_reaches_the_kernels() -> None:
    """An expanded gradient, as `sum` gives it, is made contiguous and stays alive during the call."""
    graph = random_graph(2, 4, 8, shared=True)
    q = torch.randn(2, 5, 4, 8, requires_grad=True)
    fused = torch.autograd.grad(ops.attend(q, q, q, graph).sum(), q)[0]
    plain = torch.autograd.grad(ops.attend_reference(q, q, q, graph).sum(), q)[0]
    torch.testing.assert_close(fused, plain, atol=1e-5, rtol=1e-5)


def test_running_statistics_keep_0997_and_double_update_counts_twice() -> None:
    graph = random_graph(1, 4, 8, shared=True)
    once, twice = NormalisedMish(1, 1, 2, 3), NormalisedMish(1, 1, 2, 3, updates=2)
    y = torch.randn(1, 1, 2, 3, 4, 8)
    mean = ops.normalised_mish_reference(y, once.gamma, once.beta, graph, EPS)[1]
    once(y, graph)
    twice(y, graph)
    torch.testing.assert_close(once.running_mean, 0.003 * mean)
    torch.testing.assert_close(twice.running_mean, (1 - 0.997**2) * mean)


def test_inference_uses_the_running_statistics() -> None:
    space = tiny_space(cells=16)
    net = GraphPredictorNetwork(streams(range(2), "init"), 9, 10, 8, True, "channels")
    graph = Graph(
        torch.from_numpy(space.adjacency)[None, :, :, None].expand(-1, -1, -1, 16).contiguous(),
        space.adjacency > 0,
        True,
    )
    x = torch.eye(9)[torch.from_numpy(space.types.astype(int))].permute(2, 1, 0)[None].expand(2, -1, -1, -1)
    for norm in (m for m in net.modules() if isinstance(m, NormalisedMish)):
        norm.momentum = 1.0
    trained = net.coarse(net.stem(x, graph), graph)
    net.eval()
    torch.testing.assert_close(net.coarse(net.stem(x, graph), graph), trained, atol=1e-5, rtol=1e-4)


def test_without_compiler_it_falls_back_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    kernels._compiler.cache_clear()
    kernels.load.cache_clear()
    try:
        graph = random_graph(1, 3, 2, shared=True)
        q = torch.randn(1, 2, 3, 2)
        torch.testing.assert_close(ops.attend(q, q, q, graph), ops.attend_reference(q, q, q, graph))
        ops.attend(q, q, q, random_graph(1, 3, 2, shared=False))
    finally:
        kernels._compiler.cache_clear()
        kernels.load.cache_clear()
    assert [record.message for record in caplog.records].count(
        "No C compiler on the PATH: training runs in plain PyTorch, several times slower."
    ) == 1


@pytest.mark.parametrize("shared_cells", [True, False])
@pytest.mark.parametrize(
    ("nsam", "pooling", "channels"), [(False, "channels", 16), (True, "channels", 16), (True, "nodes", 21)]
)
def test_ranking_by_shared_rows_equals_cell_by_cell(
    nsam: bool, pooling: str, channels: int, shared_cells: bool
) -> None:
    space = tiny_space(cells=400)
    net = GraphPredictorNetwork(streams(range(2), "init"), 9, 10, channels, nsam, pooling).eval()
    for norm in (m for m in net.modules() if isinstance(m, NormalisedMish)):
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.uniform_(norm.running_var)
    inputs = CellInputs(space, torch.device("cpu"))
    found = Neighbourhoods.of(space.types, space.adjacency)
    examples = found.examples[None]
    library = ranking.load(space.adjacency, channels)
    assert library is not None, "the tests need a C compiler"
    rng = np.random.default_rng(0)
    cells = rng.integers(400, size=(1 if shared_cells else 2, 17))
    with torch.inference_mode():
        sides = net.stem_sides(inputs.one_hot(examples).expand(2, -1, -1, -1), inputs.graph(examples))
        scores = ranking.SharedRanking(net, found, found.table(sides), library).score(cells)
        stem = net.stem(inputs.one_hot(cells).expand(2, -1, -1, -1), inputs.graph(cells))
        torch.testing.assert_close(scores, net.coarse(stem, inputs.graph(cells)), atol=1e-6, rtol=1e-5)


def test_whole_nasbench201_has_few_neighbourhoods() -> None:
    space = tiny_space(cells=5**6)
    found = Neighbourhoods.of(space.types, space.adjacency)
    assert len(found.place) == 2 * 10 * 5**3
    for direction, node, cell in [(0, 0, 5), (1, 4, 77), (1, 9, 15000)]:
        row = found.rows[cell, direction, node]
        assert found.place[row] == direction * 10 + node
        alike = found.rows[:, direction, node] == row
        assert alike.sum() == 5**3


def test_nsam_parameters_are_independent_per_repeat() -> None:
    alone = NodeSelfAttention(streams(range(3, 4), "init"), 8)
    batch = NodeSelfAttention(streams(range(2, 5), "init"), 8)
    for one, many in zip(alone.parameters(), batch.parameters(), strict=True):
        torch.testing.assert_close(one[0], many[1])
