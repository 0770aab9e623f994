"""LightningModule that trains R predictors at once."""

import math
from collections.abc import Callable

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional

from siamnas.training.data import Step

ADAM_EPS = 1e-7
HUBER_DELTA = 0.5


class AccuracyModule(pl.LightningModule):
    """Huber loss of every predicted accuracy against the label; summed over repeats, so that gradients never mix.

    Args:
        network: forward(x, code, graph) -> (branches, R, B) accuracies.
        lr: learning rate of the first epoch; the phases change it.
        forward: what computes `network(...)` in training, see `siamnas.training.compiled`; the network itself if None.
        published_epsilon: Adam adds its epsilon to the root of the second moment before that is corrected for its start
            at 0, as TensorFlow does, instead of after, as PyTorch does.

    Attributes:
        epoch: finished epochs of all fits.
        losses: per finished epoch, the mean loss of each repeat (R,).
        adam: one Adam for all repeats: its moments are element-wise, so repeats stay independent. It lives as long as
            the module, over several fits.
    """

    def __init__(
        self,
        network: nn.Module,
        lr: float,
        forward: Callable[..., Tensor] | None = None,
        published_epsilon: bool = False,
    ) -> None:
        super().__init__()
        self.network = network
        self.predict = forward or network.__call__
        self.epoch = 0
        self.losses: list[np.ndarray] = []
        self.published_epsilon = published_epsilon
        self.adam = torch.optim.Adam(network.parameters(), lr=lr, eps=ADAM_EPS, fused=True)
        self.automatic_optimization = False  # a Lightning batch is an epoch of steps, see TrainingSetDataset

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The Adam of the module."""
        return self.adam

    def cpu(self) -> "AccuracyModule":
        """Stay where it is: Lightning would take the network off the GPU after every segment of the training.

        The weights would come back to other places, and a recorded CUDA graph reads them where they were.
        """
        return self

    def loss(self, step: Step) -> Tensor:
        """(R,) sum over the branches of the mean Huber loss over the batch."""
        predicted = self.predict(step.x, step.code, step.graph)
        error = functional.huber_loss(predicted, step.label.expand_as(predicted), delta=HUBER_DELTA, reduction="none")
        return error.mean(dim=-1).sum(dim=0)

    def training_step(self, batch: list[Step], batch_idx: int) -> None:
        """One epoch."""
        optimizer = self.optimizers()
        assert isinstance(optimizer, pl.core.optimizer.LightningOptimizer)
        total = torch.zeros(len(batch[0].label), device=self.device)
        for step in batch:
            loss = self.loss(step)
            optimizer.zero_grad()
            self.manual_backward(loss.sum())
            if self.published_epsilon:
                self._set_epsilon()
            optimizer.step()
            total += loss.detach()
        self.losses.append((total / len(batch)).cpu().numpy())
        self.epoch += 1

    def _set_epsilon(self) -> None:
        """Give Adam, which corrects the second moment first, the epsilon that comes to the same."""
        done = next((int(state["step"]) for state in self.adam.state.values()), 0)
        for group in self.adam.param_groups:
            group["eps"] = ADAM_EPS / math.sqrt(1 - group["betas"][1] ** (done + 1))
