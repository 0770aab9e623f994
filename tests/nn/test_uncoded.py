"""Architectures without an Estimation Code, scored by the real `refine` with the kernels and in plain PyTorch."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siamnas.nn.fused import Graph, plain_pytorch
from siamnas.predictors.siamese import SiamesePredictor
from siamnas.spaces.benchmark import Benchmark
from tests.predictors.every import siamese
from tests.support import tiny_benchmark


def benchmark_of(shared: bool) -> Benchmark:
    benchmark = tiny_benchmark(60)
    if shared:
        return benchmark
    rng = np.random.default_rng(0)
    adjacency = np.triu(rng.random((60, 10, 10)) < 0.3, 1) + np.eye(10)
    return Benchmark(replace(benchmark.space, adjacency=adjacency.astype(np.float32)), benchmark.measured)


@pytest.fixture(params=["kernels", "plain PyTorch"])
def backend(request: pytest.FixtureRequest) -> Any:
    """One of the two ways to compute."""
    with nullcontext() if request.param == "kernels" else plain_pytorch():
        yield request.param


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("count", [7, 32, 45])
def test_nan_codes_score_nan_and_change_no_other_score(backend: str, shared: bool, count: int) -> None:
    benchmark = benchmark_of(shared)
    predictor: SiamesePredictor = siamese(benchmark.space, range(2))
    predictor.net.eval()
    cells = np.stack([np.random.default_rng(r).permutation(60)[:count] for r in range(2)])
    codes = benchmark.measured.code[cells].astype(np.float64)
    assert np.isfinite(codes).all()
    whole = predictor.refine(cells, codes)
    assert np.isfinite(whole).all() and len(np.unique(whole)) > count

    lost = np.zeros(cells.shape, dtype=bool)
    lost[0, [0, 3, count - 1]] = lost[1, 1] = True
    holes = codes.copy()
    holes[lost] = np.nan
    holes[1, 1, 1:] = codes[1, 1, 1:]  # of one code only the first number
    fine = predictor.refine(cells, holes)
    np.testing.assert_array_equal(np.isnan(fine), lost)
    np.testing.assert_array_equal(fine[~lost], whole[~lost])


def test_the_network_alone_gives_nan_too(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only the mask at the end of `refine`."""
    benchmark = tiny_benchmark(60)
    predictor = siamese(benchmark.space, range(1))
    predictor.net.eval()
    monkeypatch.setattr(np, "isnan", lambda x: np.zeros(x.shape, dtype=bool))
    codes = benchmark.measured.code[None, :9].astype(np.float64)
    codes[0, 4] = np.nan
    used: list[bool] = []
    kernels_of = Graph.kernels
    monkeypatch.setattr(Graph, "kernels", lambda *a: used.append((out := kernels_of(*a)) is not None) or out)
    fine = predictor.refine(np.arange(9)[None], codes)
    assert set(used) == {backend == "kernels"}
    np.testing.assert_array_equal(fine != fine, np.arange(9)[None] == 4)
