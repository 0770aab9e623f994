"""The fields of the group `trainer`, and the version of what it does."""

from dataclasses import dataclass
from typing import Annotated, Literal

from siamnas.config.validate import Condition, Few, Rate, Share, Size, Times

RESULTS_VERSION = 1
"""Raised when a training with the same fields gives other numbers than before."""


@dataclass
class Phase:
    """A part of the training with one learning rate and a fresh optimiser."""

    share: Share
    lr: Rate


@dataclass
class Trainer:
    """The training schedule, see `conf/trainer/paper.yaml`."""

    batch_size: Size
    epochs: Times
    phases: Annotated[
        list[Phase],
        Condition("a list of phases whose shares sum to 1", lambda v: abs(sum(p["share"] for p in v) - 1) < 1e-6),
    ]
    closing_epochs: Annotated[int, Condition("an integer from 0 to 1,000", lambda v: 0 <= v <= 1_000)]
    closing_lr: Rate
    ranked_share: Share
    norm_momentum: Share
    recalibrate: bool
    chunk: Size
    precision: Literal["highest", "high", "medium"]
    accelerator: Literal["auto", "cpu", "gpu"]
    threads: Few | None
    compile: bool
    epsilon: Literal["corrected", "published"] = "corrected"  # Adam's, see `siamnas.training.module.AccuracyModule`
