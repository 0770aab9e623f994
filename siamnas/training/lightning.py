"""A Lightning Trainer that costs nothing and says nothing between the epochs."""

import logging
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment

Precision = Literal["32-true", "bf16-mixed"]
"""Float32, or feature maps and convolutions in bfloat16 and weights in float32; as Lightning names them."""


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Within it the processor takes numbers below the normal range for zero.

    Adam's second moments get there, and are then many times slower to compute with. Whoever uses siamnas as a library
    gets back the arithmetic that they had.
    """
    before = torch.tensor(torch.finfo(torch.float32).tiny).div(2).item() == 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def fit(
    module: pl.LightningModule,
    data: Any,
    epochs: int,
    device: str,
    callbacks: list[pl.Callback],
    precision: Precision = "32-true",
) -> None:
    """Train `module` for so many epochs.

    Args:
        module: what to train.
        data: a LightningDataModule, or anything that Lightning takes as training data.
        epochs: `max_epochs`.
        device: as torch names it.
        callbacks: called in this order.
        precision: see `Precision`.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    place = torch.device(device)
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        # Lightning's hints (few workers, no validation) and its use of a deprecated torch function are not for users.
        warnings.filterwarnings("ignore", module=r"pytorch_lightning\.")
        warnings.filterwarnings("ignore", message=r".*LeafSpec.*", category=FutureWarning)
        warnings.filterwarnings("ignore", message=r"The `srun` command is available")  # as on every login node
        trainer = pl.Trainer(
            accelerator="gpu" if place.type == "cuda" else "cpu",
            devices=1 if place.index is None else [place.index],
            precision=precision,
            max_epochs=epochs,
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            plugins=[LightningEnvironment()],  # a job of Slurm trains like any other process
        )
        named = {"datamodule" if isinstance(data, pl.LightningDataModule) else "train_dataloaders": data}
        handler = signal.getsignal(signal.SIGINT)
        try:
            trainer.fit(module, **named)
        except SystemExit as ended:
            if not isinstance(ended.__context__, KeyboardInterrupt):
                raise
            signal.signal(signal.SIGINT, handler)  # Lightning ignores Ctrl-C from the first one on, and exits with 1
            raise KeyboardInterrupt from None
