"""LightningDataModule that keeps all images on the device and serves whole batches."""

from collections.abc import Callable, Iterator

import pytorch_lightning as pl
import torch
from torch import Generator, Tensor

from siamnas.errors import InputError
from siamnas.images.augment import Augment, Options, moments, normalise
from siamnas.images.dataset import Dataset, Images
from siamnas.seeding import stream

Batch = tuple[Tensor, Tensor]


class Batches:
    """The batches of an epoch, made when they are asked for; the last one may be smaller.

    An image that would be left alone joins the batch before it: batch norm can't train on a single one.

    Args:
        images: all of them.
        batch_size: B.
        device: where they are kept.
        make: bytes and labels of a batch -> the batch.
        shuffle: draws the order of every epoch; None keeps that of the images.
    """

    def __init__(
        self,
        images: Images,
        batch_size: int,
        device: str,
        make: Callable[[Tensor, Tensor], Batch],
        shuffle: Generator | None = None,
    ) -> None:
        self.pixels = torch.from_numpy(images.pixels).to(device)
        self.labels = torch.from_numpy(images.labels).to(device)
        starts = list(range(batch_size, len(images), batch_size))
        self.starts = starts[:-1] if starts and len(images) - starts[-1] == 1 else starts
        self.make = make
        self.shuffle = shuffle

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self.starts) + 1

    def __iter__(self) -> Iterator[Batch]:
        """One epoch."""
        size = len(self.labels)
        order = torch.arange(size) if self.shuffle is None else torch.randperm(size, generator=self.shuffle)
        for chosen in order.to(self.labels.device).tensor_split(self.starts):
            yield self.make(self.pixels[chosen], self.labels[chosen])


class ImageModule(pl.LightningDataModule):
    """Batches of images (B, 3, H, W), normalised by the train images; targets (B, C) in training, labels (B,) in tests.

    Args:
        dataset: the images.
        batch_size: B, at least 2.
        augment: what is done to the images that are learnt from; None for those that are only tested with.
        seed: of the order, which depends on nothing else, and of what is drawn for `augment`.
        device: as torch names it.

    Attributes:
        moments: (2, 3) mean and standard deviation of the train images' channels.

    Raises:
        InputError: a batch, or the train part, of a single image.
    """

    def __init__(
        self, dataset: Dataset, batch_size: int, augment: Options | None, seed: int, device: str = "cpu"
    ) -> None:
        super().__init__()
        if batch_size < 2:
            raise InputError(f"batch_size={batch_size}: must be at least 2, for batch norm")
        if len(dataset.train) < 2:
            raise InputError(f"images.train={len(dataset.train)}: must be at least 2, for batch norm")
        self.dataset = dataset
        self.batch_size = batch_size
        self.augment = augment
        self.seed = seed
        self.moments = moments(dataset.train).to(device)
        self._device = device

    def train_dataloader(self) -> Batches:
        """The train images in another order in every epoch, from the first epoch on; all images, each once."""
        assert self.augment is not None
        augment = Augment(self.moments, len(self.dataset.classes), self._generator("augment"), self.augment)
        return Batches(self.dataset.train, self.batch_size, self._device, augment, self._generator("order"))

    def test_dataloader(self) -> Batches:
        """The test images as they are."""
        return Batches(
            self.dataset.test,
            self.batch_size,
            self._device,
            lambda pixels, labels: (normalise(pixels, self.moments), labels),
        )

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """The images are on the device all along."""
        return batch

    def _generator(self, purpose: str) -> Generator:
        return Generator().manual_seed(int(stream(self.seed, f"images {purpose}").integers(2**63)))
