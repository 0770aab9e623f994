"""LightningModule of BRP-NAS: which of two architectures is better."""

from dataclasses import dataclass

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from siamnas.nn.brp import RelationNetwork, pool_inputs
from siamnas.progress import Report
from siamnas.spaces.space import FloatArray, IntArray, Space


@dataclass(frozen=True)
class Group:
    """Repeats that are trained together: their networks and their generators for dropout."""

    network: RelationNetwork
    generators: list[np.random.Generator]


class PairTraining(pl.LightningModule):
    """One round of training: every step takes all ordered pairs of each repeat's pool.

    Args:
        group: the networks, trained in place.
        space: the search space.
        archs: (R, N) the pool.
        labels: (R, N) of it.
        usable: (R, N) False where an architecture takes part in no pair.
        epochs: steps of the round.
        targets: see `pair_targets`.
        optimiser: learning rate and weight decay of AdamW.
    """

    counts: Tensor
    adjacency: Tensor
    target: Tensor
    pairs: Tensor
    entropy: Tensor

    def __init__(
        self,
        group: Group,
        space: Space,
        archs: IntArray,
        labels: FloatArray,
        usable: NDArray[np.bool_],
        epochs: int,
        targets: str,
        optimiser: tuple[float, float],
    ) -> None:
        super().__init__()
        self.network = group.network
        self.generators = group.generators
        self.epochs = epochs
        self.optimiser = optimiser
        self.losses: list[FloatArray] = []
        self.report: Report = lambda share: None
        target = pair_targets(torch.from_numpy(np.where(usable, labels, 0.0)), targets).float()
        paired = torch.from_numpy(usable[:, :, None] & usable[:, None, :])
        pairs = paired & ~torch.eye(archs.shape[1], dtype=torch.bool)  # (R, N, N)
        # The loss is the Kullback-Leibler divergence, as published: cross-entropy minus the entropy of the targets.
        entropy = (torch.special.entr(target) + torch.special.entr(1 - target)).mul(pairs).sum(dim=(1, 2))
        counts, adjacency = pool_inputs(space, archs)
        self.register_buffer("counts", torch.from_numpy(counts))
        self.register_buffer("adjacency", torch.from_numpy(adjacency))
        self.register_buffer("target", target)
        self.register_buffer("pairs", pairs)
        self.register_buffer("entropy", entropy)

    def training_step(self, batch: int, batch_idx: int) -> Tensor:
        """Divergence summed over all ordered pairs i != j and over the repeats."""
        dropped = self.network.draw_dropped(self.generators, *self.counts.shape[1:3])
        f, g = self.network.odds(self.network(self.counts, self.adjacency, dropped))  # (R, N) each
        odds = f[:, :, None] + g[:, None, :]  # (R, N, N)
        cross = binary_cross_entropy_with_logits(odds, self.target, reduction="none")
        loss = cross.mul(self.pairs).sum(dim=(1, 2)) - self.entropy  # (R,)
        self.losses.append((loss.detach() / self.pairs.sum(dim=(1, 2))).cpu().numpy())
        self.report((batch_idx + 1) / self.epochs)
        return loss.sum()

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW; its learning rate falls to zero over the round."""
        lr, decay = self.optimiser
        optimizer = torch.optim.AdamW(self.parameters(), lr=lr, weight_decay=decay, fused=True)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def pair_targets(label: Tensor, targets: str) -> Tensor:
    """(R, N, N) probability that i is better than j, from the labels (R, N) as fractions.

    `softmax`: the softmax of the two accuracies; `order`: 1 if i is better, 0 if j is, 1/2 if they are equal.
    """
    difference = label[:, :, None] - label[:, None, :]
    return torch.sigmoid(difference) if targets == "softmax" else (difference.sign() + 1) / 2
