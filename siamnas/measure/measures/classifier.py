"""LightningModule that trains a network to tell images apart."""

import math
from collections.abc import Callable

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from siamnas.measure.measures.base import Failed
from siamnas.measure.measures.recipe import Recipe
from siamnas.runtime.progress import Report

OnEpoch = Callable[[int, float], None]
"""Called with the number of a finished epoch, from 1, and its loss."""


class ClassifierModule(pl.LightningModule):
    """Cross-entropy of images (B, 3, H, W) against targets (B, classes).

    Args:
        network: forward(images) -> logits (B, classes).
        recipe: how it is trained.
        progress: called with the finished share of all epochs, after every batch.
        on_epoch: called after every epoch.

    Attributes:
        losses: of the finished epochs, the mean over the images, each with the weights of its batch.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, progress: Report, on_epoch: OnEpoch) -> None:
        super().__init__()
        self.network = network
        self.rates = recipe.rates
        self.label_smoothing = recipe.label_smoothing
        self.progress = progress
        self.on_epoch = on_epoch
        self.losses: list[float] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The Adam of all phases."""
        return torch.optim.Adam(self.network.parameters(), self.rates[0], fused=True)

    def on_train_epoch_start(self) -> None:
        """Set the learning rate of the epoch."""
        self.total, self.images = torch.zeros((), dtype=torch.float64, device=self.device), 0
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.rates[self.current_epoch]

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The mean loss of a batch."""
        images, targets = batch
        loss = cross_entropy(self.network(images), targets, label_smoothing=self.label_smoothing)
        self.total += loss.detach() * len(images)
        self.images += len(images)
        return loss

    def on_train_batch_end(self, outputs: object, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """Report."""
        self.progress(self.global_step / (len(self.rates) * int(self.trainer.num_training_batches)))

    def on_train_epoch_end(self) -> None:
        """Keep the loss.

        Raises:
            Failed: it is NaN or infinite.
        """
        loss, epoch = float(self.total) / self.images, self.current_epoch + 1
        if not math.isfinite(loss):
            raise Failed(f"its loss is {loss} in epoch {epoch}")
        self.losses.append(loss)
        self.on_epoch(epoch, loss)
