"""LightningDataModule over the training sets of R repeats."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.nn.fused.ops import Graph
from siamnas.seeding import streams
from siamnas.training.batches import GraphInputs
from siamnas.training.training_set import TrainingSet


@dataclass(frozen=True)
class Step:
    """One training step's batch: B architectures for each of R repeats."""

    x: Tensor  # (R, F, V, B) one-hot node types
    code: Tensor  # (R, L, B)
    graph: Graph
    label: Tensor  # (R, B) fractions


class Mixup:
    """Mixes every architecture of a batch with another of it: inputs, adjacency, codes, labels (published: off).

    Args:
        probability: of an architecture to be mixed.
        generators: one per repeat.
    """

    def __init__(self, probability: float, generators: list[np.random.Generator]) -> None:
        self.probability = probability
        self.generators = generators

    def __call__(self, step: Step) -> Step:
        """The mixed step; every architecture has a coin and a share lambda ~ Beta(1.5, 1.5) of its own (published)."""
        size = step.label.shape[1]
        draws = [
            (rng.random(size) < self.probability, rng.beta(1.5, 1.5, size), rng.permutation(size))
            for rng in self.generators
        ]
        shares = np.stack([np.where(mixed, lam, 1.0) for mixed, lam, _ in draws])  # (R, B)
        share = torch.from_numpy(shares).to(step.x)
        order = torch.from_numpy(np.stack([permutation for *_, permutation in draws])).to(step.x.device)

        def mix(values: Tensor) -> Tensor:
            shape = (len(order), *[1] * (values.ndim - 2), size)
            weight, index = share.view(shape), order.view(shape).expand_as(values)
            return weight * values + (1 - weight) * values.gather(-1, index)

        graph = step.graph
        if not graph.shared:
            graph = Graph(mix(graph.adjacency), graph.support, shared=False)
        return Step(mix(step.x), mix(step.code), graph, mix(step.label))


class TrainingSetDataset(IterableDataset[list[Step]]):
    """One item per epoch: the epoch's steps, drawn with replacement from the training set as it is then.

    A whole epoch is one Lightning batch, since a training step takes no longer than Lightning's work around a batch.

    Args:
        inputs: of the search space, on the device.
        seeds: `seed + repeat` of each repeat.
        batch_size: B.
        mixup: probability of `Mixup`.

    Attributes:
        steps: per epoch.
    """

    def __init__(self, inputs: GraphInputs, seeds: range, batch_size: int, mixup: float) -> None:
        self.inputs = inputs
        self.batch_size = batch_size
        self.generators = streams(seeds, "batches")
        self.mixup = Mixup(mixup, streams(seeds, "mixup")) if mixup else None
        self.steps = 1

    def fill(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Train on this training set from now on, see `Predictor.fit`."""
        self.training_set = training_set
        self.labels = labels.astype(np.float32)
        self.usable = [np.flatnonzero(row) for row in training_set.usable(labels)]

    def __iter__(self) -> Iterator[list[Step]]:
        shape = (self.steps, self.batch_size)
        drawn = [seats[rng.integers(len(seats), size=shape)] for seats, rng in self._rows()]
        seats = np.stack(drawn)  # (R, S, B)
        yield [self.step(seats[:, s]) for s in range(self.steps)]

    def whole(self) -> Step:
        """One step with the whole training set as its batch; a repeat that can use less of it repeats some."""
        size = max(map(len, self.usable))
        return self.step(np.stack([np.resize(seats, size) for seats in self.usable]))

    def step(self, seats: IntArray) -> Step:
        """The step that trains on the architectures at `seats` (R, B) of the training set."""
        archs = np.take_along_axis(self.training_set.archs, seats, axis=1)
        codes = np.take_along_axis(self.training_set.codes, seats[:, :, None], axis=1)
        label = torch.from_numpy(np.take_along_axis(self.labels, seats, axis=1)).to(self.inputs.device)
        step = Step(self.inputs.one_hot(archs), self.inputs.codes(codes), self.inputs.graph(archs), label)
        return self.mixup(step) if self.mixup else step

    def _rows(self) -> Iterator[tuple[IntArray, np.random.Generator]]:
        return zip(self.usable, self.generators, strict=True)


class TrainingSetDataModule(pl.LightningDataModule):
    """Serves a `TrainingSetDataset`; the training set may grow between epochs."""

    def __init__(self, dataset: TrainingSetDataset) -> None:
        super().__init__()
        self.dataset = dataset

    def train_dataloader(self) -> DataLoader[list[Step]]:
        """A loader of one batch per epoch: the list of its steps."""
        return DataLoader(self.dataset, batch_size=None, generator=torch.Generator())  # else it takes the user's

    def transfer_batch_to_device(self, batch: list[Step], device: torch.device, dataloader_idx: int) -> list[Step]:
        """The steps are made on the device at once."""
        return batch
