"""Where predictors are trained."""

import torch

from siamnas.errors import InputError


def device_of(wanted: str) -> str:
    """The device, cpu or cuda, that `trainer.accelerator` = auto, cpu or gpu stands for on this machine."""
    return "cuda" if wanted == "gpu" or (wanted == "auto" and torch.cuda.is_available()) else "cpu"


def choose_device(wanted: str, precision: str) -> str:
    """The device, cpu or cuda, for `trainer.accelerator` = auto, cpu or gpu, set up for training.

    On the CPU, torch is kept to one thread: parallel work is chunks of repeats, see `siamnas.runtime.parallel`.

    Args:
        wanted: `trainer.accelerator`.
        precision: `trainer.precision`, as `torch.set_float32_matmul_precision` takes it.

    Raises:
        InputError: a GPU is wanted and there is none.
    """
    device = device_of(wanted)
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("trainer.accelerator=gpu: no CUDA device is visible; use auto or cpu")
    torch.set_float32_matmul_precision(precision)
    if device == "cpu":
        torch.set_num_threads(1)
    return device
