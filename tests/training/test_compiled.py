"""The compiled training pass of a GPU, checked on the CPU: in plain PyTorch, as a GPU has it."""

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.nn.fused.ops import Graph
from siamnas.training.compiled import compiled
from siamnas.training.module import AccuracyModule
from tests.predictors.every import siamese
from tests.support import run, tiny_benchmark, tiny_search

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # of torch, on importing its compiler


@pytest.fixture(autouse=True)
def plain_pytorch():
    torch._dynamo.reset()
    with patch.object(Graph, "kernels", lambda *_: None):
        yield


def trained(backend: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scores and training set of a predictor trained through `compiled`, or plainly where the backend is None."""
    benchmark = tiny_benchmark(100)
    with patch("siamnas.predictors.neural.AccuracyModule", wraps=module_with(backend)):
        predictor = siamese(benchmark.space, range(2))
    acquisition = BatchTopSampler(0.3, 10, 10, "published", [0.2, 0.7], 0.1)
    found = run(*tiny_search(predictor, benchmark, acquisition, n=20))
    return predictor.score(np.arange(100)), found.state.archs


def module_with(backend: Any) -> Any:
    """What makes the module of `NeuralPredictor`, compiled by the backend."""
    return lambda network, lr, _, *more: AccuracyModule(
        network, lr, compiled(network, backend) if backend else None, *more
    )


@pytest.mark.slow
def test_compiled_training_gives_the_same_numbers() -> None:
    (plain, plain_pool), (fast, fast_pool) = trained(None), trained("aot_eager")
    np.testing.assert_array_equal(plain_pool, fast_pool)
    np.testing.assert_allclose(plain, fast, atol=1e-5)


@pytest.mark.slow
def test_inductor_gives_the_same_numbers() -> None:
    (plain, plain_pool), (fast, fast_pool) = trained(None), trained("inductor")
    np.testing.assert_array_equal(plain_pool, fast_pool)
    np.testing.assert_allclose(plain, fast, atol=1e-4)


def test_the_pass_is_one_graph_of_float_tensors_compiled_once() -> None:
    """What a CUDA graph needs: no break, and no array that would be copied from the host in every step."""
    graphs: list[list[torch.Tensor]] = []

    def record(module: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Any:
        graphs.append(inputs)
        return module.forward

    trained(record)
    assert len(graphs) == 1
    assert all(value.is_floating_point() for value in graphs[0])


def test_where_it_cannot_be_compiled_training_goes_on_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def broken(module: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Any:
        raise RuntimeError("no Triton here")

    plain, fast = trained(None), trained(broken)
    np.testing.assert_array_equal(plain[0], fast[0])
    assert len([record for record in caplog.records if "trainer.compile=true" in record.message]) == 1
