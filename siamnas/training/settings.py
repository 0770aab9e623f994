"""The fields of the group `trainer`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from siamnas.schema import Count, Natural, Positive, Rule, Share


@dataclass
class Phase:
    """A part of the training with one learning rate and a fresh optimiser."""

    share: Share
    lr: Positive


@dataclass
class Trainer:
    """The training schedule, see `conf/trainer/paper.yaml`."""

    batch_size: Count
    epochs: Count
    phases: Annotated[
        list[Phase],
        Rule("a list of phases whose shares sum to 1", lambda v: abs(sum(p["share"] for p in v) - 1) < 1e-6),
    ]
    closing_epochs: Natural
    closing_lr: Positive
    ranked_share: Share
    norm_momentum: Share
    recalibrate: bool
    chunk: Count
    precision: Literal["highest", "high", "medium"]
    accelerator: Literal["auto", "cpu", "gpu"]
    threads: Count | None
    compile: bool
