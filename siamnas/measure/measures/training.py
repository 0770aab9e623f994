"""What a training tells of an architecture: its first losses, the Estimation Code, and its accuracy."""

from collections.abc import Callable
from typing import Annotated

from torch import nn

from siamnas.config.validate import Condition, Rate, Times
from siamnas.images.augment import Options
from siamnas.images.datamodule import ImageModule
from siamnas.images.dataset import Dataset
from siamnas.measure.measures.base import Measure, Values
from siamnas.measure.measures.fit import evaluate, fit
from siamnas.measure.measures.recipe import Batch, Phase, Recipe, Smoothing
from siamnas.training.lightning import Precision


class Training(Measure):
    """A measure that trains.

    Raises:
        InputError: the images can't be trained on.
    """

    def __init__(self, images: Dataset, device: str, recipe: Recipe) -> None:
        ImageModule(images, recipe.batch_size, recipe.augment, seed=0)  # checks them
        self.images = images
        self.device = device
        self.recipe = recipe


class Code(Training):
    """The mean loss of each epoch of a short training: columns loss_1, loss_2 and so on.

    Args:
        images: to train on; nothing is tested.
        device: as torch names it.
        epochs: length of the code.
        lr: learning rate.
        batch_size: see `siamnas.measure.measures.recipe.Recipe`.
        label_smoothing: see there.
        augment: see there.
        precision: see there.
    """

    def __init__(
        self,
        images: Dataset,
        device: str,
        epochs: Times,
        lr: Rate,
        batch_size: Batch,
        label_smoothing: Smoothing,
        augment: Options,
        precision: Precision,
    ) -> None:
        self.columns = tuple(f"loss_{epoch}" for epoch in range(1, epochs + 1))
        super().__init__(images, device, Recipe([Phase(epochs, lr)], batch_size, label_smoothing, augment, precision))

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        """See `Measure`; fails where a loss is NaN or infinite."""
        fitted = fit(network, self.images, self.recipe, seed, self.device, self.report)
        return Values(fitted.losses, fitted.seconds)


class Train(Training):
    """Accuracy and loss on the test images after a training.

    Args:
        images: to train on and to test with.
        device: as torch names it.
        phases: `epochs` and `lr` of each, one after the other.
        batch_size: see `siamnas.measure.measures.recipe.Recipe`.
        label_smoothing: see there; of the training alone.
        augment: see there.
        precision: see there.
    """

    columns = ("accuracy", "test_loss")

    def __init__(
        self,
        images: Dataset,
        device: str,
        phases: Annotated[list[Phase], Condition("a list of one or more phases", bool)],
        batch_size: Batch,
        label_smoothing: Smoothing,
        augment: Options,
        precision: Precision,
    ) -> None:
        super().__init__(images, device, Recipe(phases, batch_size, label_smoothing, augment, precision))

    def __call__(self, network: Callable[[], nn.Module], seed: int) -> Values:
        """See `Measure`; fails where a loss of the training is NaN or infinite."""
        fitted = fit(network, self.images, self.recipe, seed, self.device, self.report)
        tested = evaluate(fitted.network, self.images, self.recipe.batch_size, self.device)
        return Values((tested.accuracy, tested.loss), fitted.seconds + tested.seconds)
