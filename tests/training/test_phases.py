"""What a fit does between the asks: phases, segments of the training, the closing selection."""

from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from siamnas.acquisition.bts import BatchTopSampler
from siamnas.errors import InputError
from siamnas.predictors.neural import NeuralPredictor
from siamnas.predictors.random import Random
from siamnas.predictors.siamese import SiamesePredictor
from siamnas.search.topk import CLOSING_TOP
from siamnas.seeding import streams
from siamnas.training.batches import GraphInputs
from siamnas.training.data import TrainingSetDataModule, TrainingSetDataset
from siamnas.training.lightning import fit as train
from siamnas.training.module import AccuracyModule
from siamnas.training.phases import Phases, phase_starts
from tests.predictors.every import EFM, FIELDS, siamese, trainer
from tests.support import draw, fit, run, tiny_benchmark, tiny_search, told


def bts(**changes: Any) -> BatchTopSampler:
    fields = {"start": 0.3, "rounds": 10, "top": 10, "order": "published", "window": [0.2, 0.7], "share": 0.1}
    return BatchTopSampler(**{**fields, **changes})


def test_phases_set_the_rate_and_forget_the_moments() -> None:
    starts, fresh = phase_starts(200, trainer()["phases"], 1e-4)
    assert starts == {0: 1e-3, 40: 1e-3, 140: 1e-4, 200: 1e-4}
    assert fresh == {40, 140, 200}, "the closing epochs start afresh, too"

    benchmark = tiny_benchmark(60)
    seen: list[tuple[float, bool]] = []

    class Watch(pl.Callback):
        def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            assert isinstance(pl_module, AccuracyModule)
            seen.append((pl_module.adam.param_groups[0]["lr"], bool(pl_module.adam.state)))

    module = AccuracyModule(siamese(benchmark.space, range(1)).net, starts[0])
    data = TrainingSetDataset(GraphInputs(benchmark.space, torch.device("cpu")), range(1), 8, 0.0)
    data.fill(*told(benchmark, draw(60, 8, 1)))
    callbacks = [Phases({0: 0.5, 2: 0.25, 4: 0.125}, {2}), Watch()]
    for epochs in (3, 2):  # a training that is continued goes on where it was
        train(module, TrainingSetDataModule(data), epochs, "cpu", callbacks)
    assert seen == [(0.5, False), (0.5, True), (0.25, False), (0.25, True), (0.125, True)]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), max_size=4).map(sorted))
def test_a_training_in_segments_is_the_training_in_one_go(shares: list[float]) -> None:
    """Over the borders of the phases too: Adam, the batches and the statistics go on as if nothing had happened."""
    benchmark = tiny_benchmark(60)
    training_set = draw(60, 17, 2)
    scores, losses = [], []
    for segments in ([1.0], [*shares, 1.0]):
        predictor = siamese(benchmark.space, range(2), epochs=8)
        for until in segments:
            fit(predictor, benchmark, training_set, until=until, total=17)
        predictor.close()
        scores.append(predictor.score(np.arange(60)))
        losses.append(np.stack(predictor.curves["loss"]))
    np.testing.assert_array_equal(*scores)
    np.testing.assert_array_equal(*losses)
    assert losses[0].shape == (9, 2)


def epochs_of(acquisition: BatchTopSampler, epochs: int, n: int) -> list[int]:
    """The size of the training set in each epoch of a search."""
    benchmark = tiny_benchmark(60)
    sizes: list[int] = []
    original = TrainingSetDataset.__iter__

    def spy(self: TrainingSetDataset) -> Any:
        sizes.append(self.training_set.archs.shape[1])
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingSetDataset, "__iter__", spy)
        run(*tiny_search(siamese(benchmark.space, range(1), epochs), benchmark, acquisition, n=n))
    return sizes


def test_what_a_round_adds_is_trained_on_in_the_same_epoch() -> None:
    """The training set grows at the start of an epoch, and Lightning must not have drawn the epoch's batches before."""
    assert epochs_of(bts(rounds=1, window=[0.2, 0.8]), 10, 23) == [6] * 5 + [20] * 8


@pytest.mark.slow
def test_the_rounds_are_in_the_middle_half_of_the_epochs() -> None:
    sizes = epochs_of(bts(rounds=10), 200, 33)  # 9 at the start, then 2 each
    grown = [epoch for epoch in range(1, len(sizes)) if sizes[epoch] > sizes[epoch - 1]]
    assert (sizes[0], sizes[-1]) == (9, 30) and len(sizes) == 203
    assert grown == [49, 58, 67, 76, 85, 94, 103, 112, 121, 130]


@pytest.mark.parametrize(("n", "batch", "steps"), [(30, 8, 3), (30, 30, 1), (30, 40, 1), (8, 1, 8)])
def test_an_epoch_is_as_long_as_the_full_pool_wants_it(n: int, batch: int, steps: int) -> None:
    """Also while the training set still grows."""
    benchmark = tiny_benchmark(60)
    predictor = siamese(benchmark.space, range(1))
    predictor.trainer = {**predictor.trainer, "batch_size": batch}
    fit(predictor, benchmark, draw(60, 5, 1), until=0.0, total=n)
    assert predictor._data.steps == steps
    fit(predictor, benchmark, draw(60, 5, 1), until=0.0)
    assert predictor._data.steps == max(5 // batch, 1), "a training set of which nothing is said is full"


def closing(labels: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Final weights, and those after every closing epoch, whose evaluations say `labels` (R,)."""
    benchmark = tiny_benchmark(100)
    repeats = len(labels[0])
    predictor = siamese(benchmark.space, range(repeats), epochs=5)
    fit(predictor, benchmark, draw(100, 17, repeats))
    history = []
    for label in labels:
        predictor.close()
        history.append(predictor.net.unit.weight.detach().clone().numpy())
        predictor.keep(label)
    predictor.finish()
    return predictor.net.unit.weight.detach().numpy(), history


def test_closing_selection_keeps_the_weights_of_the_best_evaluation() -> None:
    """Every repeat ends with the weights of its own best closing epoch, of equal ones the first."""
    labels = np.array([[0.1, 0.9, 0.5, 0.4], [0.2, 0.3, 0.5, 0.3], [0.3, 0.1, 0.1, 0.4]])
    final, history = closing(list(labels))
    assert not np.array_equal(history[0], history[2])
    for r, winner in enumerate([2, 0, 0, 0]):
        np.testing.assert_array_equal(final[r], history[winner][r])


def test_closing_selection_survives_evaluations_that_fail() -> None:
    """A failed evaluation is never the best; where all fail, the first state stays."""
    nan = np.nan
    final, history = closing([np.array([nan, 0.5, nan]), np.array([0.2, nan, nan]), np.array([0.1, 0.4, nan])])
    for r, winner in enumerate([1, 0, 0]):
        np.testing.assert_array_equal(final[r], history[winner][r])


def test_the_closing_evaluations_are_the_first_of_one_random_share() -> None:
    benchmark = tiny_benchmark(100)
    predictor = siamese(benchmark.space, range(3), epochs=5)
    share = np.stack([rng.choice(100, 10, replace=False) for rng in streams(range(3), "closing")])
    first: list[np.ndarray] = []
    close = NeuralPredictor.close

    def spy(self: NeuralPredictor) -> None:
        close(self)
        order = np.argsort(-self.score(share), axis=1, kind="stable")[:, :CLOSING_TOP]
        ranked = np.take_along_axis(share, order, axis=1)
        fine = self.refine(ranked, benchmark.measured.code[ranked])
        first.append(np.take_along_axis(ranked, fine.argmax(axis=1)[:, None], axis=1))

    asked: list[np.ndarray] = []
    search, oracle = tiny_search(predictor, benchmark, n=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NeuralPredictor, "close", spy)
        run(search, oracle, asked.append)
    assert [archs.shape for archs in asked[:-1]] == [(3, 17), (3, 1), (3, 1), (3, 1)]
    np.testing.assert_array_equal(np.stack(asked[1:4]), np.stack(first))
    assert search.state.archs.shape == (3, 17), "they are no part of the training set"


def test_the_closing_evaluations_can_be_of_the_first_of_the_list_as_published() -> None:
    benchmark = tiny_benchmark(100)
    asked: list[np.ndarray] = []
    search, oracle = tiny_search(siamese(benchmark.space, range(3), epochs=5), benchmark, n=20, closing="first")
    run(search, oracle, asked.append)
    assert all((archs < 10).all() for archs in asked[1:4])
    with pytest.raises(InputError, match="search.closing=first: has no effect"):
        tiny_search(Random(benchmark.space, range(3), {}), benchmark, n=20, closing="first")


def test_the_published_epsilon_is_that_of_the_formula_written_out() -> None:
    """Kingma and Ba's faster form, as TensorFlow computes it; a reference of a few lines in float64."""
    gradients, lr = [1e-6, -3e-7, 2e-6, 1e-7], 0.1
    network = torch.nn.Linear(1, 1, bias=False)
    module = AccuracyModule(network, lr, published_epsilon=True)
    weight = corrected = mean = square = 0.0
    torch.nn.init.zeros_(network.weight)
    for t, gradient in enumerate(gradients, 1):
        network.weight.grad = torch.full_like(network.weight, gradient)
        module._set_epsilon()
        module.adam.step()
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        weight -= lr * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * mean / (square**0.5 + 1e-7)
        corrected -= lr / (1 - 0.9**t) * mean / ((square / (1 - 0.999**t)) ** 0.5 + 1e-7)
        assert network.weight.item() == pytest.approx(weight, rel=1e-4)
    assert abs(weight) < 0.6 * abs(corrected), "which is PyTorch's form"


def test_the_option_of_the_trainer_sets_it() -> None:
    benchmark = tiny_benchmark(60)
    scores = []
    for changes in ({}, {"epsilon": "corrected"}, {"epsilon": "published"}):
        predictor = SiamesePredictor(benchmark.space, range(1), trainer(3, **changes), 3, **FIELDS, **EFM)
        fit(predictor, benchmark, draw(60, 17, 1))
        scores.append(predictor.score(np.arange(60)))
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def test_recalibration_takes_the_statistics_of_the_pool() -> None:
    benchmark = tiny_benchmark(60)
    predictor = siamese(benchmark.space, range(2), epochs=2)
    predictor.trainer = {**predictor.trainer, "recalibrate": True}
    run(*tiny_search(predictor, benchmark, n=20))
    step = predictor._data.whole()
    assert step.label.shape == (2, 17)
    predictor.net.train()
    in_training = predictor.net(step.x, step.code, step.graph)[0]
    predictor.net.eval()
    torch.testing.assert_close(predictor.net(step.x, step.code, step.graph)[0], in_training, atol=1e-5, rtol=1e-4)
    assert all(abs(m.momentum - 0.003) < 0.004 for m in predictor.net.modules() if hasattr(m, "momentum"))


def test_the_network_stays_on_its_device_between_segments():
    """Lightning moves a module to the CPU when a fit ends; recorded CUDA graphs need the weights where they were."""
    module = AccuracyModule(torch.nn.Linear(2, 2, device="meta"), 1e-3)
    assert module.cpu() is module
    assert {weight.device.type for weight in module.parameters()} == {"meta"}
