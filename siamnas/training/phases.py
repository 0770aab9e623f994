"""What happens between epochs: learning-rate phases and the report of progress."""

from typing import Any

import numpy as np
import pytorch_lightning as pl

from siamnas.runtime.progress import Report
from siamnas.training.module import AccuracyModule


class Phases(pl.Callback):
    """Each phase, the closing epochs too, starts with a fresh Adam at its learning rate (published code).

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
        epoch = pl_module.epoch
        if epoch in self.fresh:
            # As good as a new Adam, and Lightning keeps the one it knows.
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
    starts |= {epochs: float(closing_lr)}
    return starts, set(starts) - {0}


class Progress(pl.Callback):
    """Reports the finished share of the epochs."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report."""
        assert trainer.max_epochs is not None
        self.report((trainer.current_epoch + 1) / trainer.max_epochs)
