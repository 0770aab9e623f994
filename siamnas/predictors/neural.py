"""Common part of the graph predictors: training and scoring R networks at once."""

import functools
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from siamnas.acquire.ranking import rank, rerank
from siamnas.nn.fused import ranking
from siamnas.nn.fused.ops import Graph
from siamnas.nn.fused.sharing import Neighbourhoods
from siamnas.nn.layers import NormalisedMish
from siamnas.nn.networks import GraphPredictorNetwork
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report
from siamnas.seeding import streams
from siamnas.spaces.space import FloatArray, IntArray, Space
from siamnas.training.batches import CellInputs
from siamnas.training.callbacks import (
    BatchTopSampler,
    ClosingSelection,
    Phases,
    Progress,
    bts_additions,
    phase_starts,
)
from siamnas.training.compiled import compiled
from siamnas.training.data import PoolDataModule, PoolDataset
from siamnas.training.lightning import choose_device, fit
from siamnas.training.module import AccuracyModule

TILES = {"cpu": 32, "cuda": 1024}
"""Cells of one forward pass: large enough for the matrix products, small enough for the cache of a CPU."""

CLOSING_TOP = 30
"""Cells that the closing selection re-ranks by the fine branch where no sampler says how many (published code)."""


@dataclass(frozen=True)
class Sampler:
    """Fields of the batch top sampler, see `siamnas.training.callbacks.BatchTopSampler`."""

    start: float
    rounds: int
    top: int
    order: str
    window: list[float]

    def epochs(self, epochs: int) -> list[int]:
        """The epochs of the rounds, evenly spaced over the window of all epochs."""
        first, last = (bound * epochs for bound in self.window)
        return [int(first + (last - first) * i / self.rounds) for i in range(self.rounds)]


class NeuralPredictor(Predictor):
    """Trains `network()` as SCIENCE prescribes: pool, phases, BTS, closing selection.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: the trainer config.
        mixup: probability of cell mixup.
        sampler: fields of `Sampler`; None draws the whole pool at random at the start.
    """

    coded = False
    """Whether the network reads Estimation Codes."""

    def __init__(
        self,
        space: Space,
        identities: range,
        trainer: dict[str, Any],
        mixup: float,
        sampler: dict[str, Any] | None,
    ) -> None:
        super().__init__(space, identities, trainer)
        self.mixup = mixup
        self.sampler = Sampler(**sampler) if sampler else None
        self.device = choose_device(trainer["accelerator"], trainer["precision"])
        self.inputs = CellInputs(space, torch.device(self.device))
        self.net = self.network(streams(identities, "init")).to(self.device)
        self.norms = [module for module in self.net.modules() if isinstance(module, NormalisedMish)]
        self._set_momentum(trainer["norm_momentum"])

    @abstractmethod
    def network(self, generators: list[np.random.Generator]) -> GraphPredictorNetwork:
        """R freshly initialised networks."""

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """See `Predictor.fit`. The closing selection spends `closing_epochs` of the n."""
        settings = self.trainer
        closing = settings["closing_epochs"]
        budget = n - closing
        first = budget
        additions: list[int] = []
        if self.sampler:
            first, additions = bts_additions(budget, self.sampler.start, self.sampler.rounds, self.sampler.order)
        oracle.fill(first, streams(self.identities, "pool"))

        best = functools.partial(self.best, oracle)
        starts, fresh = phase_starts(settings["epochs"], settings["phases"], settings["closing_lr"])
        callbacks: list[pl.Callback] = [Phases(starts, fresh), Progress(report)]
        if self.sampler:
            callbacks.append(
                BatchTopSampler(
                    oracle,
                    additions,
                    self.sampler.epochs(settings["epochs"]),
                    settings["ranked_share"],
                    self.sampler.top,
                    best,
                    streams(self.identities, "bts"),
                )
            )
        if closing:
            size = round(settings["ranked_share"] * len(self.space))
            cells = np.stack(
                [rng.choice(len(self.space), size, replace=False) for rng in streams(self.identities, "closing")]
            )
            top = self.sampler.top if self.sampler else CLOSING_TOP
            callbacks.append(ClosingSelection(oracle, settings["epochs"], cells, top, best))
        forward = compiled(self.net) if settings["compile"] and self.device == "cuda" else None
        module = AccuracyModule(self.net, starts[0], forward)
        steps = max(budget // settings["batch_size"], 1)
        data = PoolDataset(oracle, settings["batch_size"], steps, self.identities, self.mixup, self.coded)
        data.device = torch.device(self.device)
        fit(module, PoolDataModule(data), settings["epochs"] + closing, self.device, callbacks)
        self.net.to(self.device).eval()  # Lightning leaves it on the CPU
        if settings["recalibrate"]:
            self._recalibrate(data, oracle)
        return FitLog({"loss": np.stack(module.losses)})

    def best(self, oracle: Oracle, cells: IntArray, top: int) -> IntArray:
        """The best `top` of `cells` (R, m) in order, (R, top): by the coarse, then among them by the fine accuracy."""
        training = self.net.training
        self.net.eval()
        order = rank(self.score(cells))[:, :top]
        best = np.take_along_axis(cells, order, axis=1)
        if self.coded:
            fine = self.refine(best, oracle.codes(best))
            assert fine is not None
            best = rerank(best, fine)
        self.net.train(training)
        return best

    def score(self, cells: IntArray) -> FloatArray:
        """See `Predictor.score`; `cells` may also be (R, m), other cells for every repeat."""
        shared = self._shared_ranking(cells.shape[-1])
        if shared is None:
            return self._in_tiles(cells, lambda stem, graph, _: self.net.coarse(stem, graph))
        with torch.inference_mode():
            return shared.score(cells).double().numpy()

    @torch.inference_mode()
    def _in_tiles(self, cells: IntArray, forward: Callable[[Tensor, Graph, slice], Tensor]) -> FloatArray:
        """`forward(features after the stem, graph, tile)` -> (R, B) for all tiles of `cells` (m,) or (R, m): (R, m)."""

        def scores(tile: IntArray, place: slice) -> Tensor:
            graph = self.inputs.graph(tile)
            return forward(self.net.stem(self._one_hot(tile), graph), graph, place)

        return self._by_tiles(np.atleast_2d(cells), scores).double().cpu().numpy()

    @torch.inference_mode()
    def _shared_ranking(self, count: int) -> ranking.SharedRanking | None:
        """The fast way to rank `count` cells, where there is one and it pays."""
        shared = self._neighbourhoods
        if shared is None or self.device != "cpu" or len(shared.examples) > count:
            return None
        library = ranking.load(self.space.adjacency, self.net.third.weight.shape[3])
        if library is None:
            return None
        sides = self._by_tiles(
            shared.examples[None], lambda tile, _: self.net.stem_sides(self._one_hot(tile), self.inputs.graph(tile))
        )
        return ranking.SharedRanking(self.net, shared, shared.table(sides), library)

    def _by_tiles(self, cells: IntArray, compute: Callable[[IntArray, slice], Tensor]) -> Tensor:
        """`compute` for every tile of the cells (1 or R, m) and their place among them, put together on the last axis.

        All tiles have the same size, for which the kernels are compiled: the last one is filled with its last cell.
        """
        size, count = TILES[self.device], cells.shape[1]
        padded = np.pad(cells, ((0, 0), (0, -count % size)), mode="edge")
        places = [slice(start, start + size) for start in range(0, padded.shape[1], size)]
        return torch.cat([compute(padded[:, place], place) for place in places], dim=-1)[..., :count]

    def _one_hot(self, cells: IntArray) -> Tensor:
        """Cells (1 or R, B) -> one-hot node types (R, F, V, B)."""
        return self.inputs.one_hot(cells).expand(len(self.identities), -1, -1, -1)

    @functools.cached_property
    def _neighbourhoods(self) -> Neighbourhoods | None:
        adjacency = self.space.adjacency
        return Neighbourhoods.of(self.space.types, adjacency) if adjacency.ndim == 2 else None

    def _recalibrate(self, data: PoolDataset, oracle: Oracle) -> None:
        """Replace the running batch-norm statistics by those of the whole pool."""
        self.net.train()
        self._set_momentum(1.0)
        with torch.no_grad():
            step = data.step(oracle.pool)
            self.net(step.x, step.code, step.graph)
        self._set_momentum(self.trainer["norm_momentum"])
        self.net.eval()

    def _set_momentum(self, momentum: float) -> None:
        """Share of a new batch in the running batch-norm statistics."""
        for norm in self.norms:
            norm.momentum = momentum
