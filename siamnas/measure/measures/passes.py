"""Passes through a network that leave its weights and its statistics as they were."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.func import functional_call


def forward(network: nn.Module, images: Tensor, training: bool, state: Mapping[str, Tensor] | None = None) -> Tensor:
    """What the network makes of images (B, ...).

    Args:
        network: any.
        images: (B, 3, H, W).
        training: whether batch norm takes the statistics of the batch, else its running ones.
        state: parameters and buffers to take for the network's own, by their names.
    """
    buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
    return functional_call(network.train(training), {**buffers, **(state or {})}, (images,))


def gradients(output: Tensor, tensors: Iterable[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Each tensor that an output () depends on, and the output's gradient for it."""
    tensors = list(tensors)
    if not (output.requires_grad and tensors):
        return []
    found = zip(tensors, torch.autograd.grad(output, tensors, allow_unused=True), strict=True)
    return [(tensor.detach(), gradient) for tensor, gradient in found if gradient is not None]


@contextmanager
def watched(network: nn.Module, kinds: tuple[type[nn.Module], ...], look: Callable[[Tensor], None]) -> Iterator[None]:
    """`look` sees the input of every module of these kinds, in the order of the pass."""
    modules = [module for module in network.modules() if isinstance(module, kinds)]
    hooks = [module.register_forward_pre_hook(lambda _, inputs: look(inputs[0].detach())) for module in modules]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
