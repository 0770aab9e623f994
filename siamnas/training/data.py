"""LightningDataModule over the pools of R repeats."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from siamnas.nn.fused.ops import Graph
from siamnas.oracle.table import Oracle
from siamnas.seeding import streams
from siamnas.training.batches import CellInputs


@dataclass(frozen=True)
class Step:
    """One training step's batch: B cells for each of R repeats."""

    x: Tensor  # (R, F, V, B) one-hot node types
    code: Tensor  # (R, L, B)
    graph: Graph
    label: Tensor  # (R, B) fractions


class CellMixup:
    """Mixes every cell of a batch with another one of it: inputs, adjacency, codes and labels (off as published).

    Args:
        probability: of a batch to be mixed.
        generators: one per repeat.
    """

    def __init__(self, probability: float, generators: list[np.random.Generator]) -> None:
        self.probability = probability
        self.generators = generators

    def __call__(self, step: Step) -> Step:
        """The mixed step; the share lambda ~ Beta(1.5, 1.5) is one per repeat and step."""
        size = step.label.shape[1]
        draws = [
            (rng.random() < self.probability, rng.beta(1.5, 1.5), rng.permutation(size)) for rng in self.generators
        ]
        share = torch.tensor([lam if mixed else 1.0 for mixed, lam, _ in draws], dtype=step.x.dtype)
        order = torch.from_numpy(np.stack([permutation for *_, permutation in draws]))

        def mix(values: Tensor) -> Tensor:
            weight = share.view(-1, *[1] * (values.ndim - 1)).to(values.device)
            index = order.view(len(order), *[1] * (values.ndim - 2), size).to(values.device).expand_as(values)
            return weight * values + (1 - weight) * values.gather(-1, index)

        graph = step.graph
        if not graph.shared:
            graph = Graph(mix(graph.adjacency), graph.support, shared=False)
        return Step(mix(step.x), mix(step.code), graph, mix(step.label))


class PoolDataset(IterableDataset[list[Step]]):
    """One item per epoch: the epoch's steps, drawn with replacement from the pool as it is then.

    A whole epoch is one Lightning batch, since a training step takes no longer than Lightning's work around a batch.

    Args:
        oracle: holds the pool, whose labels and codes are paid for.
        batch_size: B.
        steps: per epoch.
        identities: `seed + repeat` of each repeat.
        mixup: probability of `CellMixup`.
        coded: whether the codes of the cells are read.
    """

    def __init__(
        self, oracle: Oracle, batch_size: int, steps: int, identities: range, mixup: float, coded: bool
    ) -> None:
        self.oracle = oracle
        self.batch_size = batch_size
        self.steps = steps
        self.generators = streams(identities, "batches")
        self.mixup = CellMixup(mixup, streams(identities, "mixup")) if mixup else None
        self.coded = coded
        self.device = torch.device("cpu")

    def __iter__(self) -> Iterator[list[Step]]:
        pool = self.oracle.pool
        shape = (self.steps, self.batch_size)
        drawn = np.stack([rng.integers(pool.shape[1], size=shape) for rng in self.generators])  # (R, S, B)
        yield [self.step(np.take_along_axis(pool, drawn[:, s], axis=1)) for s in range(self.steps)]

    def step(self, cells: np.ndarray) -> Step:
        """The step that trains on `cells` (R, B) of the pool."""
        inputs = CellInputs(self.oracle.space, self.device)
        codes = self.oracle.codes(cells) if self.coded else np.empty((*cells.shape, 0), dtype=np.float32)
        label = torch.from_numpy(self.oracle.space.label[cells].astype(np.float32)).to(self.device)
        step = Step(inputs.one_hot(cells), inputs.codes(codes), inputs.graph(cells), label)
        return self.mixup(step) if self.mixup else step


class PoolDataModule(pl.LightningDataModule):
    """Serves a `PoolDataset`; the pool may grow between epochs."""

    def __init__(self, dataset: PoolDataset) -> None:
        super().__init__()
        self.dataset = dataset

    def train_dataloader(self) -> DataLoader[list[Step]]:
        """A loader of one batch per epoch: the list of its steps."""
        return DataLoader(self.dataset, batch_size=None)

    def transfer_batch_to_device(self, batch: list[Step], device: torch.device, dataloader_idx: int) -> list[Step]:
        """The steps are made on the device at once."""
        return batch
