"""Where networks are trained, and with which settings of torch: never those of the user, which stay as they are."""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import torch

from siamnas.errors import InputError

Method = TypeVar("Method", bound=Callable[..., Any])


def device_of(wanted: str) -> str:
    """The device, cpu or cuda, that `trainer.accelerator` = auto, cpu or gpu stands for on this machine."""
    return "cuda" if wanted == "gpu" or (wanted == "auto" and torch.cuda.is_available()) else "cpu"


def choose_device(wanted: str) -> str:
    """The device, cpu or cuda, for `trainer.accelerator` = auto, cpu or gpu.

    Raises:
        InputError: a GPU is wanted and there is none.
    """
    device = device_of(wanted)
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("trainer.accelerator=gpu: no CUDA device is visible; use auto or cpu")
    return device


@contextmanager
def own_torch(device: str, precision: str | None = None) -> Iterator[None]:
    """Within it torch is as it is when it has just been imported, and afterwards as it was.

    That is the default type and device, gradients, autocast and the global generators. On a CPU it has one thread:
    parallel work is chunks of repeats, see `siamnas.runtime.parallel`, and values depend on the number, by rounding.

    Args:
        device: that computes, as torch names it.
        precision: as `torch.set_float32_matmul_precision` takes it; None for the one that is set.
    """
    place = torch.device(device)
    with ExitStack() as kept:
        kept.enter_context(torch.random.fork_rng([place] if place.type == "cuda" else []))
        kept.enter_context(torch.inference_mode(False))
        kept.enter_context(torch.enable_grad())
        for kind in {"cpu", place.type}:
            kept.enter_context(torch.autocast(kind, enabled=False))
        if torch.empty(0).device.type != "cpu":
            kept.enter_context(torch.device("cpu"))  # slows every call down, so that it is not always there
        _set(kept, torch.set_default_dtype, torch.get_default_dtype(), torch.float32)
        if place.type == "cpu":
            _set(kept, torch.set_num_threads, torch.get_num_threads(), 1)
        if precision is not None:
            _set(kept, torch.set_float32_matmul_precision, torch.get_float32_matmul_precision(), precision)
        yield


def isolated(method: Method) -> Method:
    """A method of a predictor, which has a `device` and a `trainer`, within `own_torch`."""

    @functools.wraps(method)
    def run(self: Any, *args: Any, **options: Any) -> Any:
        with own_torch(self.device, self.trainer["precision"]):
            return method(self, *args, **options)

    return run  # type: ignore[return-value]


def _set(kept: ExitStack, change: Callable[[Any], None], before: Any, now: Any) -> None:
    """Change a setting until the end of a context."""
    if before != now:
        kept.callback(change, before)
        change(now)
