"""Whole batches from the device: every image once an epoch, in an order that the seed alone decides."""

import warnings
from dataclasses import replace

import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from siamnas.errors import InputError
from siamnas.images.augment import Mixup, Options
from siamnas.images.datamodule import Batches, ImageModule
from siamnas.images.dataset import Dataset
from siamnas.training.lightning import fit
from tests.images.files import load, noise

OFF = Options(flip=False, shift=0, mixup=Mixup(1.5, 0.0))
ON = Options(flip=True, shift=2, mixup=Mixup(1.5, 0.5))


def numbered(size: int, tests: int = 3) -> Dataset:
    """Every train image is of a class of its own: the targets say which images are in a batch."""
    return Dataset("own", tuple(map(str, range(size))), noise(*range(size), size=2), noise(*range(tests), size=2), {})


def order(batches: Batches) -> list[list[int]]:
    """An epoch's images, batch by batch."""
    return [targets.argmax(dim=1).tolist() for _, targets in batches]


@settings(max_examples=40)
@given(st.integers(2, 30), st.integers(2, 12))
def test_every_image_is_there_once_and_never_alone(size: int, batch_size: int):
    batches = ImageModule(numbered(size), batch_size, OFF, seed=0).train_dataloader()
    epoch = order(batches)
    assert len(epoch) == len(batches)
    assert sorted(sum(epoch, [])) == list(range(size))
    sizes = [len(batch) for batch in epoch]
    assert all(size == batch_size for size in sizes[:-1])
    assert 2 <= sizes[-1] <= batch_size + 1
    assert sizes[-1] <= batch_size or size % batch_size == 1


def test_epochs_differ_and_the_seed_decides():
    module = ImageModule(numbered(20), 8, OFF, seed=0)
    batches = module.train_dataloader()
    first, second = order(batches), order(batches)
    assert first != second and order(module.train_dataloader()) == first
    again = ImageModule(numbered(20), 8, OFF, seed=0).train_dataloader()
    assert [order(again), order(again)] == [first, second]
    assert order(ImageModule(numbered(20), 8, OFF, seed=1).train_dataloader()) != first


def test_the_order_does_not_depend_on_what_is_done_to_the_images():
    data = numbered(20)
    moved = replace(ON, mixup=Mixup(1.5, 0.0))
    one, other = (ImageModule(data, 8, options, seed=0).train_dataloader() for options in (OFF, moved))
    for _ in range(2):
        assert order(one) == order(other)


def test_augmented_batches_are_the_same_for_the_same_seed():
    data = load("sample", train=40, test=10)

    def epochs() -> list[Tensor]:
        batches = ImageModule(data, 16, ON, seed=3).train_dataloader()
        return [tensor for _ in range(2) for batch in batches for tensor in batch]

    state = torch.get_rng_state()
    assert all(map(torch.equal, epochs(), epochs()))
    assert torch.equal(torch.get_rng_state(), state)


def test_test_images_stay_as_they_are_and_are_normalised_by_the_train_images():
    data = load("sample", train=50, test=30)
    module = ImageModule(data, 16, ON, seed=0)
    images, labels = map(torch.cat, zip(*module.test_dataloader(), strict=True))
    assert labels.tolist() == data.test.labels.tolist() and labels.dtype == torch.int64
    channels = data.train.pixels.astype(float)
    mean, deviation = (getattr(channels, name)(axis=(0, 2, 3), keepdims=True) for name in ("mean", "std"))
    assert torch.allclose(images, torch.from_numpy((data.test.pixels - mean) / deviation).float(), atol=1e-5)
    assert images.dtype == torch.float32


def test_a_single_test_image_is_a_batch():
    assert [len(labels) for _, labels in ImageModule(numbered(5, tests=1), 4, OFF, seed=0).test_dataloader()] == [1]


class Small(pl.LightningModule):
    """A network small enough to learn the sample in a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.AvgPool2d(4), nn.Flatten(), nn.Linear(192, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10)
        )
        self.losses: list[float] = []
        self.right = 0

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        loss = cross_entropy(self.net(batch[0]), batch[1])
        self.losses.append(loss.item())
        return loss

    def test_step(self, batch: tuple[Tensor, Tensor]) -> None:
        self.right += int((self.net(batch[0]).argmax(1) == batch[1]).sum())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), 3e-3)


def test_lightning_trains_and_tests_with_it():
    def losses() -> list[float]:
        torch.manual_seed(0)
        module = Small()
        fit(module, data, 10, "cpu", [])
        assert len(module.losses) == 10 * len(data.train_dataloader()) == 10 * 13
        return module.losses

    data = ImageModule(load("sample"), 32, OFF, seed=0)
    first = losses()
    assert sum(first[-13:]) < 0.8 * sum(first[:13])  # it learns
    assert losses() == first
    small = Small()
    silent = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pytorch_lightning\.")
        pl.Trainer(accelerator="cpu", enable_checkpointing=False, **silent).test(small, datamodule=data, verbose=False)
    assert 0 < small.right < 100


@pytest.mark.parametrize(
    ("size", "batch_size", "message"),
    [(5, 1, "batch_size=1: must be at least 2"), (1, 4, "images.train=1: must be at")],
)
def test_batches_of_one_image_are_refused(size: int, batch_size: int, message: str):
    with pytest.raises(InputError, match=message):
        ImageModule(numbered(size), batch_size, OFF, seed=0)


@pytest.mark.gpu
def test_a_gpu_gets_the_same_batches():
    data = load("sample", train=60)
    modules = [ImageModule(data, 16, ON, seed=0, device=device) for device in ("cpu", "cuda")]
    for here, there in zip(*(module.train_dataloader() for module in modules), strict=True):
        assert all(part.is_cuda for part in there)
        assert all(torch.allclose(*pair, atol=1e-5) for pair in zip(here, (part.cpu() for part in there), strict=True))
