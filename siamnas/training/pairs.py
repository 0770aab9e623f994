"""LightningModule of BRP-NAS: which of two architectures is better."""

from dataclasses import dataclass

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.nn.brp import RelationNetwork, training_inputs
from siamnas.runtime.progress import Report
from siamnas.seeding import streams
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class Group:
    """Repeats that are trained together: their networks and their generators."""

    network: RelationNetwork
    dropout: list[np.random.Generator]
    batches: list[np.random.Generator]

    @classmethod
    def of(cls, network: RelationNetwork, seeds: range) -> "Group":
        """The group of these repeats."""
        return cls(network, streams(seeds, "dropout"), streams(seeds, "batches"))


class PairTraining(pl.LightningModule):
    """One round of training: an epoch goes through all ordered pairs of each repeat's training set.

    Args:
        group: the networks, trained in place.
        space: the search space.
        archs: (R, N) the training set.
        labels: (R, N) of it.
        usable: (R, N) False where an architecture takes part in no pair.
        epochs: of the round.
        batch: ordered pairs per step; None: all of them.
        targets: see `pair_targets`.
        optimiser: learning rate and weight decay of AdamW.

    Attributes:
        steps: of an epoch. Its last are empty for a repeat with fewer pairs than another, whose evaluations failed.
        losses: (R,) mean divergence of each epoch.
    """

    counts: Tensor
    adjacency: Tensor
    target: Tensor
    entropy: Tensor

    def __init__(
        self,
        group: Group,
        space: Space,
        archs: IntArray,
        labels: FloatArray,
        usable: NDArray[np.bool_],
        epochs: int,
        batch: int | None,
        targets: str,
        optimiser: tuple[float, float],
    ) -> None:
        super().__init__()
        self.network = group.network
        self.group = group
        self.epochs = epochs
        self.optimiser = optimiser
        self.losses: list[FloatArray] = []
        self.report: Report = lambda share: None
        self.pairs = usable[:, :, None] & usable[:, None, :] & ~np.eye(archs.shape[1], dtype=bool)  # (R, N, N)
        self.count = self.pairs.sum(axis=(1, 2))  # (R,)
        self.batch = batch or int(self.count.max())
        self.steps = -(-int(self.count.max()) // self.batch)
        target = pair_targets(torch.from_numpy(np.where(usable, labels, 0.0)), targets).float()
        counts, adjacency = training_inputs(space, archs)
        self.register_buffer("counts", torch.from_numpy(counts))
        self.register_buffer("adjacency", torch.from_numpy(adjacency))
        self.register_buffer("target", target)
        self.register_buffer("entropy", torch.special.entr(target) + torch.special.entr(1 - target))

    def training_step(self, step: int, batch_idx: int) -> Tensor:
        """Divergence summed over the ordered pairs i != j of the step and over the repeats."""
        at = step % self.steps
        if at == 0:
            self.number = batch_numbers(self.pairs, self.batch, self.group.batches)
            self.losses.append(np.zeros(len(self.pairs)))
        chosen = self.number == at
        f, g = self.odds(chosen.any(axis=1) | chosen.any(axis=2))
        cross = binary_cross_entropy_with_logits(f[:, :, None] + g[:, None, :], self.target, reduction="none")
        # The loss is the Kullback-Leibler divergence, as published: cross-entropy minus the entropy of the targets.
        loss = (cross - self.entropy).mul(torch.from_numpy(chosen).to(cross.device)).sum(dim=(1, 2))  # (R,)
        self.losses[-1] += loss.detach().cpu().numpy() / self.count
        self.report((step + 1) / (self.epochs * self.steps))
        return loss.sum()

    def odds(self, seen: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
        """F and g (R, N) of the architectures that are `seen` (R, N), each embedded once; 0 for the others."""
        many = seen.sum(axis=1).tolist()
        dropped = self.network.draw_dropped(self.group.dropout, self.counts.shape[1], many)
        if seen.all():
            return self.network.odds(self.network(self.counts, self.adjacency, dropped))
        # A repeat that sees fewer than another embeds some of the others in the places that are left.
        order = np.argsort(~seen, axis=1, kind="stable")[:, : max(many)]
        index = torch.from_numpy(order).to(self.counts.device)  # (R, C)
        counts = self.counts.take_along_dim(index[:, None, :, None], dim=2)
        own = self.adjacency.ndim == 4
        adjacency = self.adjacency.take_along_dim(index[:, :, None, None], dim=1) if own else self.adjacency
        odds = self.network.odds(self.network(counts, adjacency, dropped))
        f, g = (part.new_zeros(seen.shape).scatter(1, index, part) for part in odds)
        return f, g

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW; its learning rate falls to zero over the epochs of the round, as published."""
        lr, decay = self.optimiser
        optimizer = torch.optim.AdamW(self.parameters(), lr=lr, weight_decay=decay, fused=True)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step", "frequency": self.steps},
        }


def batch_numbers(pairs: NDArray[np.bool_], size: int, generators: list[np.random.Generator]) -> IntArray:
    """(R, N, N) in which batch of an epoch each of the `pairs` is, drawn without replacement; -1 for the others."""
    number = np.full(pairs.shape, -1, dtype=np.int64)
    for of_repeat, which, rng in zip(number, pairs, generators, strict=True):
        count = int(which.sum())
        of_repeat[which] = rng.permutation(count) // size
    return number


def pair_targets(label: Tensor, targets: str) -> Tensor:
    """(R, N, N) probability that i is better than j, from the labels (R, N) as fractions.

    `softmax`: the softmax of the two accuracies; `order`: 1 if i is better, 0 if j is, 1/2 if they are equal.
    """
    difference = label[:, :, None] - label[:, None, :]
    return torch.sigmoid(difference) if targets == "softmax" else (difference.sign() + 1) / 2
