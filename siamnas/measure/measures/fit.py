"""Train a network on images, and test it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from siamnas.images.datamodule import ImageModule
from siamnas.images.dataset import Dataset
from siamnas.measure.measures.classifier import ClassifierModule, OnEpoch
from siamnas.measure.measures.memory import kept_memory
from siamnas.measure.measures.recipe import Recipe
from siamnas.runtime import generators
from siamnas.runtime.progress import Report, no_report
from siamnas.training import lightning
from siamnas.training.lightning import flushed_denormals


@dataclass(frozen=True)
class Fitted:
    """A network that has been trained.

    Attributes:
        network: with its last weights.
        losses: of every epoch, the mean over the images.
        seconds: wall clock.
    """

    network: nn.Module
    losses: tuple[float, ...]
    seconds: float


@dataclass(frozen=True)
class Evaluated:
    """What a network makes of the test images.

    Attributes:
        accuracy: share of them.
        loss: mean cross-entropy.
        seconds: wall clock.
    """

    accuracy: float
    loss: float
    seconds: float


def fit(
    network: Callable[[], nn.Module],
    dataset: Dataset,
    recipe: Recipe,
    seed: int,
    device: str,
    progress: Report = no_report,
    on_epoch: OnEpoch = lambda epoch, loss: None,
) -> Fitted:
    """Train a network on the train images.

    On a CPU the seed decides everything, to the bit for the same number of threads; the states of the global generators
    are left alone, and what a network draws from those of numpy and Python depends on the seed as well.

    Args:
        network: makes it, with new weights from torch's global generator.
        dataset: the images.
        recipe: how it is trained.
        seed: of the weights, the order of the images, and what is drawn to vary them.
        device: as torch names it.
        progress: called with the finished share.
        on_epoch: called with the number of every finished epoch, from 1, and its loss.

    Raises:
        Failed: a loss is NaN or infinite.
        InputError: there is only one image.
    """
    began = time.perf_counter()
    place = torch.device(device)
    data = ImageModule(dataset, recipe.batch_size, recipe.augment, seed, device)
    forked = torch.random.fork_rng([place] if place.type == "cuda" else [])
    with forked, generators.lent(seed), flushed_denormals(), kept_memory():
        torch.manual_seed(seed)
        # The CPU convolves, and pools far more so, faster with the channels side by side.
        made = network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        module = ClassifierModule(made, recipe, progress, on_epoch)
        lightning.fit(module, data, len(recipe.rates), device, [], recipe.precision)
    return Fitted(module.network, tuple(module.losses), time.perf_counter() - began)


@torch.inference_mode()
def evaluate(network: nn.Module, dataset: Dataset, batch_size: int, device: str) -> Evaluated:
    """Test a network; it is moved to the device and left there, ready for use and not for training.

    Args:
        network: forward(images) -> logits (B, classes).
        dataset: the images; the test part is normalised like the train part.
        batch_size: at once.
        device: as torch names it.
    """
    began = time.perf_counter()
    network = network.to(device).eval()
    right, loss = 0, 0.0
    for images, labels in ImageModule(dataset, batch_size, None, 0, device).test_dataloader():
        logits = network(images)
        right += int((logits.argmax(dim=1) == labels).sum())
        loss += float(cross_entropy(logits, labels, reduction="sum"))
    size = len(dataset.test)
    return Evaluated(right / size, loss / size, time.perf_counter() - began)
