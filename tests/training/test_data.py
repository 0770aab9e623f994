"""The batches that R repeats train on."""

from typing import Any

import numpy as np
import torch

from siamnas.seeding import streams
from siamnas.training.batches import GraphInputs
from siamnas.training.data import Mixup, TrainingSetDataset
from siamnas.training.training_set import TrainingSet
from tests.support import draw, tiny_benchmark, told

CPU = torch.device("cpu")


def dataset(repeats: int = 2, size: int = 8, steps: int = 5) -> TrainingSetDataset:
    data = TrainingSetDataset(GraphInputs(tiny_benchmark(60).space, CPU), range(repeats), size, 0.0)
    data.steps = steps
    return data


def test_steps_per_epoch_and_drawing_with_replacement() -> None:
    benchmark, data = tiny_benchmark(60), dataset()
    training_set, labels = told(benchmark, draw(60, 3, 2))
    data.fill(training_set, labels)
    (epoch,) = list(data)
    assert len(epoch) == 5
    assert epoch[0].x.shape == (2, 9, 10, 8)
    assert epoch[0].code.shape == (2, 3, 8)
    for step in epoch:
        for r in range(2):
            assert set(step.label[r].tolist()) <= set(labels[r].astype(np.float32).tolist())


def test_a_step_is_what_the_pool_says_of_its_architectures() -> None:
    benchmark, data = tiny_benchmark(60), dataset()
    space, archs = benchmark.space, draw(60, 9, 2)
    data.fill(*told(benchmark, archs))
    seats = draw(9, 8, 2, seed=1)
    step = data.step(seats)
    for r in range(2):
        for b, arch in enumerate(archs[r, seats[r]]):
            assert step.x[r, :, :, b].argmax(dim=0).tolist() == space.types[arch].tolist()
            np.testing.assert_array_equal(step.code[r, :, b].numpy(), benchmark.measured.code[arch])
            assert step.label[r, b].item() == np.float32(benchmark.measured.label[arch])


def test_nothing_is_drawn_that_failed_or_has_no_code() -> None:
    benchmark, data = tiny_benchmark(60), dataset(repeats=3, steps=40)
    training_set, labels = told(benchmark, draw(60, 6, 3))
    labels = labels.copy()
    labels[0, :5] = np.nan
    labels[2, 2] = np.nan
    codes = training_set.codes.copy()
    codes[1, :, 0] = [np.nan, 1, np.nan, 2, 3, 4]
    data.fill(TrainingSet(training_set.archs, codes), labels)
    (epoch,) = list(data)
    seen = [set(torch.cat([step.label[r] for step in epoch]).tolist()) for r in range(3)]
    usable = [[5], [1, 3, 4, 5], [0, 1, 3, 4, 5]]
    assert seen == [set(labels[r, seats].astype(np.float32).tolist()) for r, seats in enumerate(usable)]
    assert not any(torch.isnan(step.code).any() for step in epoch)
    whole = data.whole()
    assert whole.label.shape == (3, 5) and not torch.isnan(whole.label).any()
    assert set(whole.label[0].tolist()) == seen[0], "the one that is left, five times"


def test_a_pool_may_grow_between_epochs() -> None:
    benchmark, data = tiny_benchmark(60), dataset(steps=60)
    archs = draw(60, 12, 2)
    for size in (4, 12):
        training_set, labels = told(benchmark, archs[:, :size])
        data.fill(training_set, labels)
        (epoch,) = list(data)
        assert len({label for step in epoch for label in step.label[0].tolist()}) == size


def test_mixup_mixes_inputs_and_labels_alike() -> None:
    benchmark, data = tiny_benchmark(60), dataset(repeats=3)
    data.fill(*told(benchmark, draw(60, 20, 3)))
    plain = data.step(np.tile(np.arange(8), (3, 1)))
    mixed = Mixup(0.5, streams(range(3), "mixup"))(plain)
    for r in range(3):
        rng = streams(range(3), "mixup")[r]
        coins, shares, order = rng.random(8) < 0.5, rng.beta(1.5, 1.5, 8), rng.permutation(8)
        assert 0 < coins.sum() < 8, "some are mixed, each with a share of its own"
        for name in ("x", "code", "label"):
            before: Any = getattr(plain, name)[r].numpy()
            after = getattr(mixed, name)[r].numpy()
            for b in range(8):
                share = shares[b] if coins[b] else 1.0
                expected = share * before[..., b] + (1 - share) * before[..., order[b]]
                np.testing.assert_allclose(after[..., b], expected, rtol=1e-5)
    assert mixed.graph is plain.graph
