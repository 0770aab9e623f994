"""Common part of the graph predictors: training and scoring R networks at once."""

import functools
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.nn.fused import kernels, ranking
from siamnas.nn.fused.ops import Graph
from siamnas.nn.fused.sharing import Neighbourhoods
from siamnas.nn.layers import NormalisedMish
from siamnas.nn.networks import GraphPredictorNetwork
from siamnas.predictors.base import Predictor
from siamnas.seeding import streams
from siamnas.spaces.listed import Space
from siamnas.training.batches import GraphInputs
from siamnas.training.compiled import compiled
from siamnas.training.data import TrainingSetDataModule, TrainingSetDataset
from siamnas.training.device import choose_device, device_of, isolated
from siamnas.training.lightning import fit, flushed_denormals
from siamnas.training.module import AccuracyModule
from siamnas.training.phases import Phases, Progress, phase_starts
from siamnas.training.training_set import TrainingSet

TILES = {"cpu": 32, "cuda": 1024}
"""Architectures of one forward pass: large enough for the matrix products, small enough for the cache of a CPU."""


class NeuralPredictor(Predictor):
    """Trains `network()` by the published schedule: phases of the learning rate, then closing epochs.

    Args:
        space: the search space.
        seeds: `seed + repeat` of each repeat.
        trainer: the trainer config.
        mixup: probability of mixup among the architectures of a batch.
    """

    follows_trainer = True

    def __init__(self, space: Space, seeds: range, trainer: dict[str, Any], mixup: float) -> None:
        super().__init__(space, seeds, trainer)
        self.closing = trainer["closing_epochs"]
        self.device = choose_device(trainer["accelerator"])
        self._make(mixup)

    @isolated
    def _make(self, mixup: float) -> None:
        """Fresh networks, and what trains them."""
        seeds, space, trainer = self.seeds, self.space, self.trainer
        self.inputs = GraphInputs(space, torch.device(self.device))
        self.net = self.network(streams(seeds, "init")).to(self.device)
        self.norms = [module for module in self.net.modules() if isinstance(module, NormalisedMish)]
        self._set_momentum(trainer["norm_momentum"])
        starts, fresh = phase_starts(trainer["epochs"], trainer["phases"], trainer["closing_lr"])
        self._phases = Phases(starts, fresh)
        forward = compiled(self.net) if trainer["compile"] and self.device == "cuda" else None
        self._module = AccuracyModule(self.net, starts[0], forward, trainer.get("epsilon") == "published")
        self._data = TrainingSetDataset(self.inputs, seeds, trainer["batch_size"], mixup)
        self._best = np.full(len(seeds), -np.inf)
        self._kept: dict[str, Tensor] = {}

    @classmethod
    def backend(cls, trainer: Mapping[str, Any]) -> str | None:
        """See `Predictor`; the fused kernels of a CPU round otherwise than PyTorch's operators, and a GPU otherwise."""
        device = device_of(trainer["accelerator"])
        return device if device == "cuda" else None if kernels.available() else "torch"

    @isolated
    def move(self, space: Space) -> None:
        """See `Predictor`."""
        self.space, self.inputs = space, GraphInputs(space, torch.device(self.device))
        self._data.inputs = self.inputs
        for name in ("_neighbourhoods", "features"):
            self.__dict__.pop(name, None)

    @abstractmethod
    def network(self, generators: list[np.random.Generator]) -> GraphPredictorNetwork:
        """R freshly initialised networks."""

    @isolated
    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Train up to the epoch at the share `stage.until`; the length of an epoch is that of the full training set."""
        self._data.fill(training_set, labels)
        self._data.steps = max((self.stage.total or training_set.archs.shape[1]) // self.trainer["batch_size"], 1)
        # Counted over all fits: the module knows how many epochs it has behind it.
        self._train(self.stage.epochs(self.trainer["epochs"]) - self._module.epoch)

    @isolated
    def close(self) -> None:
        """Train one more epoch, with the learning rate of the end."""
        self._train(1)

    @isolated
    def keep(self, labels: FloatArray) -> None:
        """Keep the weights of the repeats whose evaluation is better than all before it; see `Predictor.keep`."""
        # NaN, a failed evaluation, is not better; the first state is kept in any case.
        better = torch.from_numpy(labels > self._best)
        self._best = np.fmax(self._best, labels)
        for name, value in self.net.state_dict().items():
            kept = self._kept.get(name)
            mask = better.to(value.device).view(-1, *[1] * (value.ndim - 1))
            self._kept[name] = value.clone() if kept is None else torch.where(mask, value, kept)

    @isolated
    def finish(self) -> None:
        """Restore the weights that were kept, and recompute the statistics of batch norm where that is wanted."""
        if self._kept:
            self.net.load_state_dict(self._kept)
        if self.trainer["recalibrate"]:
            self._recalibrate()

    @flushed_denormals()
    def _train(self, epochs: int) -> None:
        """Go on for so many epochs."""
        self.curves = {"loss": self._module.losses}  # grows while it trains
        if epochs > 0:
            self.net.train()
            callbacks = [self._phases, Progress(self.stage.report)]
            fit(self._module, TrainingSetDataModule(self._data), epochs, self.device, callbacks)
        self.net.eval()

    @flushed_denormals()
    def _recalibrate(self) -> None:
        """Replace the running batch-norm statistics by those of the whole training set."""
        self.net.train()
        self._set_momentum(1.0)
        with torch.no_grad():
            step = self._data.whole()
            self.net(step.x, step.code, step.graph)
        self._set_momentum(self.trainer["norm_momentum"])
        self.net.eval()

    def _set_momentum(self, momentum: float) -> None:
        """Share of a new batch in the running batch-norm statistics."""
        for norm in self.norms:
            norm.momentum = momentum

    @isolated
    @flushed_denormals()
    def score(self, archs: IntArray) -> FloatArray:
        """The coarse accuracies, see `Predictor.score`."""
        shared = self._shared_ranking(archs.shape[-1])
        if shared is None:
            return self._in_tiles(archs, lambda stem, graph, _: self.net.coarse(stem, graph))
        with torch.inference_mode():
            return shared.score(archs).double().numpy()

    @flushed_denormals()
    @torch.inference_mode()
    def _in_tiles(self, archs: IntArray, forward: Callable[[Tensor, Graph, slice], Tensor]) -> FloatArray:
        """`forward(features after the stem, graph, tile)` -> (R, B) for all tiles of `archs` (m,) or (R, m): (R, m)."""

        def scores(tile: IntArray, place: slice) -> Tensor:
            graph = self.inputs.graph(tile)
            return forward(self.net.stem(self._one_hot(tile), graph), graph, place)

        return self._by_tiles(np.atleast_2d(archs), scores).double().cpu().numpy()

    @torch.inference_mode()
    def _shared_ranking(self, count: int) -> ranking.SharedRanking | None:
        """The fast way to rank `count` architectures, where there is one and it pays."""
        shared = self._neighbourhoods
        # Its table costs as much as the examples, so that a short list is scored directly.
        if shared is None or self.device != "cpu" or len(shared.examples) > count:
            return None
        library = ranking.load(self.space.adjacency, self.net.third.weight.shape[3])
        if library is None:
            return None
        sides = self._by_tiles(
            shared.examples[None], lambda tile, _: self.net.stem_sides(self._one_hot(tile), self.inputs.graph(tile))
        )
        return ranking.SharedRanking(self.net, shared, shared.table(sides), library)

    def _by_tiles(self, archs: IntArray, compute: Callable[[IntArray, slice], Tensor]) -> Tensor:
        """`compute` for every tile of architectures (1 or R, m) and its place among them, joined on the last axis.

        All tiles have the same size, for which the kernels are compiled: the last one is filled with its last one.
        """
        size, count = TILES[self.device], archs.shape[1]
        padded = np.pad(archs, ((0, 0), (0, -count % size)), mode="edge")
        places = [slice(start, start + size) for start in range(0, padded.shape[1], size)]
        return torch.cat([compute(padded[:, place], place) for place in places], dim=-1)[..., :count]

    def _one_hot(self, archs: IntArray) -> Tensor:
        """Architectures (1 or R, B) -> one-hot node types (R, F, V, B)."""
        return self.inputs.one_hot(archs).expand(len(self.seeds), -1, -1, -1)

    @functools.cached_property
    def _neighbourhoods(self) -> Neighbourhoods | None:
        adjacency = self.space.adjacency
        return Neighbourhoods.of(self.space.types, adjacency) if adjacency.ndim == 2 else None
