"""The kernels against their definitions in PyTorch, and what they refuse."""

import ctypes
import re

import numpy as np
import pytest
import torch
from torch import Tensor

from siamnas.nn.fused import (
    Graph,
    affine_mish,
    affine_mish_reference,
    attend,
    attend_reference,
    kernels,
    normalised_mish,
    normalised_mish_reference,
    plain_pytorch,
    ranking,
)
from siamnas.nn.fused.sharing import Neighbourhoods
from siamnas.nn.layers import NormalisedMish
from siamnas.nn.networks import GraphPredictorNetwork
from siamnas.seeding import streams
from siamnas.training.batches import GraphInputs
from tests.nn.graphs import random_graph
from tests.support import tiny_benchmark

COMPILED = pytest.mark.slow  # each case compiles kernels of its own


@pytest.mark.parametrize(
    ("shared", "nodes", "cells", "groups", "directions"),
    [
        (True, 10, 8, 1, 2),
        (False, 4, 3, 3, 2),
        (True, 7, 17, 2, 1),
        *(
            pytest.param(*more, marks=COMPILED)
            for more in ((False, 10, 8, 1, 2), (True, 4, 3, 3, 2), (False, 7, 17, 2, 1))
        ),
    ],
)
def test_kernels_equal_pytorch(shared: bool, nodes: int, cells: int, groups: int, directions: int) -> None:
    torch.manual_seed(0)
    repeats, channels = 3, 6
    graph = random_graph(repeats, nodes, cells, shared)
    y = (3 * torch.randn(repeats, groups, directions, channels, nodes, cells)).requires_grad_()
    gamma = torch.rand(repeats, groups, directions, channels).requires_grad_()
    beta = torch.randn(repeats, groups, directions, channels).requires_grad_()
    assert graph.kernels(y) is not None, "the tests need a C compiler"
    results = []
    for function in (normalised_mish, normalised_mish_reference):
        out, mean, var = function(y, gamma, beta, graph, 1e-4)
        gradients = torch.autograd.grad((out * out.detach().cos()).sum(), (y, gamma, beta))
        results.append([out.detach(), mean, var, *gradients])
    for fused, plain in zip(*results, strict=True):
        torch.testing.assert_close(fused, plain, atol=2e-5, rtol=1e-4)

    scale, shift = gamma.detach(), beta.detach()
    fused = affine_mish(y.detach(), scale, shift, graph)
    torch.testing.assert_close(fused, affine_mish_reference(y.detach(), scale, shift, graph), atol=1e-5, rtol=1e-5)


def test_a_batch_too_large_for_the_stack_trains_all_the_same() -> None:
    cells = 60_000  # crashed in the kernels
    graph = Graph(torch.eye(10)[None, :, :, None].repeat(1, 1, 1, cells), np.eye(10, dtype=bool), shared=True)
    x = torch.ones(1, 1, 10, cells, requires_grad=True)
    attend(x, x, x, graph).sum().backward()
    assert x.grad is not None


def test_exponential_is_exact_to_float_over_its_range() -> None:
    """Through mish: far negative, around zero and far positive inputs."""
    values = torch.linspace(-100, 100, 4096).view(1, 1, 1, 1, 1, -1)
    graph = random_graph(1, 1, 4096, shared=True)
    one, zero = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
    fused = affine_mish(values, one, zero, graph)[0, 0, 0, 0]
    exact = torch.nn.functional.mish(values.double())[0, 0, 0, 0, 0]
    torch.testing.assert_close(fused.double(), exact, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("shared", [True, False])
def test_attention_kernel_equals_pytorch(shared: bool) -> None:
    torch.manual_seed(0)
    graph = random_graph(3, 7, 8, shared)
    together = torch.randn(3, 15, 7, 8).requires_grad_()
    results = []
    for function in (attend, attend_reference):
        out = function(*together.chunk(3, dim=1), graph)
        (gradient,) = torch.autograd.grad((out * out.detach().sin()).sum(), together)
        results.append([out.detach(), gradient])
    for fused, plain in zip(*results, strict=True):
        torch.testing.assert_close(fused, plain, atol=1e-4, rtol=1e-4)


def test_non_contiguous_gradient_reaches_the_kernels() -> None:
    """An expanded gradient, as `sum` gives it, is made contiguous and stays alive during the call."""
    graph = random_graph(2, 4, 8, shared=True)
    q = torch.randn(2, 5, 4, 8, requires_grad=True)
    fused = torch.autograd.grad(attend(q, q, q, graph).sum(), q)[0]
    plain = torch.autograd.grad(attend_reference(q, q, q, graph).sum(), q)[0]
    torch.testing.assert_close(fused, plain, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shared_cells", [True, False])
@pytest.mark.parametrize(
    ("nsam", "pooling", "channels"), [(False, "channels", 16), (True, "channels", 16), (True, "nodes", 21)]
)
def test_ranking_by_shared_rows_equals_cell_by_cell(
    nsam: bool, pooling: str, channels: int, shared_cells: bool
) -> None:
    torch.manual_seed(0)
    space = tiny_benchmark(400).space
    net = GraphPredictorNetwork(streams(range(2), "init"), 9, 10, channels, nsam, pooling).eval()
    for norm in (m for m in net.modules() if isinstance(m, NormalisedMish)):
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.uniform_(norm.running_var, 0.1, 1)
    inputs = GraphInputs(space, torch.device("cpu"))
    found = Neighbourhoods.of(space.types, space.adjacency)
    examples = found.examples[None]
    library = ranking.load(space.adjacency, channels)
    assert library is not None, "the tests need a C compiler"
    rng = np.random.default_rng(0)
    cells = rng.integers(400, size=(1 if shared_cells else 2, 17))
    with torch.inference_mode():
        sides = net.stem_sides(inputs.one_hot(examples).expand(2, -1, -1, -1), inputs.graph(examples))
        table = found.table(sides)
        scores = ranking.SharedRanking(net, found, table, library).score(cells)
        places = torch.from_numpy(found.rows[np.broadcast_to(cells, (2, 17))])
        plain = ranking.score_reference(net.after_stem(), table, places, space.adjacency)
        torch.testing.assert_close(scores, plain, atol=1e-6, rtol=1e-5)
        stem = net.stem(inputs.one_hot(cells).expand(2, -1, -1, -1), inputs.graph(cells))
        torch.testing.assert_close(scores, net.coarse(stem, inputs.graph(cells)), atol=1e-6, rtol=1e-5)


def test_whole_nasbench201_has_few_neighbourhoods() -> None:
    space = tiny_benchmark(5**6).space
    found = Neighbourhoods.of(space.types, space.adjacency)
    assert len(found.place) == 2 * 10 * 5**3
    for direction, node, cell in [(0, 0, 5), (1, 4, 77), (1, 9, 15000)]:
        row = found.rows[cell, direction, node]
        assert found.place[row] == direction * 10 + node
        alike = found.rows[:, direction, node] == row
        assert alike.sum() == 5**3


C_TYPES = {"float *": kernels.FLOATS, "int *": kernels.INTEGERS, "long": kernels.LONG, "int": kernels.INT}
C_TYPES["float"] = kernels.FLOAT


@pytest.mark.parametrize(
    ("source", "name"), [(source, name) for source, names in kernels.SIGNATURES.items() for name in names]
)
def test_signatures_are_those_of_the_c_functions(source: str, name: str) -> None:
    found = re.search(rf"^void {name}\((.*?)\) {{", (kernels.FOLDER / f"{source}.c").read_text(), re.M | re.S)
    assert found
    arguments = [re.match(r"(?:const )?(\w+ \*?)", argument.strip()) for argument in found[1].split(",")]
    assert tuple(C_TYPES[argument[1].strip()] for argument in arguments if argument) == kernels.SIGNATURES[source][name]


def test_no_c_function_is_without_a_signature() -> None:
    for source, signatures in kernels.SIGNATURES.items():
        text = (kernels.FOLDER / f"{source}.c").read_text()
        assert set(re.findall(r"^void (\w+)\(", text, re.M)) == set(signatures)
        library = kernels.load(source, np.eye(3, dtype=bool), 4, weighted=False)
        assert library is not None, "the tests need a C compiler"
        for name in signatures:
            assert getattr(library, name).argtypes == signatures[name] and getattr(library, name).restype is None


@pytest.mark.parametrize("place", range(-1, 10))
@pytest.mark.parametrize("wrong", ["a number", "a tensor", "missing", "one more", 1.5])
def test_a_wrong_call_raises(place: int, wrong: str | float) -> None:
    graph = random_graph(1, 3, 4, shared=True)
    y, one, out = torch.ones(1, 1, 2, 5, 3, 4), torch.ones(1, 1, 2, 5), torch.full((1, 1, 5, 3, 4), 7.0)
    library = graph.kernels(y)
    assert library is not None
    arrays = list(map(kernels.floats, (y, one, one, out)))
    arguments: list[object] = [1, 1, 2, 5, *graph.arguments(), *arrays]
    pointer = kernels.SIGNATURES["training"]["group_infer"][place] is kernels.FLOATS
    if wrong == "missing":
        del arguments[place]
    elif wrong == "one more":
        arguments.insert(place % 11, arguments[place])
    else:
        arguments[place] = {"a number": 5 if pointer else kernels.floats(y), "a tensor": y}.get(wrong, wrong)
    with pytest.raises((TypeError, ctypes.ArgumentError)):
        library.group_infer(*arguments)
    assert (out == 7).all()


def test_arrays_of_another_shape_or_kind_are_refused() -> None:
    """They would be read beyond their end."""
    graph = random_graph(2, 3, 4, shared=False)
    y, one = torch.ones(2, 1, 2, 5, 3, 4), torch.ones(2, 1, 2, 5)
    q = torch.ones(2, 5, 3, 4)
    for wrong in (one[..., :4], one.double(), one[:1]):
        with pytest.raises(ValueError, match="the kernel reads"):
            affine_mish(y, one, wrong, graph)
        with pytest.raises(ValueError, match="the kernel reads"):
            normalised_mish(y, wrong, one, graph, 1e-4)
    with pytest.raises(ValueError, match="the kernel reads"):
        attend(q, q, q[:, :4], graph)
    for other in (random_graph(3, 3, 4, False), random_graph(2, 4, 4, False), random_graph(2, 3, 5, False)):
        with pytest.raises(ValueError, match="does not fit"):
            attend(q, q, q, other)


def test_plain_pytorch_switches_the_kernels_off_and_on_again() -> None:
    graph, q = random_graph(1, 3, 4, shared=True), torch.randn(1, 2, 3, 4)
    with pytest.raises(KeyError), plain_pytorch():
        with plain_pytorch():
            pass
        assert graph.kernels(q) is None
        assert ranking.load(np.eye(3), 8) is None
        raise KeyError
    assert graph.kernels(q) is not None


def spoilt(shape: tuple[int, ...], architecture: int, node: int | None = None) -> Tensor:
    """Random features (..., V, B), NaN for one architecture, at one node or at all."""
    torch.manual_seed(0)
    x = torch.randn(shape)
    x[..., slice(None) if node is None else node, architecture] = torch.nan
    return x


@pytest.mark.parametrize(
    ("shared", "cells"),
    [
        (True, 8),
        (False, 19),
        (True, 3),
        *(pytest.param(*more, marks=COMPILED) for more in ((False, 8), (True, 19), (False, 3))),
    ],
)
def test_nan_stays_nan_and_stays_with_its_architecture(shared: bool, cells: int) -> None:
    graph = random_graph(2, 5, cells, shared)
    one = torch.ones(2, 1, 2, 6)
    y = spoilt((2, 1, 2, 6, 5, cells), 1)
    fused, plain = affine_mish(y, one, one, graph), affine_mish_reference(y, one, one, graph)
    torch.testing.assert_close(fused, plain, atol=1e-5, rtol=1e-5, equal_nan=True)
    assert fused[..., 1].isnan().all() and not fused[..., [0, 2]].isnan().any()

    clean, nan = torch.randn(2, 6, 5, cells), spoilt((2, 6, 5, cells), 1)
    for spoils in range(3):
        operands = [nan if i == spoils else clean for i in range(3)]
        fused, plain = attend(*operands, graph), attend_reference(*operands, graph)
        torch.testing.assert_close(fused, plain, atol=1e-5, rtol=1e-5, equal_nan=True)
        assert fused[..., 1].isnan().all() and not fused[..., [0, 2]].isnan().any()


def test_one_nan_in_a_batch_is_a_nan_of_its_statistics_and_gradients() -> None:
    graph = random_graph(2, 5, 8, shared=True)
    y = spoilt((2, 1, 2, 6, 5, 8), 1).requires_grad_()
    gamma, beta = torch.ones(2, 1, 2, 6, requires_grad=True), torch.zeros(2, 1, 2, 6, requires_grad=True)
    for function in (normalised_mish, normalised_mish_reference):
        out = function(y, gamma, beta, graph, 1e-4)
        assert all(array.isnan().all() for array in out)
        assert all(array.isnan().all() for array in torch.autograd.grad(out[0].sum(), (y, gamma, beta)))


@pytest.mark.parametrize("spoils", range(3))
def test_nan_in_attention_reaches_the_gradients_of_its_architecture_only(spoils: int) -> None:
    graph = random_graph(2, 5, 8, shared=True)
    operands = [spoilt((2, 6, 5, 8), 1) if i == spoils else torch.randn(2, 6, 5, 8) for i in range(3)]
    for x in operands:
        x.requires_grad_()
    fused, plain = (
        torch.autograd.grad(function(*operands, graph).sum(), operands[:2]) for function in (attend, attend_reference)
    )
    for one, other in zip(fused, plain, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4, equal_nan=True)


@pytest.mark.parametrize("node", [0, 4])
def test_nan_at_one_node_is_nan_there(node: int) -> None:
    """The definition also multiplies NaN by the 0 of what is no neighbour, which makes more of it NaN."""
    graph = random_graph(1, 5, 8, shared=True)
    clean, nan = torch.randn(1, 6, 5, 8), spoilt((1, 6, 5, 8), 1, node)
    for operands in ((nan, clean, clean), (clean, nan, clean), (clean, clean, nan)):
        fused, plain = attend(*operands, graph), attend_reference(*operands, graph)
        assert fused[..., 1].isnan().any()
        assert not (fused.isnan() & ~plain.isnan()).any()
    features = affine_mish(nan[:, None, None], torch.ones(1, 1, 1, 6), torch.ones(1, 1, 1, 6), graph)
    assert features[..., node, 1].isnan().all() and not features[..., [0, 2]].isnan().any()
