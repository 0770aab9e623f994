"""On a machine of a cluster Lightning finds `srun`: it must not warn, nor take one process for a part of many."""

from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from siamnas.training.lightning import fit


class Line(pl.LightningModule):
    """Learns one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)

    def training_step(self, batch: Tensor) -> Tensor:
        return self.line(batch).square().mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def test_a_training_beside_slurm_is_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "srun").write_text("#!/bin/sh\n")
    (tmp_path / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name, value in {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2", "SLURM_PROCID": "1"}.items():
        fit(Line(), DataLoader(torch.ones(4, 1)), 1, "cpu", [])  # without, and within, a job
        monkeypatch.setenv(name, value)
    module = Line()
    fit(module, DataLoader(torch.ones(4, 1)), 1, "cpu", [])
    assert module.trainer.world_size == 1 and module.trainer.global_rank == 0
