"""Training R repeats at once: independence, the budget, what is learnt."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.errors import InputError
from siamnas.nn.fused import kernels
from siamnas.predictors.siamese import GraphPredictor, SiamesePredictor
from siamnas.spaces.benchmark import Benchmark
from siamnas.training.device import own_torch
from tests.predictors.every import EFM, FIELDS, siamese, trainer
from tests.support import draw, fit, run, searched, tiny_benchmark, tiny_search


def bts() -> BatchTopSampler:
    return BatchTopSampler(0.3, 10, 10, "published", [0.2, 0.7], 0.1)


ACQUISITIONS = {"random": lambda: None, "bts": bts}


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("mixup", [0.0, 0.5])
def test_a_repeat_in_a_batch_equals_the_repeat_alone(acquisition: str, mixup: float) -> None:
    """To the bit: what a repeat finds does not depend on how many others are trained in the same program."""
    benchmark = tiny_benchmark(150)
    batch, alone = (siamese(benchmark.space, r, 8, mixup=mixup) for r in (range(3, 7), range(5, 6)))
    found = [run(*tiny_search(p, benchmark, ACQUISITIONS[acquisition](), n=30)) for p in (batch, alone)]
    np.testing.assert_array_equal(found[0].state.archs[2], found[1].state.archs[0])
    np.testing.assert_array_equal(found[0].state.curves["loss"][:, 2], found[1].state.curves["loss"][:, 0])
    archs = np.arange(150)
    np.testing.assert_array_equal(batch.score(archs)[2], alone.score(archs)[0])
    top = np.tile(np.arange(7), (4, 1))
    fine = [p.refine(t, benchmark.measured.code[t]) for p, t in ((batch, top), (alone, top[:1]))]
    np.testing.assert_array_equal(fine[0][2], fine[1][0])


def test_the_same_repeat_gives_the_same_numbers_again() -> None:
    benchmark = tiny_benchmark(100)
    one, other = (searched(siamese(benchmark.space, range(2)), benchmark, bts(), n=20) for _ in range(2))
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], name)


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("n", [4, 11, 30, 40])
def test_the_budget_is_kept(n: int, acquisition: str) -> None:
    benchmark = tiny_benchmark(200, uncoded=5)
    search, oracle = tiny_search(siamese(benchmark.space, range(2), 4), benchmark, ACQUISITIONS[acquisition](), n=n)
    asked = []
    run(search, oracle, asked.append)
    assert asked[-1].shape[1] <= 30 + 3, "closing evaluations that agree leave something for the top"
    training_set = search.state.archs
    assert training_set.shape == (2, n - 3)
    assert all(len(set(row)) == n - 3 for row in training_set.tolist())
    assert benchmark.measured.coded[training_set].all()
    evaluated = np.concatenate(asked[:-1], axis=1)
    assert evaluated.shape == (2, n) and (search.evaluated[0].shape == (2, n + 30))


def test_codes_are_only_paid_by_who_reads_them() -> None:
    benchmark = tiny_benchmark(100)
    naive = GraphPredictor(benchmark.space, range(2), trainer(2), **FIELDS)
    assert searched(naive, benchmark, bts(), n=20)["codes"].tolist() == [0, 0]
    codes = searched(siamese(benchmark.space, range(2), 2), benchmark, n=20)["codes"]
    assert ((codes >= 20) & (codes <= 17 + 3 * 10 + 20)).all(), "the training set, the ranked share and the top"


@pytest.mark.slow
def test_it_learns() -> None:
    """Ranks unseen architectures far better than chance after a short training."""
    benchmark = tiny_benchmark(300)
    predictor = siamese(benchmark.space, range(3), epochs=60)
    found = run(*tiny_search(predictor, benchmark, n=60))
    assert (found.state.curves["loss"][-1] < 0.2 * found.state.curves["loss"][0]).all()
    scores = predictor.score(np.arange(300))
    for r in range(3):
        unseen = np.setdiff1d(np.arange(300), found.state.archs[r])
        assert np.corrcoef(scores[r, unseen], benchmark.measured.label[unseen])[0, 1] > 0.5


def test_architectures_with_their_own_adjacency() -> None:
    """A space whose architectures differ in their edges trains as well, and equal edges give equal numbers."""
    shared = tiny_benchmark(80)
    tiled = dataclasses.replace(shared.space, adjacency=np.tile(shared.space.adjacency, (80, 1, 1)))
    scores = []
    for benchmark in (shared, Benchmark(tiled, shared.measured)):
        predictor = siamese(benchmark.space, range(2), epochs=3)
        run(*tiny_search(predictor, benchmark, bts(), n=20))
        scores.append(predictor.score(np.arange(80)))
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_different_edges_count_in_training_and_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the edges differ: fused and plain agree, and a repeat alone is the repeat in a batch."""
    shared = tiny_benchmark(80)
    rng = np.random.default_rng(0)
    adjacency = np.triu(rng.random((80, 10, 10)) < 0.3, 1) + np.eye(10)
    types = np.tile(shared.space.types[:1], (80, 1))
    space = dataclasses.replace(shared.space, types=types, adjacency=adjacency.astype(np.float32))
    benchmark, everything, training_set = Benchmark(space, shared.measured), np.arange(80), draw(80, 20, 2)
    batch, alone = (siamese(space, seeds, epochs=3, mixup=0.5) for seeds in (range(2), range(1, 2)))
    fit(batch, benchmark, training_set)
    fit(alone, benchmark, training_set[1:])
    scores = batch.score(everything)
    assert scores[0].std() > 1e-4, "only the edges tell them apart"
    np.testing.assert_allclose(alone.score(everything)[0], scores[1], atol=1e-4)
    np.testing.assert_allclose(batch.score(np.tile(everything, (2, 1))), scores, atol=1e-6)
    monkeypatch.setattr(kernels, "load", lambda *_, **__: None)
    np.testing.assert_allclose(batch.score(everything), scores, atol=1e-5)


def test_a_space_without_codes_is_refused() -> None:
    with pytest.raises(InputError, match=r"tiny has none; choose a code for the space, or predictor=gcn"):
        SiamesePredictor(tiny_benchmark(20).space, range(1), trainer(), 0, **FIELDS, **EFM)


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens without a GPU")
def test_a_missing_gpu_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"trainer\.accelerator=gpu"):
        SiamesePredictor(tiny_benchmark(20).space, range(1), trainer(accelerator="gpu"), 3, **FIELDS, **EFM)


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["highest", "high"])
@pytest.mark.parametrize("graphs", [False, True])
def test_a_gpu_gives_what_the_cpu_gives(precision: str, graphs: bool) -> None:
    benchmark, scores = tiny_benchmark(150), []
    for accelerator in ("cpu", "gpu"):
        fields: dict[str, Any] = trainer(8, accelerator=accelerator, precision=precision, compile=graphs)
        predictor = SiamesePredictor(benchmark.space, range(4), fields, 3, **FIELDS, **EFM)
        run(*tiny_search(predictor, benchmark, bts(), n=30))
        scores.append(predictor.score(np.arange(150)))
    np.testing.assert_allclose(*scores, atol=1e-3 if precision == "highest" else 0.05)


def test_precision_is_that_of_torch() -> None:
    before = torch.get_float32_matmul_precision()
    with own_torch("cpu", "high"):
        assert torch.get_float32_matmul_precision() == "high"
    assert torch.get_float32_matmul_precision() == before != "high"
