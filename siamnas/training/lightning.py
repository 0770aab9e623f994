"""A Lightning Trainer that costs nothing and says nothing between the epochs."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch

from siamnas.errors import InputError


def choose_device(wanted: str, precision: str) -> str:
    """The device, cpu or cuda, for `trainer.accelerator` = auto, cpu or gpu, set up for training.

    On the CPU, torch is kept to one thread: parallel work is chunks of repeats, see `siamnas.parallel`.

    Args:
        wanted: `trainer.accelerator`.
        precision: `trainer.precision`, as `torch.set_float32_matmul_precision` takes it.

    Raises:
        InputError: a GPU is wanted and there is none.
    """
    available = torch.cuda.is_available()
    if wanted == "gpu" and not available:
        raise InputError("trainer.accelerator=gpu: no CUDA device is visible; use auto or cpu")
    torch.set_float32_matmul_precision(precision)
    if available and wanted != "cpu":
        return "cuda"
    torch.set_num_threads(1)
    return "cpu"


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


def fit(module: pl.LightningModule, data: Any, epochs: int, device: str, callbacks: list[pl.Callback]) -> None:
    """Train `module` for so many epochs.

    Args:
        module: what to train.
        data: a LightningDataModule, or anything that Lightning takes as training data.
        epochs: `max_epochs`.
        device: cpu or cuda.
        callbacks: called in this order.
    """
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        # Lightning's hints (few workers, no validation) and its use of a deprecated torch function are not for users.
        warnings.filterwarnings("ignore", module=r"pytorch_lightning\.")
        warnings.filterwarnings("ignore", message=r".*LeafSpec.*", category=FutureWarning)
        trainer = pl.Trainer(
            accelerator="gpu" if device == "cuda" else "cpu",
            devices=1,
            max_epochs=epochs,
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        if isinstance(data, pl.LightningDataModule):
            trainer.fit(module, datamodule=data)
        else:
            trainer.fit(module, data)
