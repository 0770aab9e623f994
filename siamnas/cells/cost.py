"""What a network costs, by torch's own counter."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.flop_counter import FlopCounterMode

BATCH = 2  # batch norm that trains refuses a single value per channel


@dataclass(frozen=True)
class Cost:
    """Of one network.

    Attributes:
        multiply_adds: of convolutions and matrix products for one image: half of what the counter calls FLOPs. Batch
            norm, activations, pooling, sums and biases are not counted. A column `flops` is this in millions; that of
            NAS-Bench-201 has one more per class, for the bias of the classifier, that of NAS-Bench-Macro has not.
        params: trainable numbers, batch norm's included; a column `params` is this in millions.
    """

    multiply_adds: int
    params: int


def count(network: nn.Module, image: Sequence[int] = (3, 32, 32)) -> Cost:
    """The cost of a network without computing anything: only shapes go through it, on the meta device.

    Args:
        network: on any device (`with torch.device("meta"):` makes one that takes no memory); it is not changed.
        image: shape of one input, (channels, height, width), or (tokens,) of a text.
    """
    state = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    shapes = {name: tensor.detach().to("meta") for name, tensor in state.items()}
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        functional_call(network, shapes, blank(image, "meta"))
    params = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    return Cost(counter.get_total_flops() // (2 * BATCH), params)


def blank(shape: Sequence[int], device: str = "cpu") -> Tensor:
    """A batch of inputs that say nothing: images (channels, height, width), or texts of the first token (tokens,)."""
    return torch.zeros(BATCH, *shape, device=device, dtype=torch.int64 if len(shape) == 1 else torch.float32)
