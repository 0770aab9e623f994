"""What happens between epochs: learning-rate phases, the batch top sampler, the closing checkpoint selection."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytorch_lightning as pl
import torch

from siamnas.oracle.table import Oracle
from siamnas.training.module import AccuracyModule

if TYPE_CHECKING:
    from siamnas.spaces.space import IntArray

Rank = Callable[["IntArray", int], "IntArray"]
"""(cells (R, m), top) -> the best `top` cells of each repeat in order, (R, top): coarse, then re-ranked by fine."""


class Phases(pl.Callback):
    """Each phase starts with a fresh Adam at its learning rate; the closing epochs only change the rate.

    Args:
        starts: epoch -> learning rate.
        fresh: the epochs that also reset Adam's moments.
    """

    def __init__(self, starts: dict[int, float], fresh: set[int]) -> None:
        self.starts = starts
        self.fresh = fresh

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Apply the phase that starts here, if any."""
        assert isinstance(pl_module, AccuracyModule)
        epoch = trainer.current_epoch
        if epoch in self.fresh:
            pl_module.adam.state.clear()
        if epoch in self.starts:
            for group in pl_module.adam.param_groups:
                group["lr"] = self.starts[epoch]


def phase_starts(epochs: int, phases: list[dict[str, Any]], closing_lr: float) -> tuple[dict[int, float], set[int]]:
    """Epochs at which the learning rate changes, and those of them with a fresh Adam.

    Args:
        epochs: of all phases, without the closing epochs.
        phases: `share` of the epochs and `lr` of each.
        closing_lr: learning rate after the phases.
    """
    bounds = np.rint(np.cumsum([0.0, *(phase["share"] for phase in phases)]) * epochs).astype(int).tolist()
    starts = {bound: float(phase["lr"]) for bound, phase in zip(bounds, phases, strict=False)}
    return {**starts, epochs: float(closing_lr)}, set(starts) - {0, epochs}


def bts_additions(budget: int, start: float, rounds: int, order: str) -> tuple[int, list[int]]:
    """Size of the batch top sampler's first pool and how many cells each of its rounds adds.

    Args:
        budget: cells of the full pool, N - 3.
        start: share of the budget drawn at random first, at least one cell.
        rounds: number of rounds.
        order: "published" adds floor(rest / rounds) per round and the remainder in the last; "even" spreads it.
    """
    first = max(int(start * budget), 1)
    rest = budget - first
    if order == "even":
        bounds = np.rint(np.linspace(0, rest, rounds + 1)).astype(int)
        return first, np.diff(bounds).tolist()
    each = rest // rounds
    return first, [each] * (rounds - 1) + [rest - each * (rounds - 1)]


class BatchTopSampler(pl.Callback):
    """BTS: adds the architectures that the half-trained predictor ranks best to the pool (Siamese-NAS, section on BTS).

    Args:
        oracle: pays for the additions and keeps the pool.
        additions: how many cells each round adds.
        epochs: at whose start the rounds are.
        share: of the space that each round ranks, drawn anew at random.
        top: so many are re-ranked by the fine branch.
        rank: ranks cells with the network as it is.
        generators: one per repeat.
    """

    def __init__(
        self,
        oracle: Oracle,
        additions: list[int],
        epochs: list[int],
        share: float,
        top: int,
        rank: Rank,
        generators: list[np.random.Generator],
    ) -> None:
        self.oracle = oracle
        self.rounds: dict[int, int] = {}
        for epoch, count in zip(epochs, additions, strict=True):
            self.rounds[epoch] = self.rounds.get(epoch, 0) + count
        self.share = share
        self.top = top
        self.rank = rank
        self.generators = generators

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add this epoch's cells, if it is one of the rounds."""
        count = self.rounds.get(trainer.current_epoch, 0)
        if count:
            self.oracle.query(self.choose(count))

    def choose(self, count: int) -> "IntArray":
        """(R, count) best-ranked cells of a random share of the space that are not in the pool yet."""
        size = len(self.oracle.space)
        drawn = min(max(round(self.share * size), count), int(self.oracle.free.sum(axis=1).min()))
        cells = self.oracle.draw(drawn, self.generators)
        return self.rank(cells, max(self.top, count))[:, :count]


class ClosingSelection(pl.Callback):
    """After each closing epoch, evaluates the top-ranked cell of a fixed share of the space; the best weights win.

    Args:
        oracle: pays for the evaluations.
        first: the first closing epoch.
        cells: (R, m) the fixed share, by repeat.
        top: so many are re-ranked by the fine branch.
        rank: ranks cells with the network as it is.
    """

    def __init__(self, oracle: Oracle, first: int, cells: "IntArray", top: int, rank: Rank) -> None:
        self.oracle = oracle
        self.first = first
        self.cells = cells
        self.top = top
        self.rank = rank
        self.best = np.full(len(cells), -np.inf)
        self.state: dict[str, torch.Tensor] = {}

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Evaluate, and keep the weights of the repeats that improved."""
        if trainer.current_epoch < self.first:
            return
        assert isinstance(pl_module, AccuracyModule)
        accuracy = self.oracle.peek(self.rank(self.cells, self.top)[:, :1])[:, 0]
        better = torch.from_numpy(accuracy > self.best)
        self.best = np.maximum(self.best, accuracy)
        for name, value in pl_module.network.state_dict().items():
            kept = self.state.get(name)
            mask = better.to(value.device).view(-1, *[1] * (value.ndim - 1))
            self.state[name] = value.clone() if kept is None else torch.where(mask, value, kept)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore the kept weights."""
        assert isinstance(pl_module, AccuracyModule)
        if self.state:
            pl_module.network.load_state_dict(self.state)


class Progress(pl.Callback):
    """Reports the finished share of the epochs."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self.report = report

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report."""
        assert trainer.max_epochs is not None
        self.report((trainer.current_epoch + 1) / trainer.max_epochs)
