"""CUDA graphs for the training step, through `torch.compile`: a step is hundreds of operations of microseconds each."""

import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from siamnas.errors import reason

log = logging.getLogger(__name__)


def compiled(network: nn.Module, backend: str | Callable[..., Any] = "inductor") -> Callable[..., Tensor]:
    """The network's training pass as one compiled graph, replayed as a CUDA graph on a GPU.

    The weights stay those of `network`. It is compiled at the first call; if that fails (no Triton, no compiler), the
    network runs as it is, with one line in the log.

    Args:
        network: on its device, in training mode.
        backend: of `torch.compile`.

    Returns:
        What computes `network(...)`, with gradients.
    """
    options: dict[str, Any] = {"mode": "reduce-overhead"} if backend == "inductor" else {}
    graph = torch.compile(network, fullgraph=True, dynamic=False, backend=backend, **options)
    run: Callable[..., Tensor]

    def first(*inputs: Any) -> Tensor:
        nonlocal run
        try:
            out: Tensor = graph(*inputs)
            run = graph
        except Exception as error:
            log.warning("trainer.compile=true: %s; training runs without.", reason(error))
            run = network
            out = network(*inputs)
        return out

    run = first
    return lambda *inputs: run(*inputs)
